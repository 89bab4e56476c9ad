import { assertNever, errorText, HotspareError, type Verdict, withDeadline } from '@hotspare/core'
import type { Outcome, ResourceState, Right } from '@hotspare/core/plan'
import { applyChange, type ApplyOutcome } from '../apply-change.ts'
import type { Replacement } from '../provider.ts'
import type { DnsRecordEventDetails } from '../reconcile-events.ts'
import { RecordNews } from '../reconcile-news.ts'
import { primed } from '../reconcile-primed.ts'
import { ServedWatch } from '../reconcile-served.ts'
import type { RecordSet } from '../record-set.ts'
import { formatSet } from '../value.ts'
import { resourceDefaults } from './defaults.ts'
import { factsOf, readRecord, type RecordReadings } from './facts.ts'
import { judgeRecord, mayTake } from './judge.ts'
import { patiently } from './patiently.ts'
import { RecordLooks } from './record-looks.ts'
import type { ResolvedDnsResource } from './schema.ts'
import { giveUp, takeBack } from './take-back.ts'

/** One record and its claim, moved here and let go of, one at a time. */
export class RecordMover {
  readonly #options: ResolvedDnsResource
  readonly #news: RecordNews
  readonly #looks: RecordLooks
  readonly #served: ServedWatch
  /** Of the right that we acted under last. */
  #token: number | undefined
  #acting: Promise<unknown> = Promise.resolve()
  #acquiring: AbortController | undefined

