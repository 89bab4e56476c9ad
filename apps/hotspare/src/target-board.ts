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
  readonly type: 'target-up' | 'target-degraded' | 'target-down' | 'target-unknown'
  readonly from: HealthState
}

export interface TargetAdminEvent extends TargetEvent {
  readonly type: 'target-drained' | 'target-undrained'
}

/** What a target asks for itself has changed, where people have said nothing of it. */
export interface TargetWishEvent extends TargetEvent {
  readonly type: 'target-wish'
  readonly wish: 'draining' | 'maintenance' | 'nothing'
}

export interface PoolEvent extends EventBase {
  readonly type: 'pool-exhausted' | 'pool-recovered'
  readonly pool: string
  /** The target that changed last. */
  readonly targetId: string
}

export type BoardEvent = TargetHealthEvent | TargetAdminEvent | TargetWishEvent | PoolEvent

/** A target as the board knows it. */
export interface BoardTarget {
  readonly id: string
  readonly pool: string
  readonly health: Verdict<HealthState>
  /** What people have set; undefined: nothing. */
  readonly admin: Verdict<AdminState> | undefined
  /** What it asks for itself, through its agent. */
  readonly wish: Verdict<AdminState> | undefined
  /** What counts: the word of people, else its own wish, else its health. */
  readonly verdict: Verdict
}

/** What the health checks tell of: a verdict has changed. */
export interface HealthChange {
  readonly type: `target-${HealthState}`
  readonly at: number
  readonly targetId: string
  readonly from: HealthState
  readonly because: string
}

export interface TargetBoardOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** The verdict of the health checks as it is now; undefined for a target that they do not know. */
  readonly healthOf: (id: string) => Verdict<HealthState> | undefined
  /** What a target asks for itself now. Default: nothing */
  readonly wishOf?: ((id: string) => Verdict<AdminState> | undefined) | undefined
}

interface Row {
  readonly id: string
  readonly pool: string
  admin: Verdict<AdminState> | undefined
}

/**
 * Where the verdict of the health checks, a target's own wish and the word of people meet: people stand above. It keeps the
 * word of people alone; the rest is always what the health checks hold now. Everything that acts on a target's state hears of it from here.
 */
export class TargetBoard implements EventSource<BoardEvent> {
  readonly #rows = new Map<string, Row>()
  /** The pools that had a target to use after the last change. */
  readonly #served = new Set<string>()
  /** The pools that were told of as exhausted, and have not recovered since. */
  readonly #exhausted = new Set<string>()
  readonly #emitter: Emitter<BoardEvent>
  readonly #clock: Clock
  readonly #healthOf: TargetBoardOptions['healthOf']
  readonly #wishOf: NonNullable<TargetBoardOptions['wishOf']>

  constructor(options: TargetBoardOptions) {
    this.#clock = options.clock
    this.#healthOf = options.healthOf
    this.#wishOf = options.wishOf ?? (() => undefined)
    this.#emitter = new Emitter({ logger: options.logger })
  }

  add(target: { readonly id: string; readonly pool: string }): void {
    this.#rows.set(target.id, { ...target, admin: undefined })
  }

  /** Sets what people have decided before this board was made; that is no change, and nobody is told. */
  restoreAdmin(id: string, verdict: Verdict<AdminState>): void {
    const row = this.#rows.get(id)
    if (row) row.admin = verdict
  }

  get(id: string): BoardTarget | undefined {
    const row = this.#rows.get(id)
    const health = row && this.#healthOf(id)
    if (!row || !health) return undefined
    const wish = this.#wishOf(id)
    return { id, pool: row.pool, health, admin: row.admin, wish, verdict: row.admin ?? wish ?? health }
  }

  list(): readonly BoardTarget[] {
    return [...this.#rows.keys()].flatMap((id) => this.get(id) ?? [])
  }

  /** Whether any target of the pool is up and free to be used. */
  isServed(pool: string): boolean {
    for (const row of this.#rows.values()) if (row.pool === pool && this.#serves(row)) return true
    return false
  }

  /** Takes note of a verdict that has changed. */
  healthChanged({ type, at, targetId, from, because }: HealthChange): void {
    const row = this.#rows.get(targetId)
    if (row) this.#changed(row, at, { type, from, because })
  }

  /** Takes note of what a target asks for itself. Where people have spoken, it changes nothing. */
  wishChanged(id: string, at: number, wish: Verdict<AdminState> | undefined): void {
    const row = this.#rows.get(id)
    if (!row || row.admin) return
    this.#changed(row, at, { type: 'target-wish', wish: wish?.state ?? 'nothing', because: wish?.because ?? 'it has taken it back' })
  }

  /** Sets or, without a state, takes back what people have decided. @returns whether the target exists */
  setAdmin(id: string, state: AdminState | undefined, because: string): boolean {
    const row = this.#rows.get(id)
    if (!row) return false
    if (row.admin?.state === state) return true
    const at = this.#clock.wallMs()
    row.admin = state && { state, since: at, because }
    this.#changed(row, at, { type: state ? 'target-drained' : 'target-undrained', because })
    return true
  }

  subscribe(listener: Listener<BoardEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /** Tells of a change that has been made, and of what it means for the pool. */
  #changed({ id, pool }: Row, at: number, change: Change): void {
    const servedBefore = this.#served.has(pool)
    const served = this.isServed(pool)
    if (served) this.#served.add(pool)
    else this.#served.delete(pool)
    this.#emitter.emit({ ...change, at, targetId: id, pool })
    if (served && this.#exhausted.delete(pool)) this.#emitter.emit({ type: 'pool-recovered', at, pool, targetId: id })
    // Before any target was looked at, a pool has not lost anything.
    if (!served && !this.#exhausted.has(pool) && (servedBefore || this.#isProven(pool))) {
      this.#exhausted.add(pool)
      this.#emitter.emit({ type: 'pool-exhausted', at, pool, targetId: id })
    }
  }

  /** Whether every target of the pool has been looked at. */
  #isProven(pool: string): boolean {
    for (const row of this.#rows.values()) if (row.pool === pool && this.#healthOf(row.id)?.state === 'unknown') return false
    return true
  }

  #serves({ id, admin }: Row): boolean {
    const state: TargetState | undefined = admin?.state ?? this.#wishOf(id)?.state ?? this.#healthOf(id)?.state
    return state === 'up' || state === 'degraded'
  }
}

type Change =
  | { readonly type: HealthChange['type']; readonly from: HealthState; readonly because: string }
  | { readonly type: 'target-drained' | 'target-undrained'; readonly because: string }
  | { readonly type: 'target-wish'; readonly wish: TargetWishEvent['wish']; readonly because: string }
