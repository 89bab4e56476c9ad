import { assertNever, type Clock, errorText, type Random, type Timer, withDeadline } from '@hotspare/core'
import { applyChange } from '../apply-change.ts'
import type { DnsProvider, Reading } from '../provider.ts'
import type { DnsRecordEventDetails, DriftPolicy } from '../reconcile-events.ts'
import { RecordNews } from '../reconcile-news.ts'
import { primed } from '../reconcile-primed.ts'
import { type ServedCheck, ServedWatch } from '../reconcile-served.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { formatSet } from '../value.ts'
import { answeringDefaults } from './defaults.ts'
import { EditWatch } from './edit-watch.ts'
import type { ProviderLanes } from './provider-lanes.ts'
import type { WorkerSnapshot, WorkerState } from './snapshot.ts'
import { Trouble } from './trouble.ts'

/** What a record has to be, and why. */
export interface Wanted {
  readonly set: RecordSet
  readonly because: string
}

export interface RecordWorkerOptions {
  readonly provider: DnsProvider
  /** Of all records at this provider. */
  readonly lanes: ProviderLanes
  readonly what: RecordSetName
  /** As people call the provider in their configuration. */
  readonly label: string
  /** Undefined while it is not known. Asked anew before each write. */
  readonly wanted: () => Wanted | undefined
  /** Why it is not known. */
  readonly whyNot: () => string
  /** Whether another writer of ours could have made a set: all its values are answers. */
  readonly isOurs: (set: RecordSet) => boolean
  /** Whether what is foreign may be taken over. */
  readonly adopt: boolean
  readonly drift: DriftPolicy
  readonly served: ServedCheck | undefined
  readonly clock: Clock
  readonly random: Random
  readonly tell: (event: DnsRecordEventDetails) => void
  /** It was looked at, or tried to be. */
  readonly looked: () => void
}

/** One record at one provider: looks, compares, writes what has to be written, and tries again later what went wrong. */
export class RecordWorker {
  readonly #options: RecordWorkerOptions
  readonly #edits: EditWatch
  readonly #served: ServedWatch
  readonly #news: RecordNews
  readonly #trouble: Trouble
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #again = false
  #isUrgent = false
  /** A look that waits for its turn goes first from now on. */
  #hurry: (() => void) | undefined
  #pause: Timer | undefined
  #pauseEndsMs = 0
  /** For an edit that is not judged yet: holds nothing up. */
  #lookAgain: Timer | undefined
  #seen: { readonly set: RecordSet | undefined; readonly atMs: number } | undefined
  #state: WorkerState = 'waiting'
  #because = 'it was not looked at yet'
  #since: number
  /** What was there before a write whose end is not known. */
  #unheard: { readonly from: RecordSet | undefined; readonly because: string; readonly startMs: number } | undefined

  constructor(options: RecordWorkerOptions) {
    const { provider, what, served: check, clock, random, tell, drift: policy, label, isOurs } = options
    this.#options = options
    this.#since = clock.wallMs()
    this.#served = new ServedWatch({ check, clock, tell })
    this.#news = new RecordNews({ what, who: label, where: ` at ${label}`, clock, tell })
    this.#trouble = new Trouble({ provider, random, news: this.#news })
    this.#edits = new EditWatch({ policy, label, isOurs, clock, tell })
  }

  /** What the provider had when it was last looked at; undefined before it was. */
  get seen(): { readonly set: RecordSet | undefined } | undefined {
    return this.#seen
  }

  /** Whether it was looked at, or that has failed. */
  get isTried(): boolean {
    return this.#seen !== undefined || this.#state === 'failing'
  }

  get label(): string {
    return this.#options.label
  }

  /**
   * Looks again, as soon as what is under way has ended; during a pause, after it.
   *
   * @param isUrgent there is something to write
   */
  poke(isUrgent: boolean): void {
    this.#again = true
    this.#isUrgent ||= isUrgent
    if (isUrgent) this.#hurry?.()
    if (this.#running || this.#pause || this.#stopping.signal.aborted) return
    this.#running = this.#rounds().finally(() => {
      this.#running = undefined
      if (this.#again) this.poke(false)
    })
  }

