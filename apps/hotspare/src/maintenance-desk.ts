import { type Clock, LONGEST_DELAY_MS, type Timer } from '@hotspare/core'
import type { PoolConfig } from './config/config.ts'
import type { MaintenanceWord, WorkerOrder } from './process/messages.ts'

/** A pool is being worked on, or not any more, by the word of people. */
export type MaintenanceEvent =
  | {
      readonly type: 'pool-maintenance-started'
      readonly at: number
      readonly pool: string
      readonly because: string
      /** When it ends by itself; absent: when people say so. */
      readonly until?: number | undefined
    }
  | { readonly type: 'pool-maintenance-ended'; readonly at: number; readonly pool: string; readonly because: string }

export interface MaintenanceDeskOptions {
  readonly pools: readonly Pick<PoolConfig, 'name' | 'maintenance'>[]
  readonly clock: Clock
  readonly startedAt: number
  readonly record: (event: MaintenanceEvent) => void
  readonly tellWorker: (order: WorkerOrder) => void
  /** What people had said to the control before this one. */
  readonly words?: ReadonlyMap<string, MaintenanceWord> | undefined
}

/** Keeps what people say of the maintenance of pools, above what the file says, and ends it in time. */
export class MaintenanceDesk {
  readonly #options: MaintenanceDeskOptions
  readonly #words = new Map<string, { readonly word: MaintenanceWord; timer: Timer | undefined }>()

  constructor(options: MaintenanceDeskOptions) {
    this.#options = options
    for (const { name } of options.pools) {
      const word = options.words?.get(name)
      if (word) this.#words.set(name, { word, timer: undefined })
    }
  }

  /** Begins to end what has an end. */
  start(): void {
    for (const pool of this.#words.keys()) this.#arm(pool)
  }

  stop(): void {
    for (const each of this.#words.values()) each.timer?.cancel()
  }

  /** Why a pool is in maintenance; undefined: it is not. */
  get(pool: string): MaintenanceWord | undefined {
    if (this.isFromFile(pool)) return { since: this.#options.startedAt, because: 'the file says so' }
    return this.#words.get(pool)?.word
  }

  /** Whether the file has the pool in maintenance: no word changes that. */
  isFromFile(pool: string): boolean {
    return this.#options.pools.some(({ name, maintenance }) => name === pool && maintenance.on)
  }

  /** @param forMs undefined: until people end it */
  set(pool: string, because: string, forMs: number | undefined): void {
    const at = this.#options.clock.wallMs()
    const word: MaintenanceWord = { since: at, because, until: forMs === undefined ? undefined : at + forMs }
    this.#words.get(pool)?.timer?.cancel()
    this.#words.set(pool, { word, timer: undefined })
    this.#options.tellWorker({ type: 'pool-maintenance', pool, word })
    this.#options.record({ type: 'pool-maintenance-started', at, pool, because, until: word.until })
    this.#arm(pool)
  }

  /** What is not there is not ended. */
  end(pool: string, because: string): void {
    const there = this.#words.get(pool)
    if (!there) return
    there.timer?.cancel()
    this.#words.delete(pool)
    this.#options.tellWorker({ type: 'pool-maintenance', pool, word: undefined })
    this.#options.record({ type: 'pool-maintenance-ended', at: this.#options.clock.wallMs(), pool, because })
  }

  /** The worker looks at the clock itself; this is for people, and for the next worker. */
  #arm(pool: string): void {
    const there = this.#words.get(pool)
    const until = there?.word.until
    if (!there || until === undefined) return
    const leftMs = Math.min(LONGEST_DELAY_MS, Math.max(0, until - this.#options.clock.wallMs()))
    there.timer = this.#options.clock.schedule(leftMs, () => this.end(pool, 'its time is over'), { unref: true })
  }
}
