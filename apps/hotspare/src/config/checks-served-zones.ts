import { canonicalName } from '@hotspare/dns'
import { createDnsServer, type ServedSet, type ServedZoneOptions } from '@hotspare/dns/server'
import { errorText } from '@hotspare/core'
import { servedZone } from '../dns/served-zone.ts'
import { EMBEDDED } from './config-dns.ts'
import { absoluteName } from './dns-names.ts'
import type { Finding } from './problem.ts'
import type { ParsedAnsweringRecord, ParsedDns } from './schema-dns.ts'

/** Names of records that are too long together with their zone, and whatever the server of this file would not serve. */
export function servedZoneFindings({ server, records }: ParsedDns): Finding[] {
  const long = records.flatMap(({ name, zone }, index) => {
    if (refusal(() => canonicalName(absoluteName(name, zone))) === undefined) return []
    // Each of the two is a name by itself.
    return [
      { path: ['dns', 'records', index, 'name'], message: 'too long together with its zone', hint: 'a name has 253 characters at most' },
    ]
  })
  if (!server || long.length > 0) return long
  const zones = server.zones.map((zone) =>
    servedZone({ ...zone, records: zone.records.map((record) => ({ ...record, name: absoluteName(record.name, zone.name) })) }),
  )
  const alone = zones.flatMap((zone) => aloneFindings(zone))
  if (alone.length > 0) return alone
  // Each is well by itself: what is wrong is wrong between them, and the message names it.
  const whole = zones.map((zone) => ({ ...zone, records: [...(zone.records ?? []), ...answeredSets(zone.name, records)] }))
  const why = serverRefuses(whole)
  return why === undefined ? [] : [{ path: ['dns', 'server', 'zones'], message: why }]
}

function aloneFindings(zone: ServedZoneOptions): Finding[] {
  const path = ['dns', 'server', 'zones', zone.name]
  const bare = serverRefuses([{ ...zone, records: [] }])
  if (bare !== undefined) return [{ path, at: 'key', message: bare }]
  return (zone.records ?? []).flatMap((record, index) => {
    const why = serverRefuses([{ ...zone, records: [record] }])
    return why === undefined ? [] : [{ path: [...path, 'records', index], message: why }]
  })
}

/** What stands for the targets of a record, which may be none of the addresses that are answered. */
function answeredSets(zone: string, records: readonly ParsedAnsweringRecord[]): readonly ServedSet[] {
  return records.flatMap(({ zone: of, name, family, ttlSeconds, providers }) => {
    if (of !== zone || !providers.includes(EMBEDDED)) return []
    const [type, value] = family === 4 ? ['A', '192.0.2.1'] : ['AAAA', '2001:db8::1']
    return [{ name: absoluteName(name, zone), type, ttlSeconds, values: [value] }]
  })
}

/** Made to find out what it says: it does not listen before it is started. */
function serverRefuses(zones: readonly ServedZoneOptions[]): string | undefined {
  return refusal(() => createDnsServer({ zones, listen: [{ address: '127.0.0.1' }] }))
}

function refusal(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    return errorText(error)
  }
}