  /** Until nothing is under way; a pause is not waited for. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async stop(): Promise<void> {
    this.#again = false
    this.#stopping.abort(new Error('it was stopped'))
    this.#served.stop()
    this.#pause?.cancel()
    this.#lookAgain?.cancel()
    this.#pause = this.#lookAgain = undefined
    await this.idle()
  }

  snapshot(): WorkerSnapshot {
    const { clock, label, provider } = this.#options
    const nowMs = clock.monotonicMs()
    return {
      provider: label,
      id: provider.id,
      state: this.#state,
      since: this.#since,
      because: this.#because,
      seen: this.#seen && { set: this.#seen.set, ageMs: nowMs - this.#seen.atMs },
      settled: this.#edits.settled,
      failures: this.#trouble.failures,
      retryInMs: this.#pause && Math.max(0, this.#pauseEndsMs - nowMs),
      served: this.#served.said,
    }
  }

  /** Never rejects. */
  async #rounds(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false
      const pauseMs = await this.#round().catch((error: unknown) => this.#failed('read', errorText(error)))
      this.#options.looked()
      if (pauseMs > 0) return this.#waitFor(pauseMs)
    }
  }

  /** @returns how long to wait before the next one, in milliseconds @throws what the provider throws */
  async #round(): Promise<number> {
    const { provider, lanes, what, clock, wanted: ask, whyNot, isOurs, adopt } = this.#options
    const { signal } = this.#stopping
    // Bounded here too: a provider of somebody else may not end when it is told to.
    const { readMs } = answeringDefaults
    const read = () => withDeadline(provider.id, readMs, (own) => provider.read(what, { signal: own }), { signal, clock })
    const place = lanes.reads.enter(read, this.#isUrgent)
    this.#isUrgent = false
    this.#hurry = () => place.hurry()
    const reading = await place.done
    this.#trouble.read()
    this.#seen = { set: reading.set, atMs: clock.monotonicMs() }
    const wanted = ask()
    if (!wanted) {
      this.#become('waiting', whyNot())
      return 0
    }
    const verdict = this.#edits.judge(reading.set, wanted.set)
    if (verdict.kind === 'agrees') return this.#agree(wanted.set)
    if (verdict.kind === 'leave') {
      this.#become('edited', verdict.because)
      if (verdict.lookAgainMs !== undefined) this.#lookAgainIn(verdict.lookAgainMs)
      return 0
    }
    if (reading.set && this.#edits.settled === undefined && !adopt && !isOurs(reading.set)) {
      this.#refused('foreign', `${formatSet(reading.set)} is there, which leads to no target: adopt it once`)
      return 0
    }
    return this.#write(reading, verdict.because)
  }

  /** @returns as `#round` */
  async #write(reading: Reading, why: string | undefined): Promise<number> {
    const { provider, lanes, clock, random, wanted: ask } = this.#options
    const { signal } = this.#stopping
    this.#become('changing', why ?? 'it is not what it should be')
    const startMs = clock.monotonicMs()
    const write = async (): Promise<number> => {
      // What has changed while others were written is taken along.
      const wanted = ask()
      if (!wanted || signal.aborted) return 0
      const earlier = this.#unheard
      this.#unheard = { from: earlier?.from ?? reading.set, startMs: earlier?.startMs ?? startMs, because: why ?? wanted.because }
      // Where it had to wait for others, what was read before may be old.
      const isFresh = clock.monotonicMs() - startMs <= answeringDefaults.freshMs
      const { writeMs: allowedMs } = answeringDefaults
      const onUnheard = () => this.#edits.doubt(wanted.set)
      const asked = primed(provider, { readings: isFresh ? [reading] : [], onUnheard })
      const done = await applyChange({ provider: asked, desired: [wanted.set], allowedMs, clock, random, signal })
      switch (done.kind) {
        case 'applied':
          this.#seen = { set: wanted.set, atMs: clock.monotonicMs() }
          return this.#agree(wanted.set)
        case 'refused':
          this.#unheard = undefined
          this.#refused(done.code, done.because)
          return 0
        case 'conflict':
          this.#unheard = undefined
          return this.#lost(done.because)
        case 'failed':
          return this.#failed('change', done.because, done.retryAfterMs)
        default:
          return assertNever(done)
      }
    }
    return lanes.writes.enter(write, true).done
  }

  #agree(set: RecordSet): number {
    this.#trouble.worked()
    this.#news.settled()
    this.#become('agrees', 'it is what it should be')
    this.#tellChanged(set)
    this.#edits.agree(set)
    return 0
  }

  /** Also where the answer to the change was lost, and a later look has shown that it was made. */
  #tellChanged(set: RecordSet): void {
    if (!this.#unheard) return
    const { from, because, startMs } = this.#unheard
    this.#unheard = undefined
    const tookMs = this.#options.clock.monotonicMs() - startMs
    if (this.#news.changed({ before: from, set, because, tookMs })) this.#served.begin(set)
  }

  /** Another was faster, and may have written the same: a look will tell. @returns how long to wait, in milliseconds */
  #lost(because: string): number {
    const pauseMs = this.#trouble.met()
    if (this.#trouble.failures > 1) this.#refused('conflict', because)
    return pauseMs
  }

  #refused(code: string, because: string): void {
    this.#become('refused', because)
    this.#news.refused(code, because)
  }

  /** @returns how long to wait, in milliseconds */
  #failed(what: 'read' | 'change', because: string, retryAfterMs?: number): number {
    if (this.#stopping.signal.aborted) return 0
    this.#become('failing', because)
    return this.#trouble.failed(what, because, retryAfterMs)
  }

  #waitFor(pauseMs: number): void {
    if (this.#stopping.signal.aborted) return
    const { clock } = this.#options
    this.#pauseEndsMs = clock.monotonicMs() + pauseMs
    this.#pause = clock.schedule(pauseMs, () => {
      this.#pause = undefined
      this.poke(false)
    })
  }

  #lookAgainIn(delayMs: number): void {
    if (this.#stopping.signal.aborted) return
    this.#lookAgain?.cancel()
    this.#lookAgain = this.#options.clock.schedule(delayMs, () => this.poke(true))
  }

  #become(state: WorkerState, because: string): void {
    if (this.#state !== state) this.#since = this.#options.clock.wallMs()
    this.#state = state
    this.#because = because
  }
}
