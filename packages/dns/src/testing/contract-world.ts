import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { CloudError } from '@hotspare/cloud'
import type { StandInFault } from '@hotspare/cloud/testing'
import { type Clock, systemClock } from '@hotspare/core'
import type { ChangeOutcome, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSet, RecordSetName, RecordType } from '../record-set.ts'
import { recordSet, sameSet } from '../value.ts'
import type { DnsProviderFixture, DnsStandIn } from './provider-fixture.ts'
import { QuietClock } from './quiet-clock.ts'

const never: AbortSignal = new AbortController().signal

/** Values that each type can have; none of them needs a name that exists. */
const EXAMPLES: Readonly<Record<RecordType, readonly string[]>> = {
  A: ['192.0.2.1', '192.0.2.2', '198.51.100.3', '203.0.113.4'],
  AAAA: ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::3', '2001:db8::4'],
  CNAME: ['one.example.net', 'two.example.net', 'three.example.net', 'four.example.net'],
  ALIAS: ['one.example.net', 'two.example.net', 'three.example.net', 'four.example.net'],
  TXT: ['one', 'two', 'three', 'four'],
  SRV: ['10 5 443 one.example.net', '20 5 443 two.example.net', '30 5 443 three.example.net', '40 5 443 four.example.net'],
  HTTPS: ['1 . alpn=h2', '2 one.example.net alpn=h2', '3 two.example.net', '4 three.example.net'],
}

/** A provider with its clients and its clock, and what was said of it: what each test of the contract begins with. */
export class ContractWorld {
  readonly fixture: DnsProviderFixture
  readonly clock: Clock
  readonly provider: DnsProvider
  readonly said: string[] = []
  readonly #quiet: QuietClock | undefined
  readonly #opened: DnsProvider[] = []

  constructor(fixture: DnsProviderFixture) {
    this.fixture = fixture
    const { standIn } = fixture
    if (standIn) {
      this.#quiet = new QuietClock(() => `${standIn.asked.length} ${standIn.hung}${(standIn.busy ?? 0) > 0 ? ' busy' : ''}`)
    }
    this.clock = this.#quiet ?? systemClock
    this.provider = this.open()
    this.said.push(this.provider.id)
  }

  /** Another client of the same zone. */
  open(): DnsProvider {
    const provider = this.fixture.open(this.clock)
    this.#opened.push(provider)
    return provider
  }

  get standIn(): DnsStandIn {
    assert.ok(this.fixture.standIn, 'this test needs a stand-in')
    return this.fixture.standIn
  }

  hasFault(fault: StandInFault): boolean {
    const { standIn, faults } = this.fixture
    return standIn !== undefined && (faults?.includes(fault) ?? true)
  }

  /** What was asked so far; none where nobody counts. */
  get asked(): number {
    return this.fixture.standIn?.asked.length ?? 0
  }

  name(label: string): string {
    return label === '@' ? this.provider.zone : `${label}.${this.provider.zone}`
  }

  /** The shortest TTL that tests use, and a longer one. */
  ttl(which: 'short' | 'long'): number {
    const { minimumTtlSeconds, ttlSteps } = this.provider.capabilities
    if (ttlSteps) return ttlSteps.filter((step) => step >= minimumTtlSeconds)[which === 'short' ? 0 : 1] ?? minimumTtlSeconds
    const shortest = Math.max(60, minimumTtlSeconds)
    return which === 'short' ? shortest : 2 * shortest
  }

  /** A set whose values are the examples with these numbers, as many as it can have. */
  set(label: string, type: RecordType, which: readonly number[], ttl: 'short' | 'long' = 'short'): RecordSet {
    const { mostValues = Infinity } = this.provider.capabilities
    const most = type === 'CNAME' || type === 'ALIAS' ? 1 : mostValues
    const values = which.slice(0, most).map((index) => EXAMPLES[type][index] ?? 'none')
    return recordSet({ name: this.name(label), type, ttlSeconds: this.ttl(ttl), values })
  }

  absent(label: string, type: RecordType): RecordSetName {
    return { name: this.name(label), type }
  }

  /** Waits for its turn first: limits of minutes would be minutes of test. */
  async read(question: RecordSetName, provider: DnsProvider = this.provider): Promise<Reading> {
    this.#passLimits(provider)
    return this.#heard(provider.read(question, { signal: never }))
  }

  async change(replacements: readonly Replacement[], provider: DnsProvider = this.provider): Promise<ChangeOutcome> {
    this.#passLimits(provider)
    return this.#heard(provider.change(replacements, { signal: never }))
  }

  /** Reads what is there, and brings about what has to be. */
  async put(next: RecordSet): Promise<void> {
    assert.equal((await this.change([{ expected: await this.read(next), next }])).kind, 'applied')
  }

  /** What is there has to be this, by the server's word and by the driver's. */
  async expectThere(set: RecordSet): Promise<void> {
    assert.deepEqual(await this.fixture.peek(set), set)
    assert.deepEqual((await this.read(set)).set, set)
  }

  async expectAbsent(name: RecordSetName): Promise<void> {
    assert.equal(await this.fixture.peek(name), undefined)
    assert.equal((await this.read(name)).set, undefined)
  }

  /** Has to be a conflict, which tells what is there. */
  expectConflict(outcome: ChangeOutcome, current: readonly (RecordSet | undefined)[]): void {
    assert.equal(outcome.kind, 'conflict', 'what has changed meanwhile is a conflict')
    assert.ok(outcome.kind === 'conflict')
    assert.deepEqual(
      outcome.current.map(({ set }) => set),
      current,
    )
  }

  /** Has to fail, and not with anything unheard of. */
  async expectFault(call: Promise<unknown>, faults: readonly string[]): Promise<CloudError> {
    const thrown: unknown = await call.then(
      (value) => assert.fail(`expected a failure, and got ${inspect(value)}`),
      (error: unknown) => error,
    )
    if (!(thrown instanceof CloudError)) throw thrown
    assert.ok(faults.includes(thrown.fault), `expected ${faults.join(' or ')}, and got ${thrown.fault}: ${thrown.message}`)
    return thrown
  }

  async isThere(set: RecordSet): Promise<boolean> {
    return sameSet(await this.fixture.peek(set), set)
  }

  /** Lets the time of a pause pass. */
  pass(ms: number): void {
    this.#quiet?.move(ms)
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((each) => each.close()))
    this.#quiet?.stop()
    await this.fixture.close()
  }

  #passLimits(provider: DnsProvider): void {
    const waitMs = provider.waitMs()
    if (waitMs > 0) this.pass(waitMs)
  }

  async #heard<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      this.said.push(inspect(error, { depth: 8 }))
      throw error
    }
  }
}
