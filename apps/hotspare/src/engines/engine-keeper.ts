import type { EngineStatus } from '@hotspare/api'
import { type Clock, errorText, type Logger, type TargetState, type Timer } from '@hotspare/core'
import type { EngineFailure, EngineSynced, HaproxyServerStats } from '@hotspare/proxy/haproxy'
import type { EngineConfig, PoolConfig } from '../config/config.ts'
import type { WorkerOrder } from '../process/messages.ts'
import type { EngineDriver } from './engine-drivers.ts'
import type { AppEngineEvent } from './events.ts'
import { PoolMirror } from './pool-mirror.ts'

/**
 * For how long a start waits until every target is judged. By then the usual checks have all looked; a target that nobody
 * can judge must not keep the others from being followed.
 */
const JUDGED_WITHIN_MS = 10_000

export interface EngineKeeperOptions {
  readonly config: EngineConfig
  readonly pool: PoolConfig
  readonly driver: EngineDriver
  readonly clock: Clock
  readonly logger: Logger
  readonly record: (event: AppEngineEvent) => void
  /** What the worker was last told of each target, by the control before this one. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
}

/**
 * Keeps one engine at what its pool wants: after each change, all of one moment together, and every few seconds. While it is
 * stopped, or has died, the engine stays as it was told last.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions
  readonly #mirror: PoolMirror
  readonly #stopping = new AbortController()
  #status: EngineStatus
  #timer: Timer | undefined
  #patience: Timer | undefined
  #begun = false
  #syncing: Promise<void> | undefined
  #again = false
  #stats: readonly HaproxyServerStats[] = []
  #syncs = { done: 0, failed: 0, changed: 0 }

  constructor(options: EngineKeeperOptions) {
    const { config, pool, states, clock, driver, record } = options
    this.#options = options
    this.#mirror = new PoolMirror(pool, states)
    const { name, type } = config
    this.#status = { name, type, pool: pool.name, state: 'waiting', since: clock.wallMs(), because: 'targets are being looked at' }
    driver.engine.subscribe((event) => {
      const who = { engine: name, pool: pool.name }
      if (event.type !== 'engine-failed') return record({ ...event, ...who })
      const { type: kind, at, reason, detail } = event
      record({ type: kind, at, ...who, reason, because: detail })
    })
  }

  get status(): EngineStatus {
    return this.#status
  }

  /** As they were at the last look. */
  get stats(): readonly HaproxyServerStats[] {
    return this.#stats
  }

  /** How often it was looked at since the start, by what came of it. */
  get syncs(): { readonly done: number; readonly failed: number; readonly changed: number } {
    return this.#syncs
  }

  start(): void {
    if (this.#stopping.signal.aborted || this.#patience || this.#begun) return
    if (this.#mirror.isKnown()) return this.#begin()
    this.#patience = this.#options.clock.schedule(JUDGED_WITHIN_MS, () => this.#begin(), { unref: true })
  }

  /** Hears what the worker is told. */
  hear(order: WorkerOrder): void {
    if (!this.#took(order)) return
    if (this.#begun) this.#soon(0)
    else if (this.#patience && this.#mirror.isKnown()) this.#begin()
  }

  /** Looks no more; resolves when a look that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Hotspare is stopping'))
    this.#timer?.cancel()
    this.#patience?.cancel()
    await this.#syncing
  }

  #took(order: WorkerOrder): boolean {
    if (order.type === 'target-state') return this.#mirror.setState(order.targetId, order.state)
    return order.type === 'target-weight' && this.#mirror.setShare(order.targetId, order.weight)
  }

  #begin(): void {
    if (this.#begun || this.#stopping.signal.aborted) return
    this.#begun = true
    this.#patience?.cancel()
    this.#soon(0)
  }

  #soon(delayMs: number): void {
    if (this.#stopping.signal.aborted) return
    if (this.#syncing) {
      this.#again ||= delayMs === 0
      return
    }
    this.#timer?.cancel()
    this.#timer = this.#options.clock.schedule(delayMs, () => {
      this.#timer = undefined
      this.#syncing = this.#look().finally(() => {
        this.#syncing = undefined
        this.#soon(this.#again ? 0 : this.#options.config.intervalMs)
      })
    })
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    this.#again = false
    const { driver, logger, config } = this.#options
    const { signal } = this.#stopping
    try {
      this.#ended(await driver.engine.sync(this.#mirror.members(), { signal }))
      if (driver.stats) this.#stats = await driver.stats({ signal })
    } catch (error) {
      if (signal.aborted) return
      logger.error({ engine: config.name, error: errorText(error) }, 'an engine could not be told')
      this.#ended({ ok: false, reason: 'rejected', detail: errorText(error) })
    }
  }

  #ended(outcome: EngineSynced | EngineFailure): void {
    const { done, failed, changed } = this.#syncs
    this.#syncs = {
      done: done + (outcome.ok ? 1 : 0),
      failed: failed + (outcome.ok ? 0 : 1),
      changed: changed + (outcome.ok && outcome.changes.length > 0 ? 1 : 0),
    }
    if (!outcome.ok) this.#stats = []
    const state = outcome.ok ? 'synced' : 'failing'
    const since = state === this.#status.state ? this.#status.since : this.#options.clock.wallMs()
    this.#status = {
      ...this.#status,
      state,
      since,
      because: outcome.ok ? [this.#mirror.because(), ...outcome.pending].join('; ') : outcome.detail,
    }
  }
}
