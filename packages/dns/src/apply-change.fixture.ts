import { TestClock } from '@hotspare/core/testing'
import type { Right } from '@hotspare/core/plan'
import { type ApplyOptions, type ApplyOutcome, applyChange } from './apply-change.ts'
import { type MemoryZone, memoryZone, type MemoryZoneOptions } from './memory.ts'
import { ownerName } from './owner.ts'
import type { DnsProvider } from './provider.ts'
import type { RecordSet } from './record-set.ts'
import { recordSet } from './value.ts'

export const WWW: { readonly name: string; readonly type: 'A' } = { name: 'www.example.com', type: 'A' }
export const OWNER: { readonly name: string; readonly type: 'TXT' } = { name: ownerName('www.example.com'), type: 'TXT' }

/** The set that leads to a node. */
export function leadsTo(node: 'web-1' | 'web-2' | 'nobody'): RecordSet {
  const address = { 'web-1': '192.0.2.1', 'web-2': '192.0.2.2', nobody: '192.0.2.99' }[node]
  return recordSet({ ...WWW, ttlSeconds: 30, values: [address] })
}

export function ownedBy(text: string): RecordSet {
  return recordSet({ ...OWNER, ttlSeconds: 30, values: [text] })
}

/** Lasts until a time of its clock, or until a test ends it. */
export class TestRight implements Pick<Right, 'isValid' | 'deadlineMs' | 'signal'> {
  readonly deadlineMs: number
  readonly #clock: TestClock
  readonly #ended = new AbortController()

  constructor(clock: TestClock, lastsMs = 60_000) {
    this.#clock = clock
    this.deadlineMs = clock.monotonicMs() + lastsMs
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  isValid(): boolean {
    return !this.signal.aborted && this.#clock.monotonicMs() < this.deadlineMs
  }

  end(): void {
    this.#ended.abort(new Error('the right was lost'))
  }
}

/** A zone and the controllers that change `www` in it. */
export class ApplyWorld {
  readonly clock: TestClock = new TestClock()
  readonly zone: MemoryZone

  constructor(options: Partial<MemoryZoneOptions> = {}) {
    this.zone = memoryZone({ zone: 'example.com', clock: this.clock, ...options })
  }

  get shown(): string | undefined {
    return this.zone.get(WWW)?.values[0]
  }

  get owner(): string | undefined {
    return this.zone.get(OWNER)?.values[0]
  }

  get changes(): number {
    return this.zone.asked.filter((each) => each.startsWith('change')).length
  }

  /** As a controller that has acted before has left it. */
  was(node: 'web-1' | 'web-2', token: number): this {
    this.zone.put(leadsTo(node))
    this.zone.put(ownedBy(`hotspare node=${node} token=${token}`))
    return this
  }

  options(node: 'web-1' | 'web-2', token: number, more: Partial<ApplyOptions> = {}): ApplyOptions {
    const claim = { node, token }
    return { provider: this.zone, desired: [leadsTo(node)], claim, clock: this.clock, random: { next: () => 0.5 }, ...more }
  }

  /** Runs it, and lets time pass until it has ended. */
  async apply(node: 'web-1' | 'web-2', token: number, more: Partial<ApplyOptions> = {}): Promise<ApplyOutcome> {
    return this.ended(applyChange(this.options(node, token, more)))
  }

  async ended<T>(run: Promise<T>): Promise<T> {
    const progress = { isOver: false }
    const over = () => (progress.isOver = true)
    run.then(over, over)
    for (let steps = 0; !progress.isOver && steps < 10_000; steps++) await this.clock.advance(50)
    if (!progress.isOver) throw new Error('it has not ended')
    return run
  }

  /** The same zone, with something that happens right before a change is sent. */
  before(happens: (changes: number) => void | Promise<void>): DnsProvider {
    let changes = 0
    return {
      ...this.zone.connect(),
      change: async (replacements, options) => {
        changes += 1
        await happens(changes)
        return this.zone.change(replacements, options)
      },
    }
  }
}
