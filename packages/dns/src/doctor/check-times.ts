import { whyNotExpressible } from '../expressible.ts'
import type { DnsCapabilities } from '../provider.ts'
import type { RecordSet } from '../record-set.ts'
import { type Asked, recordsOf, type Soa } from '../verify/answer.ts'
import type { Finding } from './finding.ts'

/** Whether the provider can have a set as it is configured. */
export function checkExpressible(set: RecordSet, capabilities: DnsCapabilities): readonly Finding[] {
  const where = `${set.name} ${set.type}`
  const { minimumTtlSeconds: floor, ttlSteps } = capabilities
  if (set.ttlSeconds < floor) {
    const what = `a TTL of ${set.ttlSeconds} s, and the least that the provider has is ${floor} s`
    return [{ code: 'ttl-below-floor', severity: 'error', where, what, fix: `a TTL of ${floor} s, or a provider that allows less` }]
  }
  if (ttlSteps && !ttlSteps.includes(set.ttlSeconds)) {
    const what = `a TTL of ${set.ttlSeconds} s, and the provider has ${ttlSteps.join(', ')} s alone`
    return [{ code: 'ttl-no-step', severity: 'error', where, what, fix: 'one of these' }]
  }
  const what = whyNotExpressible(capabilities, set)
  return what === undefined ? [] : [{ code: 'set-inexpressible', severity: 'error', where, what, fix: 'another set, or another provider' }]
}

/** RFC 2308, 5: whoever asks while the name is not there remembers that for so long. */
export function checkNegativeTtl(zone: string, sets: readonly RecordSet[], soa: Soa | undefined): readonly Finding[] {
  const shortest = sets.reduce<RecordSet | undefined>((best, set) => (best && best.ttlSeconds <= set.ttlSeconds ? best : set), undefined)
  if (!soa || !shortest || soa.negativeTtlSeconds <= shortest.ttlSeconds) return []
  return [
    {
      code: 'negative-ttl-longer',
      severity: 'warning',
      where: zone,
      what:
        `resolvers remember for ${soa.negativeTtlSeconds} s that something is not there (SOA minimum), ` +
        `and ${shortest.name} ${shortest.type} for ${shortest.ttlSeconds} s`,
      fix: `an SOA minimum of ${shortest.ttlSeconds} s: else a record that was missing for a moment is missed for longer than one that was wrong`,
    },
  ]
}

/** @param asked the answer of a server to the question for the set */
export function checkServedTtl(set: RecordSet, asked: Asked | undefined): readonly Finding[] {
  if (asked?.kind !== 'answer') return []
  const ttls = recordsOf(asked.answer.answers, set.name, set.type).map(({ ttlSeconds }) => ttlSeconds)
  if (ttls.length === 0) return []
  const served = Math.max(...ttls)
  if (served === set.ttlSeconds) return []
  return [
    {
      code: 'ttl-differs',
      severity: 'warning',
      where: `${set.name} ${set.type}`,
      what: `served with a TTL of ${served} s, and configured with ${set.ttlSeconds} s`,
      fix: 'the next change mends it; until then resolvers go by what is served',
    },
  ]
}
