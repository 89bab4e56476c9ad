import { Emitter, type EventSource, type Listener, type TargetState, type Timer } from '@hotspare/core'
import { AnsweredRecord } from './answered-record.ts'
import { judgeBlast, type Withdrawal } from './blast-radius.ts'
import { answeringDefaults } from './defaults.ts'
import type { AnsweringEvent } from './events.ts'
import { readHealth } from './health-source.ts'
import type { ResolvedAnsweringSet } from './options.ts'
import { lookEveryOf, providerLanes } from './provider-lanes.ts'
import type { AnsweringSnapshot } from './snapshot.ts'
import { Standings } from './standings.ts'

/** Records that answer from the health of targets, at one provider or several. */
export interface Answering extends EventSource<AnsweringEvent>, AsyncDisposable {
  /** Begins to look and to write. Nothing is asked before. Idempotent. */
  start(): Promise<void>
  /** Ends what is under way; the records stay as they are, and the providers open. Idempotent; there is no start after it. */
  stop(): Promise<void>
  /** How a target is from now on. @returns false for a target of no record */
  report(targetId: string, state: TargetState): boolean
  /** Looks at all providers now, and resolves when nothing is under way any more; pauses after failures are not waited for. */
  reconcile(): Promise<void>
  /** People's word: what is refused since too much would disappear at once is done, and for a minute nothing is refused for that. */
  force(): void
  /** All that explains what is answered. */
  snapshot(): AnsweringSnapshot
}

/** So many names of held records are told. */
const NAMES_TOLD = 20

/** Enough for what begins with a look at each provider, a decision, and a change with a look after it. */
const MOST_TURNS = 100

/** Owns the timers: decides for all records at once, and lets the workers follow. */
export class AnsweringEngine implements Answering {
  readonly #options: ResolvedAnsweringSet
  readonly #emitter: Emitter<AnsweringEvent>
  readonly #standings: Standings
  readonly #records: readonly AnsweredRecord[]
  readonly #stopping = new AbortController()
  readonly #timers = new Map<'round' | 'again' | 'look' | 'health', Timer>()
  #isRunning = false
  #startMs = 0
  #asking: Promise<void> | undefined
  /** Health is not known before the source was heard for the first time. */
  #healthFailure: string | undefined
  #lately: readonly Withdrawal[] = []
  #mass: AnsweringSnapshot['massChange']
  #forcedUntilMs = -Infinity

