import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { createAnswering, createAnsweringSet } from '../answering.ts'
import { type MemoryZone, memoryZone, type MemoryZoneOptions } from '../memory.ts'
import type { DnsProvider } from '../provider.ts'
import { recordSet } from '../value.ts'
import type { Answering } from './engine.ts'
import type { AnsweringEvent } from './events.ts'
import type { AnsweringOptions, AnsweringRecord, AnsweringSetOptions, AnsweringTarget } from './options.ts'

export const WWW: { readonly name: 'www.example.com'; readonly type: 'A' } = { name: 'www.example.com', type: 'A' }

export const TARGETS: readonly AnsweringTarget[] = ['1', '2', '3'].map((digit) => ({ id: `t${digit}`, values: [`192.0.2.${digit}`] }))

/** What waits until a test lets it go on. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

/** Zones at providers, and records that answer from health. */
export class AnsweringWorld {
  readonly clock: TestClock = new TestClock()
  readonly zones: Readonly<Record<string, MemoryZone>>
  readonly events: AnsweringEvent[] = []

  constructor(zones: Readonly<Record<string, Partial<MemoryZoneOptions>>> = { main: {} }) {
    this.zones = Object.fromEntries(
      Object.entries(zones).map(([label, options]) => [label, memoryZone({ zone: 'example.com', clock: this.clock, ...options })]),
    )
  }

  get main(): MemoryZone {
    const { main } = this.zones
    if (!main) throw new Error('this world has no main zone')
    return main
  }

  get kinds(): readonly string[] {
    return this.events.map(({ type }) => type)
  }

  /** One record with three targets. */
  answering(options: Partial<AnsweringOptions> = {}): Answering {
    return createAnswering({ ...this.#terms(), ...WWW, ttlSeconds: 30, targets: TARGETS, ...options })
  }

  set(records: readonly AnsweringRecord[], options: Partial<AnsweringSetOptions> = {}): Answering {
    return createAnsweringSet({ ...this.#terms(), records, ...options })
  }

  /** Started, with all targets up and their record written. */
  async up(options: Partial<AnsweringOptions> = {}): Promise<Answering> {
    const answering = this.answering(options)
    await answering.start()
    for (const { id } of TARGETS) answering.report(id, 'up')
    await this.clock.advance(1_000)
    this.events.length = 0
    return answering
  }

  /** Lets time pass in small steps: what takes many turns and no time comes to its end. */
  async pass(ms = 100, steps = 100): Promise<void> {
    for (let step = 0; step < steps; step++) await this.clock.advance(ms / steps)
  }

  /** What a provider has for `www`. */
  shown(label = 'main'): string {
    return (
      this.zones[label]
        ?.get(WWW)
        ?.values.map((value) => value.slice(-1))
        .join(' ') ?? 'nothing'
    )
  }

  /** As somebody else would write it. */
  put(digits: string, label = 'main', ttlSeconds = 30): void {
    this.zones[label]?.put(recordSet({ ...WWW, ttlSeconds, values: digits.split(' ').map((digit) => `192.0.2.${digit}`) }))
  }

  changes(label = 'main'): number {
    return this.zones[label]?.asked.filter((each) => each.startsWith('change')).length ?? 0
  }

  #terms(): Pick<AnsweringOptions, 'providers' | 'events' | 'clock' | 'random'> {
    const providers: Readonly<Record<string, DnsProvider>> = this.zones
    return { providers, events: (event) => void this.events.push(event), clock: this.clock, random: seededRandom(1) }
  }
}
