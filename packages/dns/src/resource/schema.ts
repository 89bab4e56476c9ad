import { clockPart } from '@hotspare/cloud'
import { type Clock, errorText, optionsError, type OptionsIssue, type Random } from '@hotspare/core'
import type { ResourceVerb } from '@hotspare/core/plan'
import { z } from 'zod'
import { whyNotExpressible } from '../expressible.ts'
import { isWithin } from '../name.ts'
import { parseOptions } from '../options.ts'
import { durationPart, functionPart, namePart, providerPart, randomPart, ttlPart } from '../schema-parts.ts'
import { ownerSet } from '../plan-records.ts'
import type { DnsProvider } from '../provider.ts'
import type { ServedCheck } from '../reconcile-served.ts'
import { type RecordSet, type RecordType, recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { type ByHand, consoleByHand } from './by-hand.ts'
import { allowedOf, lookEveryOf } from './defaults.ts'
import type { DnsResourceOptions } from './options.ts'

/** {@link DnsResourceOptions}, checked and complete. */
export interface ResolvedDnsResource {
  readonly provider: DnsProvider
  readonly node: string
  readonly name: string
  readonly type: RecordType
  /** Of every member: the set that leads to it. */
  readonly follows: ReadonlyMap<string, RecordSet>
  readonly adopt: boolean
  readonly served: ServedCheck | undefined
  readonly byHand: ByHand
  readonly nameServer: string | undefined
  readonly allowedMs: Readonly<Record<ResourceVerb, number>>
  readonly lookEveryMs: number
  readonly clock: Clock
  readonly random: Random
}

/** As it stands in the owner record. */
const nodePart = z.string().regex(/^[\w.-]{1,63}$/, 'expected letters, digits, dots, hyphens and underscores, 63 of them at most')

const schema = z.strictObject({
  provider: providerPart,
  node: nodePart,
  name: namePart,
  type: z.enum(recordTypes),
  follows: z.record(nodePart, z.array(z.string()).min(1)),
  ttlSeconds: ttlPart,
  adopt: z.boolean().default(false),
  served: functionPart<ServedCheck>().optional(),
  byHand: functionPart<ByHand>().optional(),
  nameServer: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'expected a name or an address')
    .optional(),
  allowedMs: z.strictObject({ acquire: durationPart(), release: durationPart() }).optional(),
  lookEveryMs: durationPart().optional(),
  clock: clockPart,
  random: randomPart,
})

/** @throws HotspareError `HOTSPARE_DNS_OPTIONS` that names what is wrong, also what the provider cannot have */
export function parseDnsResource(options: DnsResourceOptions): ResolvedDnsResource {
  const who = 'dns resource'
  const { provider, node, name, type, ttlSeconds, follows: given, served, nameServer, ...rest } = parseOptions(who, schema, options)
  const { id, zone, capabilities } = provider
  const issues: OptionsIssue[] = []
  const follows = new Map<string, RecordSet>()
  for (const [member, values] of Object.entries(given)) {
    try {
      const set = recordSet({ name, type, ttlSeconds, values })
      follows.set(member, set)
      const message = whyNotExpressible(capabilities, set)
      if (message !== undefined) issues.push({ path: ['follows', member], message: `${id}: ${message}` })
    } catch (error) {
      issues.push({ path: ['follows', member], message: errorText(error) })
    }
  }
  if (!isWithin(name, zone)) issues.push({ path: ['name'], message: `${name} is not in the zone ${zone} of ${id}` })
  if (!follows.has(node) && !Object.hasOwn(given, node)) issues.push({ path: ['follows'], message: `it has nothing for ${node}` })
  const claim = whyNotExpressible(capabilities, ownerSet({ name, ttlSeconds }, { node, token: 1 }))
  if (claim !== undefined && issues.length === 0)
    issues.push({ path: ['provider'], message: `${id}: no owner record can be kept: ${claim}` })
  if (issues.length > 0) throw optionsError({ code: 'HOTSPARE_DNS_OPTIONS', who, issues })
  const { byHand = consoleByHand(id), allowedMs = allowedOf(capabilities), lookEveryMs = lookEveryOf(capabilities), ...same } = rest
  return { provider, node, name, type, follows, served, nameServer, byHand, allowedMs, lookEveryMs, ...same }
}
