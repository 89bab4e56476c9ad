import { clockPart } from '@hotspare/cloud'
import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { memoryClient, type MemoryZoneState } from './memory/client.ts'
import { FaultQueue, type MemoryFault, type MemoryFaultOptions } from './memory/faults.ts'
import { MemoryStore } from './memory/store.ts'
import { parseOptions } from './options.ts'
import { durationPart, namePart } from './schema-parts.ts'
import type { CompareAndSwap, DnsCapabilities, DnsProvider } from './provider.ts'
import { type RecordSet, type RecordSetName, recordTypes } from './record-set.ts'
import { recordSet } from './value.ts'

export type { MemoryFault, MemoryFaultOptions } from './memory/faults.ts'

export interface MemoryZoneOptions {
  /** `example.com` */
  readonly zone: string
  /** Default: `exact` */
  readonly compareAndSwap?: CompareAndSwap | undefined
  /** Default: true */
  readonly atomicBatch?: boolean | undefined
  /** The shortest TTL, in seconds. Default: 0 */
  readonly minimumTtlSeconds?: number | undefined
  /** How many values a set may have. Default: any number */
  readonly mostValues?: number | undefined
  /** How long a call may take, in milliseconds. Default: 10,000 */
  readonly callMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

interface Resolved {
  readonly zone: string
  readonly compareAndSwap: CompareAndSwap
  readonly atomicBatch: boolean
  readonly minimumTtlSeconds: number
  readonly mostValues?: number | undefined
  readonly callMs: number
  readonly clock: Clock
}

/** A zone in the memory of this process. */
export interface MemoryZone extends DnsProvider {
  /** Another client of the same zone: with a time, pauses and an end of its own. */
  connect(options?: { readonly clock?: Clock | undefined }): DnsProvider
  /** Everything that is there. */
  sets(): readonly RecordSet[]
  /** What is there of one name and type. */
  get(name: RecordSetName): RecordSet | undefined
  /** Puts a set there, as somebody else would. @throws HotspareError `HOTSPARE_DNS_VALUE` */
  put(set: RecordSet): void
  /** Takes a set away, as somebody else would. */
  remove(name: RecordSetName): void
  /** Grows with each change. */
  readonly serial: number
  /** The next calls go wrong. */
  fail(fault: MemoryFault, options?: MemoryFaultOptions): void
  /** Called once a change has come, before it is looked at: whoever comes in between. */
  onChange(listener: (() => unknown) | undefined): void
  /** What was asked lately, in order: `read www.example.com A`, `change www.example.com A`. */
  readonly asked: readonly string[]
  /** How many calls were left without an answer so far. */
  readonly hung: number
}

export const memoryZoneOptionsSchema: z.ZodType<Resolved, MemoryZoneOptions> = z.strictObject({
  zone: namePart,
  compareAndSwap: z.enum(['exact', 'etag', 'none']).default('exact'),
  atomicBatch: z.boolean().default(true),
  minimumTtlSeconds: z.int().min(0).max(604_800).default(0),
  mostValues: z.int().min(1).optional(),
  callMs: durationPart().default(10_000),
  clock: clockPart,
})

/**
 * A zone that lives in this process alone: for programs that try things out, and for tests, which can make it fail.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function memoryZone(options: MemoryZoneOptions): MemoryZone {
  const { zone, callMs, clock: ownClock, ...terms } = parseOptions('memory', memoryZoneOptionsSchema, options)
  const store = new MemoryStore(terms.compareAndSwap)
  const capabilities: DnsCapabilities = {
    ...terms,
    types: recordTypes,
    typicalPropagationMs: 0,
    rate: { perSecond: 10_000, burst: 10_000, source: 'none: it is memory' },
    proven: 'live',
    source: '@hotspare/dns/memory',
  }
  const state: MemoryZoneState = { zone, capabilities, callMs, store, faults: new FaultQueue(), asked: [], hung: 0, listener: undefined }
  return {
    ...memoryClient(state, ownClock),
    connect: ({ clock = ownClock } = {}) => memoryClient(state, clock),
    sets: () => store.sets(),
    get: (name) => store.read(name).set,
    put: (set) => store.put(recordSet(set)),
    remove: (name) => store.remove(name),
    get serial() {
      return store.serial
    },
    fail: (fault, faultOptions) => state.faults.add(fault, faultOptions),
    onChange: (listener) => void (state.listener = listener),
    asked: state.asked,
    get hung() {
      return state.hung
    },
  }
}