  constructor(options: ResolvedDnsResource, tell: (event: DnsRecordEventDetails) => void) {
    const { provider, served: check, lookEveryMs: everyMs, clock, random } = options
    this.#options = options
    this.#news = new RecordNews({ what: options, who: provider.id, clock, tell })
    this.#served = new ServedWatch({ check, clock, tell })
    this.#looks = new RecordLooks({
      look: async (signal) => this.#judge(await readRecord(provider, options, { signal })),
      waitMs: () => provider.waitMs(),
      everyMs,
      clock,
      random,
    })
  }

  /** Looks once: names are resolved and connections made before they are needed. */
  prepare(): void {
    this.#looks.doubt()
    this.#looks.observe(undefined).catch(() => {})
  }

  observe(signal: AbortSignal | undefined): Promise<Verdict<ResourceState>> {
    return this.#looks.observe(signal)
  }

  acquire(right: Right, signal: AbortSignal | undefined): Promise<Outcome> {
    const superseded = new AbortController()
    return this.#one(async () => {
      this.#acquiring = superseded
      const either = AbortSignal.any([superseded.signal, this.#looks.closing, ...(signal ? [signal] : [])])
      return this.#bounded('acquire', { either, signal }, (deadline) => this.#acquire(right, deadline))
    })
  }

  release(signal: AbortSignal | undefined): Promise<Outcome> {
    // Letting go comes first: what is being brought here is to be let go of.
    this.#acquiring?.abort(new Error('it is let go of'))
    return this.#one(() => {
      const either = AbortSignal.any([this.#looks.closing, ...(signal ? [signal] : [])])
      return this.#bounded('release', { either, signal }, (deadline) => this.#release(deadline))
    })
  }

  async close(): Promise<void> {
    this.#looks.close()
    this.#served.stop()
    await this.#acting
  }

  async #acquire(right: Right, signal: AbortSignal): Promise<Outcome> {
    const { provider, node, follows, adopt, allowedMs, clock, random } = this.#options
    const own = follows.get(node)
    if (!own || !right.isValid()) return ended()
    const startMs = clock.monotonicMs()
    const before = await this.#lookUnder(right, own, signal)
    if (!before) return ended()
    const facts = factsOf(before)
    const verdict = judgeRecord(facts, { node, follows, token: right.token })
    const take = mayTake(facts, follows)
    if (verdict.state === 'foreign' && take === 'no' && !adopt) {
      return this.#refused('foreign', `${verdict.because}: adopt it once, if it is to be taken over`, true)
    }
    const usedMs = clock.monotonicMs() - startMs
    const outcome = await applyChange({
      provider: primed(provider, { readings: [before.record, before.owner] }),
      desired: [own],
      claim: { node, token: right.token },
      policy: { adopt: adopt || take === 'unclaimed' },
      right,
      allowedMs: Math.max(1, allowedMs.acquire - usedMs - Math.min(resourceDefaults.takeBackMs, allowedMs.acquire / 4)),
      clock,
      random,
      signal,
    })
    this.#token = right.token
    const mayHaveWritten =
      outcome.kind === 'applied' ? verdict.state !== 'held' || outcome.changed : outcome.kind === 'failed' && outcome.mayBeWritten
    if (!right.isValid()) return mayHaveWritten ? this.#takeBack(before, right.token, signal) : ended()
    return this.#told(outcome, before)
  }

  /** @returns undefined where the right has ended before it was seen @throws what the provider throws; the reason of `signal` */
  async #lookUnder(right: Right, own: RecordSet, signal: AbortSignal): Promise<RecordReadings | undefined> {
    const { provider, clock, random } = this.#options
    const either = AbortSignal.any([signal, right.signal])
    try {
      const readings = await patiently(() => readRecord(provider, own, { signal: either }), { provider, clock, random, signal: either })
      return right.isValid() ? readings : undefined
    } catch (error) {
      if (!signal.aborted && !right.isValid()) return undefined
      throw error
    }
  }

  /** Puts back what was written without a right, as far as it is still ours. */
  async #takeBack(before: RecordReadings, token: number, signal: AbortSignal): Promise<Outcome> {
    const { provider, node, follows } = this.#options
    const own = follows.get(node)
    this.#looks.doubt()
    const because = 'the right had ended when the record was written'
    if (!own) return ended()
    try {
      for (let round = 0; round < resourceDefaults.mostRounds; round++) {
        const now = await readRecord(provider, own, { signal })
        const replacements = takeBack({ node, token, own, before, now })
        if (replacements.length === 0) return { ok: false, because: `${because}; it was taken back`, retryable: true }
        await this.#change(replacements, signal)
      }
      return { ok: false, because: `${because}; others change it too`, retryable: true }
    } catch (error) {
      return { ok: false, because: `${because}, and it could not be taken back: ${errorText(error)}`, retryable: true }
    }
  }

  async #release(signal: AbortSignal): Promise<Outcome> {
    const { provider, node, follows, clock, random } = this.#options
    const own = follows.get(node)
    if (!own) return ended()
    this.#served.stop()
    const letGo = async (): Promise<Outcome> => {
      for (let round = 0; round < resourceDefaults.mostRounds; round++) {
        const now = await readRecord(provider, own, { signal })
        const replacement = giveUp(now, { node, token: this.#token })
        if (!replacement) {
          this.#news.settled()
          this.#looks.saw(this.#judge(now))
          const stays = now.record.set ? `${formatSet(now.record.set)} stays as it is` : 'there is no record'
          return { ok: true, detail: `${stays}, and nobody of this node claims it` }
        }
        await this.#change([replacement], signal)
      }
      return { ok: false, because: 'somebody else keeps changing its owner record', retryable: true }
    }
    return patiently(letGo, { provider, clock, random, signal })
  }

  /** One step where the provider has that, else one after the other. A conflict is seen by the next look. */
  async #change(replacements: readonly Replacement[], signal: AbortSignal): Promise<void> {
    const { provider } = this.#options
    this.#looks.doubt()
    const steps = provider.capabilities.atomicBatch ? [replacements] : replacements.map((each) => [each])
    for (const step of steps) {
      const outcome = await provider.change(step, { signal })
      if (outcome.kind === 'conflict') return
    }
  }

  #told(outcome: ApplyOutcome, before: RecordReadings): Outcome {
    const { node, follows } = this.#options
    switch (outcome.kind) {
      case 'applied': {
        const own = follows.get(node)
        const [record, owner] = [before.record, before.owner].map((was) =>
          outcome.after.find(({ name, type }) => name === was.name && type === was.type),
        )
        if (record && owner) this.#looks.saw(this.#judge({ record, owner }))
        this.#news.settled()
        if (!own) return ended()
        const because = `${node} has taken it over with token ${this.#token}`
        if (this.#news.changed({ before: before.record.set, set: own, because, tookMs: outcome.tookMs })) this.#served.begin(own)
        return { ok: true, detail: `${formatSet(own)} is at the provider, claimed with token ${this.#token}` }
      }
      case 'refused':
        return this.#refused(outcome.code, outcome.because, outcome.code === 'foreign')
      case 'conflict':
        return this.#refused('conflict', outcome.because, true)
      case 'failed':
        return this.#failed(outcome.because, outcome.retryable)
      default:
        return assertNever(outcome)
    }
  }

  #refused(code: string, because: string, retryable: boolean): Outcome {
    this.#looks.doubt()
    this.#news.refused(code, because)
    return { ok: false, because, retryable }
  }

  #failed(because: string, retryable: boolean): Outcome {
    this.#looks.doubt()
    this.#news.failed(because)
    return { ok: false, because, retryable }
  }

  #judge(readings: RecordReadings) {
    const { node, follows } = this.#options
    return judgeRecord(factsOf(readings), { node, follows, token: this.#token })
  }

  /** One verb at a time: they change the same thing. */
  #one<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#acting.then(work)
    this.#acting = done.catch(() => {})
    return done
  }

  /** Never rejects but for the caller's own signal: what goes wrong in the world is an outcome. */
  async #bounded(
    verb: 'acquire' | 'release',
    { either, signal }: { readonly either: AbortSignal; readonly signal: AbortSignal | undefined },
    work: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { name, type, allowedMs, clock } = this.#options
    try {
      return await withDeadline(`${verb} ${name} ${type}`, allowedMs[verb], work, { signal: either, clock })
    } catch (error) {
      this.#looks.doubt()
      if (signal?.aborted) throw error
      // It was closed, or is let go of: that is no failure of the provider.
      if (either.aborted) return { ok: false, because: errorText(error), retryable: true }
      return this.#failed(errorText(error), !HotspareError.is(error) || error.retryable)
    }
  }
}

function ended(): Outcome {
  return { ok: false, because: 'the right has ended', retryable: true }
}
