import {
  type AdminState,
  type Clock,
  Emitter,
  type EventSource,
  type HealthState,
  type Listener,
  type Logger,
  type Verdict,
} from '@hotspare/core'
import { type HealthFacts, judgeHealth, judgeWarning, judgeWeight, judgeWish } from './judge-health.ts'
import type { Observers } from './observers.ts'
import type { Subject } from './subject.ts'

/** What is known of a target or a check. */
export interface Standing {
  readonly subject: Subject
  /** By what this node sees. */
  readonly own: Verdict<HealthState>
  /** What counts: the same, unless other nodes have a say. */
  readonly verdict: Verdict<HealthState>
  /** What it asks for itself. */
  readonly wish: Verdict<AdminState> | undefined
  /** The share of its weight that it asks for; undefined while that is not known. */
  readonly weight: number | undefined
  readonly warning: string | undefined
  /** Whether a look of this process has shown something: before that, no warning means nothing. */
  readonly isJudged: boolean
  /** Whether its state is more than what the file begins with. */
  readonly isProven: boolean
  /** Whether its thresholds have seen enough to say anything; true where it has none. */
  readonly isMeasured: boolean
}

interface ChangeBase {
  readonly at: number
  readonly subject: Subject
}

/** What has changed. Told once everything that one result brings about is known. */
export type StandingChange = ChangeBase &
  (
    | { readonly type: 'health-changed' | 'own-changed'; readonly from: HealthState; readonly verdict: Verdict<HealthState> }
    | { readonly type: 'wish-changed'; readonly wish: Verdict<AdminState> | undefined }
    | { readonly type: 'weight-changed'; readonly weight: number; readonly before: number | undefined }
    | { readonly type: 'warning-changed'; readonly warning: string | undefined }
    /** It is judged, proven or measured for the first time. */
    | { readonly type: 'first-known' }
  )

export interface StandingsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly factsOf: (id: string) => HealthFacts
  readonly observers?: Observers | undefined
}

/**
 * Puts together what probes, agents, thresholds and other nodes say of each target and check. It goes by what is true and
 * not by what has happened: it looks once when all that a result brings about has been said, in whatever order.
 */
export class Standings implements EventSource<StandingChange> {
  readonly #rows = new Map<string, Standing>()
  readonly #stale = new Set<string>()
  readonly #emitter: Emitter<StandingChange>
  readonly #options: StandingsOptions

  constructor(options: StandingsOptions) {
    this.#options = options
    this.#emitter = new Emitter({ logger: options.logger })
    options.observers?.subscribe((id) => this.touch(id))
  }

  add(subject: Subject): void {
    const facts = this.#options.factsOf(subject.id)
    const own = { ...judgeHealth(facts), since: facts.probe.verdict.since }
    const known = { isJudged: false, isProven: facts.isProven, isMeasured: isMeasured(facts) }
    this.#rows.set(subject.id, { subject, own, verdict: own, wish: undefined, weight: judgeWeight(facts), warning: undefined, ...known })
  }

  get(id: string): Standing | undefined {
    return this.#rows.get(id)
  }

  /** In the order in which they were added. */
  list(): readonly Standing[] {
    return [...this.#rows.values()]
  }

  /** Whether every target has been judged. A check may have to wait for a job, and nobody waits for it. */
  allTargetsKnown(): boolean {
    for (const { subject, verdict } of this.#rows.values()) if (subject.kind === 'target' && verdict.state === 'unknown') return false
    return true
  }

  /** Something may have changed: it is looked at when what happens now is over. */
  touch(id: string): void {
    if (!this.#rows.has(id)) return
    if (this.#stale.size === 0) queueMicrotask(() => this.#lookAtAll())
    this.#stale.add(id)
  }

  subscribe(listener: Listener<StandingChange>): () => void {
    return this.#emitter.subscribe(listener)
  }

  #lookAtAll(): void {
    const stale = [...this.#stale]
    this.#stale.clear()
    for (const id of stale) this.#look(id)
  }

  #look(id: string): void {
    const before = this.#rows.get(id)
    if (!before) return
    const { clock, factsOf, observers } = this.#options
    const at = clock.wallMs()
    const facts = factsOf(id)
    const own = verdictAfter(before.own, judgeHealth(facts), at)
    const now: Standing = {
      subject: before.subject,
      own,
      verdict: observers ? observers.decide(id, own) : own,
      wish: judgeWish(facts),
      weight: judgeWeight(facts),
      warning: judgeWarning(facts),
      isJudged: facts.probe.isJudged,
      isProven: facts.isProven,
      isMeasured: before.isMeasured || isMeasured(facts),
    }
    // All of it is known before any of it is told.
    this.#rows.set(id, now)
    this.#tell(before, now, at)
  }

  #tell(before: Standing, now: Standing, at: number): void {
    const { subject, verdict, wish, weight, warning } = now
    const tell = (change: DistributedOmit<StandingChange, 'at' | 'subject'>) => this.#emitter.emit({ ...change, at, subject })
    if (weight !== undefined && weight !== before.weight) tell({ type: 'weight-changed', weight, before: before.weight })
    if (wish?.state !== before.wish?.state) tell({ type: 'wish-changed', wish })
    if (now.own.state !== before.own.state) tell({ type: 'own-changed', from: before.own.state, verdict: now.own })
    if (verdict.state !== before.verdict.state) tell({ type: 'health-changed', from: before.verdict.state, verdict })
    if (warning !== before.warning) tell({ type: 'warning-changed', warning })
    if (knows(now) !== knows(before)) tell({ type: 'first-known' })
  }
}

function knows({ isJudged, isProven, isMeasured: measured }: Standing): number {
  return Number(isJudged) + Number(isProven) + Number(measured)
}

function isMeasured({ thresholds }: HealthFacts): boolean {
  return thresholds?.state !== 'unknown'
}

type DistributedOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

/** The state holds since it began; its reason is the newest. */
function verdictAfter(
  before: Verdict<HealthState>,
  { state, because }: Omit<Verdict<HealthState>, 'since'>,
  at: number,
): Verdict<HealthState> {
  return { state, because, since: state === before.state ? before.since : at }
}