  constructor(options: ResolvedAnsweringSet) {
    this.#options = options
    const { clock, random, logger, events, providers, records, adopt, drift, served, health } = options
    this.#emitter = new Emitter({ logger })
    if (events) this.#emitter.subscribe(events)
    if (health) this.#healthFailure = 'its source was not asked yet'
    this.#standings = new Standings(
      records.flatMap(({ targets }) => targets.map(({ id }) => id)),
      clock,
    )
    const withLanes = new Map(Object.entries(providers).map(([label, provider]) => [label, { provider, lanes: providerLanes() }]))
    const common = { providers: withLanes, adopt, drift, served, clock, random }
    const standing = (id: string) => this.#standings.of(id)
    const looked = () => this.#soon()
    this.#records = records.map((record) => {
      const { name, type: recordType } = record
      return new AnsweredRecord({
        ...common,
        record,
        standing,
        looked,
        tell: (provider, event) => this.#emitter.emit({ ...event, at: clock.wallMs(), name, recordType, provider }),
      })
    })
  }

  subscribe(listener: Listener<AnsweringEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  async start(): Promise<void> {
    if (this.#isRunning || this.#stopping.signal.aborted) return
    this.#isRunning = true
    this.#startMs = this.#options.clock.monotonicMs()
    this.#ask()
    this.#look()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('it was stopped'))
    this.#isRunning = false
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    await Promise.all([...this.#records.map((record) => record.stop()), this.#asking])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  report(targetId: string, state: TargetState): boolean {
    if (!this.#standings.has(targetId)) return false
    if (this.#standings.set(targetId, state)) this.#soon()
    return true
  }

  async reconcile(): Promise<void> {
    if (!this.#isRunning) return
    for (const record of this.#records) record.poke(true)
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      await this.#asking
      await Promise.all(this.#records.map((record) => record.idle()))
      const waiting = this.#timers.get('round')
      if (!waiting || !this.#isRunning) return
      waiting.cancel()
      this.#timers.delete('round')
      this.#round()
    }
  }

  force(): void {
    this.#forcedUntilMs = this.#options.clock.monotonicMs() + answeringDefaults.forceMs
    this.#soon()
  }

  snapshot(): AnsweringSnapshot {
    const forcedMs = this.#forcedUntilMs - this.#options.clock.monotonicMs()
    return {
      records: this.#records.map((record) => record.snapshot()),
      healthFailure: this.#healthFailure,
      massChange: this.#mass,
      forcedMs: forcedMs > 0 ? forcedMs : undefined,
    }
  }

  /** Decides once for whatever is reported at the same moment. */
  #soon(): void {
    if (this.#isRunning && !this.#timers.has('round')) this.#in('round', 0, () => this.#round())
  }

  /** One decision for all records, and what may be done of it. */
  #round(): void {
    const { clock, blastRadius } = this.#options
    const atMs = clock.monotonicMs()
    const earlyMs = this.#startMs + answeringDefaults.firstLooksMs - atMs
    if (earlyMs > 0 && !this.#records.every(({ isTried }) => isTried)) {
      // What share of everything would disappear is not known before all of it was seen.
      return this.#again(earlyMs)
    }
    const pending = this.#records.map((record) => record.decide(this.#healthFailure))
    const verdict = judgeBlast(pending, { lately: this.#lately, limit: blastRadius, atMs })
    const isForced = atMs < this.#forcedUntilMs
    const held = new Set(verdict.kind === 'refused' && !isForced ? verdict.held : [])
    // What people have asked for is no cascade.
    if (isForced) this.#lately = []
    else if (verdict.kind === 'allowed') this.#lately = verdict.withdrawals
    this.#tellMass(verdict.kind === 'refused' && !isForced ? verdict : undefined)
    for (const record of this.#records) {
      if (held.has(record.key)) record.hold('too much would disappear at once: people have to force it')
      else record.accept()
    }
    this.#decideAgain(atMs)
  }

  /** Once for each time that it begins. */
  #tellMass(refused: { readonly held: readonly string[]; readonly withdrawn: number; readonly published: number } | undefined): void {
    const wasTold = this.#mass !== undefined
    this.#mass = refused && { withdrawn: refused.withdrawn, published: refused.published, held: refused.held.length }
    if (!refused || wasTold) return
    const { withdrawn, published } = refused
    const [held, names] = [refused.held.length, refused.held.slice(0, NAMES_TOLD)]
    const text = `${withdrawn} of ${published} published values would disappear at once, so ${held} records stay as they are: if that is meant, call force()`
    this.#emitter.emit({ type: 'mass-change-refused', at: this.#options.clock.wallMs(), names, held, withdrawn, published, text })
  }

  /** Some targets come back after a while; what was withdrawn lately is forgotten after a while. */
  #decideAgain(atMs: number): void {
    const { withinMs } = this.#options.blastRadius
    const ends = this.#mass ? this.#lately.map((each) => each.atMs + withinMs) : []
    const nexts = [...ends, ...this.#records.flatMap(({ againAtMs }) => againAtMs ?? [])]
    const next = nexts.reduce((least, each) => Math.min(least, each), Infinity)
    this.#again(next - atMs)
  }

  #again(inMs: number): void {
    this.#timers.get('again')?.cancel()
    this.#timers.delete('again')
    if (inMs !== Infinity && this.#isRunning) this.#in('again', Math.max(1, inMs), () => this.#round())
  }

  #look(): void {
    for (const record of this.#records) record.poke(false)
    const { providers, records, lookEveryMs } = this.#options
    this.#in('look', lookEveryOf(Object.values(providers), records.length, lookEveryMs), () => this.#look())
  }

  /** Asks the source of health, where there is one, and again a while after it has answered. */
  #ask(): void {
    const { health, healthTimeoutMs: timeoutMs, healthEveryMs, clock } = this.#options
    if (!health) return
    const { signal } = this.#stopping
    this.#asking = readHealth(health, { timeoutMs, clock, signal }).then((reading) => {
      if (!this.#isRunning) return
      const failure = reading.ok ? undefined : reading.because
      const isNews = reading.ok && this.#standings.setAll(reading.states)
      if (isNews || failure !== this.#healthFailure) this.#soon()
      this.#healthFailure = failure
      this.#in('health', healthEveryMs, () => this.#ask())
    })
  }

  #in(name: 'round' | 'again' | 'look' | 'health', delayMs: number, work: () => void): void {
    const timer = this.#options.clock.schedule(delayMs, () => {
      this.#timers.delete(name)
      work()
    })
    this.#timers.set(name, timer)
  }
}
