import { clipDetail } from '@hotspare/core'
import type { KeepalivedConfig } from '@hotspare/vrrp/keepalived'
import { shadowLimits } from './limits.ts'
import type { WatchedInstance } from './router-record.ts'

/** Where it goes when nothing is said, as keepalived has it. */
const DEFAULT_INTERFACE = 'eth0'
const SHOWN = 40

/**
 * The instances that can be watched: those that have a number and an address.
 *
 * @param link where to listen, if not where the file says: on another machine an interface may have another name
 */
export function watchedInstances(config: KeepalivedConfig, link: string | undefined): readonly WatchedInstance[] {
  return config.instances.flatMap((instance) => {
    const { routerId, addresses } = instance
    if (routerId === undefined || addresses.length === 0) return []
    return [{ ...instance, routerId, interface: link ?? instance.interface ?? DEFAULT_INTERFACE }]
  })
}

/** What who reads the report should know of the file, and of what can be seen at all. */
export function configNotes(config: KeepalivedConfig, instances: readonly WatchedInstance[]): readonly string[] {
  const problems = config.problems.slice(0, SHOWN).map(({ file, line, message }) => `${file}:${line}: ${message}`)
  const unread = config.unread.map(({ keyword, count }) => (count > 1 ? `${keyword} (${count})` : keyword))
  const listed = unread.length === 0 ? [] : [`Not followed: ${unread.slice(0, SHOWN).join(', ')}${unread.length > SHOWN ? ', ...' : ''}.`]
  const seen = instances.flatMap(({ name, virtualHardware, unicastPeers, advertMs, version }) => [
    ...(virtualHardware
      ? [`${name}: use_vmac gives all nodes one hardware address, so two holders of its addresses cannot be told apart.`]
      : []),
    ...(unicastPeers.length > 0 ? [`${name}: its adverts are unicast, and are seen on its own nodes alone.`] : []),
    ...(version === 2 && advertMs % 1_000 !== 0
      ? [`${name}: version 2 has whole seconds alone; advert_int is rounded by keepalived.`]
      : []),
  ])
  return [...problems, ...listed, ...seen].slice(0, shadowLimits.notes - SHOWN).map((note) => clipDetail(note, 500))
}
