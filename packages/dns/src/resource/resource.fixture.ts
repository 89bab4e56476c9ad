import { seededRandom } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'
import { TestClock } from '@hotspare/core/testing'
import { type MemoryZone, memoryZone, type MemoryZoneOptions } from '../memory.ts'
import { ownerName } from '../owner.ts'
import type { DnsProvider } from '../provider.ts'
import type { DnsRecordEvent } from '../reconcile-events.ts'
import { type DnsResource, dnsResource } from '../resource.ts'
import { recordSet } from '../value.ts'
import type { DnsResourceOptions } from './options.ts'

export const SHOP: { readonly name: string; readonly type: 'A' } = { name: 'shop.example.com', type: 'A' }
export const OWNER: { readonly name: string; readonly type: 'TXT' } = { name: ownerName(SHOP.name), type: 'TXT' }

/** A right that a test doubts and ends. */
export class TestRight implements Right {
  readonly token: number
  readonly #clock: TestClock
  readonly #controller = new AbortController()
  deadlineMs: number
  /** It has run out, and nobody was told yet. */
  doubted = false

  constructor(clock: TestClock, token: number, forMs = 1e9) {
    this.token = token
    this.#clock = clock
    this.deadlineMs = clock.monotonicMs() + forMs
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  isValid(): boolean {
    return !this.doubted && !this.signal.aborted && this.#clock.monotonicMs() < this.deadlineMs
  }

  confirm(): Promise<boolean> {
    return Promise.resolve(this.isValid())
  }

  end(): void {
    this.#controller.abort(new Error('another has it'))
  }
}

/** A zone, and nodes that a record of it follows. */
export class ResourceWorld {
  readonly clock: TestClock = new TestClock()
  readonly zone: MemoryZone
  readonly events: DnsRecordEvent[] = []

  constructor(options: Partial<MemoryZoneOptions> = {}) {
    this.zone = memoryZone({ zone: 'example.com', clock: this.clock, ...options })
  }

  resource(node: 'web-1' | 'web-2', options: Partial<DnsResourceOptions> = {}): DnsResource {
    const resource = dnsResource({
      provider: this.zone,
      node,
      ...SHOP,
      follows: { 'web-1': ['192.0.2.1'], 'web-2': ['192.0.2.2'] },
      ttlSeconds: 30,
      clock: this.clock,
      random: seededRandom(1),
      ...options,
    })
    resource.subscribe((event) => this.events.push(event))
    return resource
  }

  right(token: number, forMs?: number): TestRight {
    return new TestRight(this.clock, token, forMs)
  }

  /** What the record and its owner record hold. */
  get shown(): string {
    const [record, owner] = [SHOP, OWNER].map((each) => this.zone.get(each)?.values.join(' '))
    return `${record ?? 'nothing'}, ${owner ?? 'nobody'}`
  }

  put(values: readonly string[], owner?: string, ttlSeconds = 30): this {
    this.zone.put(recordSet({ ...SHOP, ttlSeconds, values }))
    if (owner !== undefined) this.zone.put(recordSet({ ...OWNER, ttlSeconds, values: [owner] }))
    return this
  }

  /** The same zone, with something that happens around its calls. */
  past(happens: {
    readonly beforeChange?: (count: number) => void
    readonly afterChange?: (count: number) => void
    readonly afterRead?: () => void
  }): DnsProvider {
    const { zone } = this
    let changes = 0
    return {
      ...zone.connect(),
      capabilities: zone.capabilities,
      read: async (question, options) => {
        const reading = await zone.read(question, options)
        happens.afterRead?.()
        return reading
      },
      change: async (replacements, options) => {
        changes += 1
        happens.beforeChange?.(changes)
        const outcome = await zone.change(replacements, options)
        happens.afterChange?.(changes)
        return outcome
      },
    }
  }

  /** Lets time pass until something has ended. */
  async ended<T>(run: Promise<T>): Promise<T> {
    const end = { isOver: false }
    const over = () => (end.isOver = true)
    run.then(over, over)
    for (let steps = 0; !end.isOver && steps < 5_000; steps++) await this.clock.advance(50)
    if (!end.isOver) throw new Error('it has not ended')
    return run
  }
}
