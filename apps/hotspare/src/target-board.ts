import {
  type AdminState,
  type Clock,
  Emitter,
  type EventBase,
  type EventSource,
  type HealthState,
  type Listener,
  type Logger,
  type TargetState,
  type Verdict,
} from '@hotspare/core'

interface TargetEvent extends EventBase {
  readonly targetId: string
  readonly pool: string
  readonly because: string
}

export interface TargetHealthEvent extends TargetEvent {
  readonly type: 'target-up' | 'target-down'
  readonly from: HealthState
}

export interface TargetAdminEvent extends TargetEvent {
  readonly type: 'target-drained' | 'target-undrained'
}

export interface PoolEvent extends EventBase {
  readonly type: 'pool-exhausted' | 'pool-recovered'
  readonly pool: string
  /** The target that changed last. */
  readonly targetId: string
}

export type BoardEvent = TargetHealthEvent | TargetAdminEvent | PoolEvent

/** A target as the board knows it. */
export interface BoardTarget {
  readonly id: string
  readonly pool: string
  readonly health: Verdict<HealthState>
  /** What people have set; undefined: nothing. */
  readonly admin: Verdict<AdminState> | undefined
  /** What counts. */
  readonly verdict: Verdict
}

interface Row {
  readonly pool: string
  health: Verdict<HealthState>
  admin: Verdict<AdminState> | undefined
}

/**
 * Where the verdict of the health checks and the word of people meet: people stand above.
 * Everything that acts on a target's state hears of it from here.
 */
export class TargetBoard implements EventSource<BoardEvent> {
  readonly #rows = new Map<string, Row>()
  /** The pools that were told of as exhausted, and have not recovered since. */
  readonly #exhausted = new Set<string>()
  readonly #emitter: Emitter<BoardEvent>
  readonly #clock: Clock

  constructor(options: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = options.clock
    this.#emitter = new Emitter({ logger: options.logger })
  }

  add(target: { readonly id: string; readonly pool: string }): void {
    const health: Verdict<HealthState> = { state: 'unknown', since: this.#clock.wallMs(), because: 'no probe has finished yet' }
    this.#rows.set(target.id, { pool: target.pool, health, admin: undefined })
  }

  get(id: string): BoardTarget | undefined {
    const row = this.#rows.get(id)
    return row && { id, pool: row.pool, health: row.health, admin: row.admin, verdict: row.admin ?? row.health }
  }

  list(): readonly BoardTarget[] {
    return [...this.#rows.keys()].flatMap((id) => this.get(id) ?? [])
  }

  /** Whether any target of the pool is up and free to be used. */
  isServed(pool: string): boolean {
    return [...this.#rows.values()].some((row) => row.pool === pool && isServing(row))
  }

  setHealth(id: string, state: 'up' | 'down', because: string): void {
    this.#change(id, (row) => {
      const from = row.health.state
      if (from === state) return undefined
      row.health = { state, since: this.#clock.wallMs(), because }
      return { type: state === 'up' ? 'target-up' : 'target-down', from, because }
    })
  }

  /** Sets or, without a state, takes back what people have decided. @returns whether the target exists */
  setAdmin(id: string, state: AdminState | undefined, because: string): boolean {
    return this.#change(id, (row) => {
      if (row.admin?.state === state) return undefined
      row.admin = state && { state, since: this.#clock.wallMs(), because }
      return { type: state ? 'target-drained' : 'target-undrained', because }
    })
  }

  subscribe(listener: Listener<BoardEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  #change(id: string, apply: (row: Row) => Change | undefined): boolean {
    const row = this.#rows.get(id)
    if (!row) return false
    const { pool } = row
    const servedBefore = this.isServed(pool)
    const change = apply(row)
    if (!change) return true
    const at = this.#clock.wallMs()
    this.#emitter.emit({ ...change, at, targetId: id, pool })
    const served = this.isServed(pool)
    if (served && this.#exhausted.delete(pool)) this.#emitter.emit({ type: 'pool-recovered', at, pool, targetId: id })
    // Before any target was looked at, a pool has not lost anything.
    if (!served && !this.#exhausted.has(pool) && (servedBefore || this.#isProven(pool))) {
      this.#exhausted.add(pool)
      this.#emitter.emit({ type: 'pool-exhausted', at, pool, targetId: id })
    }
    return true
  }

  /** Whether every target of the pool has been looked at. */
  #isProven(pool: string): boolean {
    return [...this.#rows.values()].every((row) => row.pool !== pool || row.health.state !== 'unknown')
  }
}

type Change =
  | { readonly type: 'target-up' | 'target-down'; readonly from: HealthState; readonly because: string }
  | { readonly type: 'target-drained' | 'target-undrained'; readonly because: string }

function isServing(row: Row): boolean {
  const state: TargetState = row.admin?.state ?? row.health.state
  return state === 'up' || state === 'degraded'
}
