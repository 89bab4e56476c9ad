import { dnsError } from './errors.ts'
import { isWithin } from './name.ts'
import type { DnsCapabilities, DnsProvider, Replacement } from './provider.ts'
import type { RecordSet } from './record-set.ts'

/** Why a provider cannot have a set as it is; undefined where it can. */
export function whyNotExpressible(
  { types, mostValues = Infinity, minimumTtlSeconds, ttlSteps }: DnsCapabilities,
  { name, type, ttlSeconds, values }: RecordSet,
): string | undefined {
  const what = `${name} ${type}`
  if (!types.includes(type)) return `${what}: there are no records of type ${type}, only ${types.join(', ')}`
  if (values.length === 0) return `${what} has no values: a set is never empty`
  if (values.length > mostValues) return `${what} has ${values.length} values: a set can have ${mostValues}`
  if (ttlSeconds < minimumTtlSeconds) return `${what}: a TTL of ${ttlSeconds} s is below the least there is, ${minimumTtlSeconds} s`
  if (ttlSteps && !ttlSteps.includes(ttlSeconds)) return `${what}: there is no TTL of ${ttlSeconds} s, only ${ttlSteps.join(', ')}`
  return undefined
}

/**
 * What no provider is asked for. Each driver looks at this before it calls anybody.
 *
 * @throws HotspareError `HOTSPARE_DNS_UNSUPPORTED`
 */
export function checkReplacements(
  { id, zone, capabilities }: Pick<DnsProvider, 'id' | 'zone' | 'capabilities'>,
  replacements: readonly Replacement[],
): void {
  const problem = problemOf(zone, capabilities, replacements)
  if (problem !== undefined) throw dnsError('HOTSPARE_DNS_UNSUPPORTED', `${id}: ${problem}`)
}

function problemOf(zone: string, capabilities: DnsCapabilities, replacements: readonly Replacement[]): string | undefined {
  if (replacements.length === 0) return 'a change of nothing was asked for'
  if (replacements.length > 1 && !capabilities.atomicBatch) {
    return `${replacements.length} sets were to change in one step, and it changes one at a time`
  }
  const seen = new Set<string>()
  for (const { expected, next } of replacements) {
    const what = `${expected.name} ${expected.type}`
    if (!isWithin(expected.name, zone)) return `${what} is not in the zone ${zone}`
    if (seen.has(what)) return `${what} was to change twice in one step`
    seen.add(what)
    if (next && (next.name !== expected.name || next.type !== expected.type)) return `${what} was to become ${next.name} ${next.type}`
    const inexpressible = next && whyNotExpressible(capabilities, next)
    if (inexpressible !== undefined) return inexpressible
  }
  return undefined
}
