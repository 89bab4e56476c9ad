import { CallBudget, clockPart, CloudError } from '@hotspare/cloud'
import type { Clock } from '@hotspare/core'
import type { TsigKey, UpdateChange } from '@hotspare/dns-wire'
import { createDnsClient, type ServerAddress, type UpdateResult } from '@hotspare/dns-wire/client'
import { z } from 'zod'
import { parseOptions } from '../options.ts'
import { durationPart, namePart, tsigKeyPart } from '../schema-parts.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { zoneProvider } from '../zone-provider.ts'
import { readAnswer } from './rfc2136/answer.ts'
import { refusalError, thrownError, wasOvertaken } from './rfc2136/refusal.ts'
import { updateOf } from './rfc2136/update.ts'

export interface Rfc2136ZoneOptions {
  /** `example.com` */
  readonly zone: string
  /** The primary of the zone: an address with port 53, or both. */
  readonly server: string | { readonly address: string; readonly port?: number | undefined }
  /** The TSIG key that may update the zone. Default: none, for servers that allow updates by address alone */
  readonly key?: TsigKey | undefined
  /** How long a reading or a change may take as a whole, in milliseconds. Default: 5,000 */
  readonly callMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

interface Resolved {
  readonly zone: string
  readonly server: string | ServerAddress
  readonly key?: TsigKey | undefined
  readonly callMs: number
  readonly clock: Clock
}

const addressPart = z.union([z.ipv4(), z.ipv6()])

export const rfc2136ZoneOptionsSchema: z.ZodType<Resolved, Rfc2136ZoneOptions> = z.strictObject({
  zone: namePart,
  server: z.union(
    [addressPart, z.strictObject({ address: addressPart, port: z.int().min(1).max(65_535).optional() })],
    'expected the address of a name server, like 192.0.2.53, or { address, port }',
  ),
  key: tsigKeyPart.optional(),
  // A server of one's own answers within milliseconds, and a lost packet is repeated within a second or two.
  callMs: durationPart().default(5_000),
  clock: clockPart,
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'exact',
  atomicBatch: true,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
  minimumTtlSeconds: 0,
  // A secondary by its usual settings: NOTIFY is sent at once, and answered within five seconds.
  typicalPropagationMs: 5_000,
  rate: { perSecond: 50, burst: 100, source: 'none is published: it is a server of your own' },
  proven: 'live',
  source: 'RFC 2136',
}

/**
 * A zone at a name server that takes dynamic updates (BIND, Knot, PowerDNS, and others): what is expected stands in the update as
 * prerequisites, so that the server itself compares, and changes all of it or nothing. A TTL cannot be compared (RFC 2136, 2.4.2).
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function rfc2136Zone(options: Rfc2136ZoneOptions): DnsProvider {
  const { zone, server, key, callMs, clock } = parseOptions('rfc2136', rfc2136ZoneOptionsSchema, options)
  const client = createDnsClient({ server, key, timeoutMs: callMs, clock })
  const id = `rfc2136 zone ${zone} at ${client.id}`
  const budget = new CallBudget({ perSecond: capabilities.rate.perSecond, burst: capabilities.rate.burst, clock })

  /** One exchange with the server, in its turn. */
  async function exchange<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    budget.checkPause(id)
    await budget.take(signal)
    try {
      return await ask()
    } catch (thrown) {
      const error = thrownError(id, thrown)
      if (error instanceof CloudError) budget.failed(error)
      throw error
    }
  }

  async function read({ name, type }: RecordSetName, { signal }: CallOptions): Promise<Reading> {
    // What the primary itself has is meant, and not what it remembers of others.
    const asked = { name, type, tcp: true, recursionDesired: false }
    const { message } = await exchange(signal, () => client.query(asked, { signal }))
    return { name, type, set: readAnswer(id, message, { name, type }) }
  }

  function send(change: UpdateChange, signal: AbortSignal): Promise<UpdateResult> {
    return exchange(signal, () => client.update(change, { signal }))
  }

  /** What is there now. A wildcard answers for names that do not exist: then there is nothing to compare with. */
  async function current({ expected }: Replacement, signal: AbortSignal): Promise<Reading> {
    const reading = await read(expected, { signal })
    if (!reading.set) return reading
    const { name, type } = reading
    const probe = await send({ zone, prerequisites: [{ kind: 'set-absent', name, type }], updates: [] }, signal)
    return probe.kind === 'applied' ? { name, type, set: undefined } : reading
  }

  return zoneProvider({
    id,
    zone,
    capabilities,
    clock,
    callMs,
    budget,
    read,
    async change(replacements, { signal }): Promise<ChangeOutcome> {
      const result = await send(updateOf(zone, replacements), signal)
      if (result.kind === 'applied') return { kind: 'applied' }
      if (!wasOvertaken(result, key !== undefined)) {
        const error = refusalError(id, result, key !== undefined)
        budget.failed(error)
        throw error
      }
      return { kind: 'conflict', current: await Promise.all(replacements.map((each) => current(each, signal))) }
    },
    close: () => client.close(),
  })
}
