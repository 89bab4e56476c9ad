import { type Clock, type HealthState, Emitter, type Logger, type Timer, type Verdict } from '@hotspare/core'
import type { QuorumDecision, VoteKeeper } from '@hotspare/health/quorum'
import type { Observers } from '../../watch/observers.ts'
import { type OwnVote, readVotes } from './message.ts'
import { countedVerdict } from './verdict.ts'

export interface VotesDeskOptions {
  /** What is put to the vote: ids and their keys. */
  readonly subjects: ReadonlyMap<string, string>
  readonly keeper: VoteKeeper
  /** This node's own view of something, whatever the others hold. */
  readonly ownOf: (id: string) => Verdict<HealthState> | undefined
  /** Whether this node's view is to be left out: it takes itself for sick, or does not look. */
  readonly abstains: (id: string) => boolean
  /** To the guard, which passes it on to the peers. */
  readonly tell: (votes: readonly OwnVote[]) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** A vote counts for 5 s: three in a row may be lost. */
const REPEAT_MS = 1_000
/** Where thousands change at once, it is few messages to the guard and not thousands. */
const CHANGES_MS = 10
/** The others tell all that they hold once a second; one message of it may be late. */
const FIRST_WORDS_MS = 2 * REPEAT_MS

/** Control's part in the votes: tells this node's own views, keeps those of the others, and says what counts. */
export class VotesDesk implements Observers {
  readonly #options: VotesDeskOptions
  readonly #emitter: Emitter<{ readonly type: 'vote-changed'; readonly at: number; readonly id: string }>
  readonly #idOf: ReadonlyMap<string, string>
  /** What was last said to count, and why. */
  readonly #counted = new Map<string, { readonly verdict: Verdict<HealthState>; readonly decision: QuorumDecision }>()
  /** This node's own, by key. */
  readonly #votes = new Map<string, HealthState>()
  /** Keys of votes that are to be told. */
  readonly #changed = new Set<string>()
  readonly #disbelieved = new Set<string>()
  #startedMs: number | undefined
  #timer: Timer | undefined
  #telling: Timer | undefined

  constructor(options: VotesDeskOptions) {
    this.#options = options
    this.#emitter = new Emitter({ logger: options.logger })
    this.#idOf = new Map([...options.subjects].map(([id, key]) => [key, id]))
  }

  start(): void {
    this.#startedMs ??= this.#options.clock.monotonicMs()
    this.#timer ??= this.#options.clock.schedule(REPEAT_MS, () => this.#repeat())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#telling?.cancel()
    this.#timer = undefined
  }

  /** What counts of a target or a check, its own view being as it is now; where that has changed, the others hear of it in a moment. */
  decide(id: string, own: Verdict<HealthState>): Verdict<HealthState> {
    const key = this.#options.subjects.get(id)
    if (key === undefined) return own
    this.#noteOwn(id, key, own)
    const next = this.#count(id, own)
    this.#counted.set(id, next)
    return next.verdict
  }

  /** Told of each whose verdict may be another one now; what counts is asked for anew. */
  subscribe(listener: (id: string) => void): () => void {
    return this.#emitter.subscribe(({ id }) => listener(id))
  }

  /** How the vote on it stands, as one clause; undefined where it is put to no vote. */
  observersSay(id: string): string | undefined {
    const { subjects, ownOf, abstains } = this.#options
    const own = subjects.has(id) ? ownOf(id) : undefined
    if (!own) return undefined
    const { because } = this.#decision(id, own)
    return abstains(id) ? `${because}; this node abstains` : because
  }

  /** What a peer has sent; anything that cannot be read, and what is not looked at here, is passed over. */
  hear(observer: string, body: unknown): void {
    const votes = readVotes(body)
    if (!votes) return this.#options.logger.warn({ observer }, 'votes of a peer cannot be read')
    const { keeper } = this.#options
    for (const { key, state, ageMs } of votes) {
      const targetId = this.#idOf.get(key)
      if (targetId === undefined) continue
      const isNews = this.#isNews(targetId, observer, state)
      if (keeper.record({ targetId, observer, state, ageMs }) && isNews) this.#review(targetId)
    }
  }

