import type { Clock, Random, TargetState } from '@hotspare/core'
import { type Answers, chooseAnswers } from '../answers.ts'
import type { DnsProvider } from '../provider.ts'
import type { DnsRecordEventDetails, DriftPolicy } from '../reconcile-events.ts'
import type { ServedCheck } from '../reconcile-served.ts'
import type { RecordSet } from '../record-set.ts'
import { recordSet, sameSet } from '../value.ts'
import type { PendingRecord } from './blast-radius.ts'
import type { ResolvedAnsweringRecord } from './options.ts'
import { ProviderComparison } from './provider-comparison.ts'
import type { ProviderLanes } from './provider-lanes.ts'
import { RecordWorker, type Wanted } from './record-worker.ts'
import type { RecordSnapshot } from './snapshot.ts'

/** How a target stands, and since when. */
export interface TargetStanding {
  readonly state: TargetState
  readonly sinceMs: number
  readonly sinceWallMs: number
}

export interface AnsweredRecordOptions {
  readonly record: ResolvedAnsweringRecord
  readonly providers: ReadonlyMap<string, { readonly provider: DnsProvider; readonly lanes: ProviderLanes }>
  readonly standing: (targetId: string) => TargetStanding
  readonly adopt: boolean
  readonly drift: DriftPolicy
  readonly served: ServedCheck | undefined
  readonly clock: Clock
  readonly random: Random
  readonly tell: (provider: string, event: DnsRecordEventDetails) => void
  /** A provider was looked at. */
  readonly looked: () => void
}

/** One record: what it should answer, and a worker for each provider that has it. */
export class AnsweredRecord {
  readonly key: string
  readonly #options: AnsweredRecordOptions
  readonly #workers: readonly RecordWorker[]
  readonly #comparison: ProviderComparison
  readonly #values: ReadonlySet<string>
  /** The last decision that was allowed. */
  #accepted: Wanted | undefined
  /** One that is not, since too much would change at once. */
  #held: RecordSet | undefined
  #decision: Answers | undefined
  /** Whether it may be written at this moment. */
  #isOpen = false
  #because = 'it was not looked at yet'
  #answered: ReadonlySet<string> = new Set()

  constructor(options: AnsweredRecordOptions) {
    const { record, providers, adopt, drift, served, clock, random, tell, looked } = options
    const { name, type } = record
    this.#options = options
    this.key = `${name} ${type}`
    this.#values = new Set(record.targets.flatMap(({ values }) => values))
    const isOurs = (set: RecordSet) => set.values.every((value) => this.#values.has(value))
    const common = { what: { name, type }, isOurs, adopt, drift, served, clock, random }
    this.#workers = [...providers].map(
      ([label, { provider, lanes }]) =>
        new RecordWorker({
          ...common,
          provider,
          lanes,
          label,
          wanted: () => (this.#isOpen ? this.#accepted : undefined),
          whyNot: () => this.#because,
          tell: (event) => tell(label, event),
          looked: () => {
            this.#comparison.look()
            // Later looks are no news for the decision, which goes by what we have written.
            if (!this.#accepted) looked()
          },
        }),
    )
    this.#comparison = new ProviderComparison({ workers: this.#workers, what: { name, type }, drift, clock, tell })
  }

  /** Whether each provider was looked at, or has failed. */
  get isTried(): boolean {
    return this.#workers.every(({ isTried }) => isTried)
  }

  /** Decides anew, and shows what would change: nothing, while it is not known what is published. */
  decide(healthFailure: string | undefined): PendingRecord {
    const { record, standing, clock } = this.#options
    const published = this.#published()
    if (!published) {
      this.#decision = undefined
      const all = [...this.#values]
      return { key: this.key, published: all, desired: all }
    }
    const targets = record.targets.map((target) => ({ ...target, ...standing(target.id) }))
    this.#decision =
      healthFailure === undefined
        ? chooseAnswers({ targets, published, atMs: clock.monotonicMs() }, record.policy)
        : { kind: 'keep', because: `health is not known: ${healthFailure}`, againAtMs: undefined }
    return { key: this.key, published, desired: this.#decision.kind === 'answer' ? this.#decision.values : published }
  }

  /** When to decide again though nothing is reported, in milliseconds of the clock. */
  get againAtMs(): number | undefined {
    return this.#decision?.againAtMs
  }

  /** The decision holds. Whoever has to follow is told to. */
  accept(): void {
    this.#held = undefined
    const decision = this.#decision
    const wasOpen = this.#isOpen
    this.#isOpen = decision?.kind === 'answer'
    if (!decision) return
    this.#because = decision.because
    if (decision.kind === 'keep') return
    const set = this.#setOf(decision.values)
    this.#answered = new Set(decision.ids)
    const isNew = !sameSet(set, this.#accepted?.set)
    this.#accepted = { set, because: decision.because }
    if (isNew || !wasOpen) this.poke(true)
  }

  /** The decision does not hold: nothing is written. */
  hold(because: string): void {
    this.#isOpen = false
    this.#because = because
    this.#held = this.#decision?.kind === 'answer' ? this.#setOf(this.#decision.values) : undefined
  }

  poke(isUrgent: boolean): void {
    for (const worker of this.#workers) worker.poke(isUrgent)
  }

  async idle(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.idle()))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  snapshot(): RecordSnapshot {
    const { record, standing } = this.#options
    const { name, type, ttlSeconds } = record
    return {
      name,
      type,
      ttlSeconds,
      targets: record.targets.map(({ id, values }) => {
        const { state, sinceWallMs } = standing(id)
        return { id, values, state, since: sinceWallMs, isAnswered: this.#answered.has(id) }
      }),
      desired: this.#accepted?.set,
      because: this.#because,
      held: this.#held,
      providers: this.#workers.map((worker) => worker.snapshot()),
      isSameEverywhere: this.#comparison.isSame,
    }
  }

  /** What is published: by our own last word, or else by what was seen; undefined before anything was. */
  #published(): readonly string[] | undefined {
    if (this.#accepted) return this.#accepted.set.values
    const seen = this.#workers.flatMap((worker) => worker.seen ?? [])
    if (seen.length === 0) return undefined
    return [...new Set(seen.flatMap(({ set }) => set?.values ?? []))].filter((value) => this.#values.has(value)).toSorted()
  }

  #setOf(values: readonly string[]): RecordSet {
    const { name, type, ttlSeconds } = this.#options.record
    return recordSet({ name, type, ttlSeconds, values })
  }
}
