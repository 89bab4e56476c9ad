import { CallBudget } from '@hotspare/cloud'
import { type Clock, systemClock } from '@hotspare/core'
import { canonicalName } from '../name.ts'
import type { DnsCapabilities, DnsProvider, Reading } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { DnsServer } from '../server.ts'
import { recordSet, sameSet } from '../value.ts'
import { zoneProvider } from '../zone-provider.ts'

/** What the embedded server can do, as a provider. */
const embeddedCapabilities: DnsCapabilities = Object.freeze<DnsCapabilities>({
  compareAndSwap: 'exact',
  atomicBatch: true,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
  minimumTtlSeconds: 0,
  // The next question is answered with it; secondaries have it after a NOTIFY and a transfer.
  typicalPropagationMs: 1,
  rate: { perSecond: 1_000, burst: 1_000, source: 'none: it is a call in this process' },
  proven: 'live',
  source: '@hotspare/dns/server',
})

/** It does not wait for anybody. */
const CALL_MS = 1_000

export interface EmbeddedZoneOptions {
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/**
 * A zone of an embedded server as a provider: changes compare exactly, all at once, and are served with the next question.
 *
 * @throws HotspareError `HOTSPARE_DNS_ZONE` for a zone that the server does not have
 */
export function embeddedZone(server: DnsServer, zoneName: string, options: EmbeddedZoneOptions = {}): DnsProvider {
  const { clock = systemClock } = options
  const zone = canonicalName(zoneName)
  // Also looks whether there is such a zone.
  server.serial(zone)
  const current = ({ name, type }: RecordSetName): Reading => ({ name, type, set: server.get(zone, { name, type }) })

  return zoneProvider({
    id: `embedded zone ${zone}`,
    zone,
    capabilities: embeddedCapabilities,
    clock,
    callMs: CALL_MS,
    budget: new CallBudget({ ...embeddedCapabilities.rate, clock }),
    read: (question) => Promise.resolve(current(question)),
    // Nothing is awaited between the comparison and the change: no other can come between them.
    async change(replacements) {
      const there = replacements.map(({ expected }) => current(expected))
      if (replacements.some(({ expected: { set } }, index) => !sameSet(set && recordSet(set), there[index]?.set))) {
        return { kind: 'conflict', current: there }
      }
      const sets = replacements.flatMap(({ next }) => (next ? [next] : []))
      const remove = replacements.flatMap(({ expected, next }) => (next ? [] : [expected]))
      return { kind: 'applied', serial: server.set(zone, sets, { remove }).serial }
    },
  })
}