  /** Nearly every vote repeats the one before it, which stands: what counts can only change by one that does not. */
  #isNews(id: string, observer: string, state: HealthState): boolean {
    const { keeper, clock } = this.#options
    const known = keeper.votesOn(id).find((vote) => vote.observer === observer)
    return known?.state !== state || clock.monotonicMs() - known.atMs > FIRST_WORDS_MS
  }

  /** Peers whose files differ from ours now: what they said before counts no more. */
  disbelieve(observers: ReadonlySet<string>): void {
    for (const observer of this.#disbelieved) if (!observers.has(observer)) this.#disbelieved.delete(observer)
    const added = [...observers].filter((observer) => !this.#disbelieved.has(observer))
    if (added.length === 0) return
    for (const observer of added) {
      this.#disbelieved.add(observer)
      this.#options.keeper.forgetObserver(observer)
    }
    this.#reviewAll()
  }

  /** Tells everything anew: whether this node abstains may have changed, and votes grow too old. */
  tellAll(): void {
    const { subjects, ownOf } = this.#options
    for (const [id, key] of subjects) {
      const own = ownOf(id)
      if (!own) continue
      this.#noteOwn(id, key, own)
      this.#changed.add(key)
    }
    this.#tellChanged()
    this.#reviewAll()
  }

  #repeat(): void {
    this.#timer = this.#options.clock.schedule(REPEAT_MS, () => this.#repeat())
    this.tellAll()
  }

  #noteOwn(id: string, key: string, own: Verdict<HealthState>): void {
    const { abstains, clock } = this.#options
    const state = abstains(id) ? 'unknown' : own.state
    if (this.#votes.get(key) === state) return
    this.#votes.set(key, state)
    this.#changed.add(key)
    if (this.#timer) this.#telling ??= clock.schedule(CHANGES_MS, () => this.#tellChanged())
  }

  #tellChanged(): void {
    this.#telling?.cancel()
    this.#telling = undefined
    const votes = [...this.#changed].map((key): OwnVote => ({ key, state: this.#votes.get(key) ?? 'unknown' }))
    this.#changed.clear()
    if (votes.length > 0) this.#options.tell(votes)
  }

  #reviewAll(): void {
    for (const id of this.#options.subjects.keys()) this.#review(id)
  }

  /** Tells those who listen where what counts has become another, or has another reason. */
  #review(id: string): void {
    const own = this.#options.ownOf(id)
    if (!own) return
    const before = this.#counted.get(id)
    const { verdict, decision } = this.#count(id, own)
    if (
      verdict.state === before?.verdict.state &&
      verdict.because === before.verdict.because &&
      decision.because === before.decision.because
    )
      return
    this.#emitter.emit({ type: 'vote-changed', at: this.#options.clock.wallMs(), id })
  }

  #count(id: string, own: Verdict<HealthState>): { readonly verdict: Verdict<HealthState>; readonly decision: QuorumDecision } {
    const { clock } = this.#options
    const decision = this.#decision(id, own)
    const before = this.#counted.get(id)?.verdict
    const isFirstWord = this.#startedMs === undefined || clock.monotonicMs() - this.#startedMs < FIRST_WORDS_MS
    return { verdict: countedVerdict({ before, own, decision, isFirstWord, atMs: clock.wallMs() }), decision }
  }

  /** A node that abstains goes by the others, where they are enough; where they are not, what it knows is the best there is. */
  #decision(id: string, { state }: Verdict<HealthState>): QuorumDecision {
    const { keeper, abstains } = this.#options
    const withoutOwn = abstains(id) ? keeper.decide(id, 'unknown') : undefined
    return withoutOwn?.quorate ? withoutOwn : keeper.decide(id, state)
  }
}
