import { type StandInRequest, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { type Clock, systemClock } from '@hotspare/core'
import type { DnsProvider } from '../provider.ts'
import type { RecordSet, RecordSetName, RecordType } from '../record-set.ts'
import type { DnsProviderFixture, DnsStandIn } from '../testing/index.ts'
import { recordSet } from '../value.ts'

export const ZONE = 'example.com'

/** What a stand-in keeps, as tests look at it past the driver. */
type Kept = Pick<DnsProviderFixture, 'seed' | 'remove' | 'peek'>

/** Sets, for providers that know them. */
export class KeptSets implements Kept {
  readonly #sets = new Map<string, RecordSet>()

  seed(set: RecordSet): void {
    this.#sets.set(`${set.name} ${set.type}`, set)
  }

  remove({ name, type }: RecordSetName): void {
    this.#sets.delete(`${name} ${type}`)
  }

  peek({ name, type }: { readonly name: string; readonly type: string }): RecordSet | undefined {
    return this.#sets.get(`${name} ${type}`)
  }

  /** Whether a CNAME would stand beside something else. RFC 1034, 3.6.2. */
  clashes({ name, type }: RecordSetName): boolean {
    return [...this.#sets.values()].some((set) => set.name === name && set.type !== type && (set.type === 'CNAME' || type === 'CNAME'))
  }

  copy(): KeptSets {
    const copied = new KeptSets()
    for (const set of this.#sets.values()) copied.seed(set)
    return copied
  }

  take(other: KeptSets): void {
    this.#sets.clear()
    for (const [key, set] of other.#sets) this.#sets.set(key, set)
  }
}

export interface ListedRecord {
  readonly id: string
  readonly name: string
  readonly type: RecordType
  readonly ttlSeconds: number
  /** Canonical. */
  readonly value: string
}

/** Records, each with a number of its own, for providers that know no sets. */
export class KeptRecords implements Kept {
  list: readonly ListedRecord[] = []
  #next = 1_000

  nextId(): string {
    return String(this.#next++)
  }

  seed(set: RecordSet): void {
    this.remove(set)
    const { name, type, ttlSeconds } = set
    this.list = [...this.list, ...set.values.map((value) => ({ id: this.nextId(), name, type, ttlSeconds, value }))]
  }

  remove({ name, type }: RecordSetName): void {
    this.list = this.list.filter((record) => record.name !== name || record.type !== type)
  }

  peek({ name, type }: RecordSetName): RecordSet | undefined {
    const own = this.list.filter((record) => record.name === name && record.type === type)
    if (own.length === 0) return undefined
    const ttlSeconds = Math.max(...own.map((record) => record.ttlSeconds))
    return recordSet({ name, type, ttlSeconds, values: own.map(({ value }) => value) })
  }
}

export interface StandInParts {
  readonly vendor: Vendor
  readonly kept: Kept
  /** @param url of the server, without a path */
  readonly open: (url: string, clock: Clock) => DnsProvider
  /** Nobody is believed from now on. */
  readonly refuseCredentials: () => void
  readonly secrets: readonly string[]
}

export interface StandInFixture extends DnsProviderFixture {
  readonly server: StandInServer
}

export async function standInFixture({ vendor, kept, open, refuseCredentials, secrets }: StandInParts): Promise<StandInFixture> {
  const server = await new StandInServer(vendor).start()
  const standIn: DnsStandIn = {
    get hung() {
      return server.hung
    },
    asked: server.asked,
    objections: server.objections,
    fail: (fault, options) => server.fail(fault, options),
    onChange: (listener) => server.onChange(listener && (() => void listener())),
    refuseCredentials,
  }
  return {
    server,
    standIn,
    open: (clock) => open(server.url, clock),
    seed: (set) => kept.seed(set),
    remove: (name) => kept.remove(name),
    peek: (name) => kept.peek(name),
    secrets,
    close: () => server.close(),
  }
}

/** Every look at it is an hour later: limits and pauses are always over. */
export function hastyClock(): Clock {
  let nowMs = 0
  return {
    monotonicMs: () => (nowMs += 3_600_000),
    wallMs: () => systemClock.wallMs(),
    schedule: (delayMs, callback) => systemClock.schedule(delayMs, callback),
  }
}

/** The body of a request, if it is a JSON object or list and says that it is; undefined for anything else. */
export function jsonOf({ headers, body }: StandInRequest): unknown {
  if (headers['content-type'] !== 'application/json') return undefined
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' ? (parsed ?? undefined) : undefined
  } catch {
    return undefined
  }
}

/** An object with all of the first keys, and none but these and the second. */
export function hasKeys(value: unknown, required: readonly string[], optional: readonly string[] = []): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  return required.every((key) => keys.includes(key)) && keys.every((key) => required.includes(key) || optional.includes(key))
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
}

export function isTtl(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

/** Whether a query has these keys, each once, and no others. */
export function asksFor({ query }: StandInRequest, keys: readonly string[]): boolean {
  return [...query.keys()].toSorted().join() === [...keys].toSorted().join()
}
