import { CloudError } from '@hotspare/cloud'
import { backoffMs, errorText, HotspareError, type Random } from '@hotspare/core'
import type { ApplyOutcome } from '../apply-change.ts'
import { ownerName } from '../owner.ts'
import { type Claim, type PlanPolicy, planRecords } from '../plan-records.ts'
import type { ChangeOutcome, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { formatSet, sameSet } from '../value.ts'
import { type RunCalls, RunEnded } from './calls.ts'
import { applyDefaults } from './defaults.ts'

export interface RunTerms {
  readonly provider: DnsProvider
  readonly desired: readonly RecordSet[]
  readonly claim: Claim | undefined
  readonly policy: PlanPolicy | undefined
  readonly random: Random
}

type Done = Omit<Extract<ApplyOutcome, { kind: 'applied' }>, 'tookMs'> | Exclude<ApplyOutcome, { kind: 'applied' }>

/** Looks, plans and changes until a look shows nothing to do. */
export class ChangeRun {
  readonly #terms: RunTerms
  readonly #calls: RunCalls
  readonly #names: readonly RecordSetName[]
  #failures = 0
  #lastFailure: unknown
  #changed = false
  #mayBeWritten = false
  #serial: number | undefined

  constructor(terms: RunTerms, calls: RunCalls) {
    this.#terms = terms
    this.#calls = calls
    const { desired, claim } = terms
    const owner = claim && desired[0] ? [{ name: ownerName(desired[0].name), type: 'TXT' as const }] : []
    this.#names = [...owner, ...desired.map(({ name, type }) => ({ name, type }))]
  }

  /** @throws whatever ends it: see {@link failed} */
  async run(): Promise<Done> {
    const { provider, desired, claim, policy } = this.#terms
    const { capabilities } = provider
    const before = await this.#look()
    let actual = before
    let rounds = 0
    for (;;) {
      const plan = planRecords({ desired, actual, claim, policy, capabilities })
      if (plan.kind === 'refused') return { kind: 'refused', code: plan.code, because: plan.because, current: actual }
      if (plan.kind === 'nothing') return { kind: 'applied', changed: this.#changed, before, after: actual, serial: this.#serial }
      // One after the other: what comes next is planned anew, from what is there then.
      const step = capabilities.atomicBatch ? plan.replacements : plan.replacements.slice(0, 1)
      if (rounds >= applyDefaults.mostRounds)
        return { kind: 'conflict', because: `others keep changing it, ${rounds} times so far`, current: actual }
      const outcome = await this.#change(step)
      // One that has failed has waited, and is bounded by its time.
      if (outcome) rounds += 1
      if (outcome?.kind === 'conflict') {
        const told = merged(actual, outcome.current)
        if (!claim) return { kind: 'conflict', because: 'somebody else has changed it meanwhile', current: told }
        // What was compared in one step was told in one: otherwise the owner may have changed as well.
        actual = capabilities.atomicBatch ? told : await this.#look()
        continue
      }
      // What is lost without a trace may have been done as well: the next look shows it.
      actual = outcome ? await this.#lookFor(step) : await this.#look()
    }
  }

  /** What is told of a run that has ended with an error. */
  failed(error: unknown): Extract<ApplyOutcome, { kind: 'failed' }> {
    const cause = error instanceof RunEnded ? this.#lastFailure : error
    const words = error instanceof RunEnded && cause !== undefined ? `${error.message}; before that, ${errorText(cause)}` : errorText(error)
    return {
      kind: 'failed',
      because: words,
      retryable: error instanceof RunEnded || !HotspareError.is(error) || error.retryable,
      retryAfterMs: cause instanceof CloudError ? cause.retryAfterMs : undefined,
      mayBeWritten: this.#changed || this.#mayBeWritten,
    }
  }

  async #look(): Promise<readonly Reading[]> {
    for (;;) {
      const read = await this.#try((signal) => this.#readAll(signal))
      if (read) return read
    }
  }

  /**
   * Where sets change one by one, the owner is read last: whoever has taken it over afterwards changes the set after we have read it,
   * which our own change then finds out.
   */
  async #readAll(signal: AbortSignal): Promise<readonly Reading[]> {
    const { provider } = this.#terms
    if (provider.capabilities.atomicBatch) return Promise.all(this.#names.map((name) => provider.read(name, { signal })))
    const readings: Reading[] = []
    for (const name of this.#names.toReversed()) readings.unshift(await provider.read(name, { signal }))
    return readings
  }

  /** @returns undefined where it is not known what has become of it */
  async #change(step: readonly Replacement[]): Promise<ChangeOutcome | undefined> {
    const outcome = await this.#try(async (signal) => {
      this.#mayBeWritten = true
      try {
        return await this.#terms.provider.change(step, { signal })
      } catch (error) {
        // These come instead of a change, all others may come after it.
        if (error instanceof CloudError && error.fault !== 'unavailable' && error.fault !== 'busy') this.#mayBeWritten = this.#changed
        throw error
      }
    })
    if (outcome) this.#failures = 0
    if (outcome?.kind === 'conflict') this.#mayBeWritten = this.#changed
    if (outcome?.kind === 'applied') {
      this.#changed = true
      this.#serial = outcome.serial ?? this.#serial
    }
    return outcome
  }

  /** Servers accept what they then leave out, and some show it a little later. */
  async #lookFor(step: readonly Replacement[]): Promise<readonly Reading[]> {
    for (let looks = 1; ; looks++) {
      const actual = await this.#look()
      const unseen = unseenOf(step, actual)
      if (!unseen) return actual
      if (looks >= applyDefaults.looksForWritten) throw leftOut(this.#terms.provider.id, unseen)
      await this.#calls.wait(applyDefaults.lookAgainMs * 2 ** (looks - 1))
    }
  }

  /** @returns undefined after a failure that may be over: it has waited already @throws any other */
  async #try<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#calls.make(call)
    } catch (error) {
      if (error instanceof RunEnded || !HotspareError.is(error) || !error.retryable) throw error
      this.#lastFailure = error
      this.#failures += 1
      const { retryBaseMs: baseMs, retryCapMs: capMs } = applyDefaults
      const pauseMs = backoffMs(this.#failures, { baseMs, capMs, random: this.#terms.random })
      await this.#calls.wait(Math.max(pauseMs, this.#terms.provider.waitMs()))
      return undefined
    }
  }
}

/** What was changed and is shown as it was before; undefined where nothing is, or where somebody else has changed something since. */
function unseenOf(step: readonly Replacement[], actual: readonly Reading[]): Replacement | undefined {
  const changed = step.filter(({ expected, next }) => !sameSet(expected.set, next))
  const shown = changed.map(({ expected }) => find(actual, expected)?.set)
  const isOld = changed.map(({ expected }, index) => sameSet(shown[index], expected.set))
  const isOurs = changed.every(({ next }, index) => isOld[index] === true || sameSet(shown[index], next))
  return isOurs ? changed[isOld.indexOf(true)] : undefined
}

function leftOut(who: string, { expected, next }: Replacement): HotspareError {
  const shown = expected.set ? formatSet(expected.set) : `no ${expected.name} ${expected.type}`
  const wanted = next ? formatSet(next) : 'nothing'
  return new CloudError({ who, fault: 'refused', why: `it has accepted ${wanted}, and still shows ${shown}: is a CNAME in the way?` })
}

function merged(actual: readonly Reading[], told: readonly Reading[]): readonly Reading[] {
  return actual.map((each) => find(told, each) ?? each)
}

function find(readings: readonly Reading[], { name, type }: RecordSetName): Reading | undefined {
  return readings.find((each) => each.name === name && each.type === type)
}
