import { type Clock, type Random, systemRandom } from '@hotspare/core'
import type { Algorithm, Candidate, Candidates, ChooseContext, Chooser, Outcome } from './algorithm.ts'
import { poolDefaults } from './defaults.ts'
import { Draw } from './draw.ts'
import { misuse, refuseUnknown, requireMethod } from './errors.ts'
import { createPeakAverage, type PeakAverage } from './peak-average.ts'

export interface PeakEwmaOptions {
  /** How fast the past is forgotten: what was measured so long ago counts e times less, in milliseconds. Default: 10 s */
  readonly decayMs?: number | undefined
  /** What is assumed of a target that has not answered yet, in milliseconds. Default: 30 */
  readonly initialLatencyMs?: number | undefined
  /** A failure counts as an answer that took at least so long, in milliseconds. Default: 5 s */
  readonly penaltyMs?: number | undefined
  /** Where chance comes from. Default: the machine's generator */
  readonly random?: Random | undefined
}

/**
 * Draws two different targets, each as likely as any other, and takes the one where a request is likely to wait less:
 * `latency * (active + 1) / weight`, with a moving average of the latency that jumps to each new peak and comes down
 * slowly, as in Finagle and linkerd. It learns from what `done(outcome)` is told; untold, it acts as least request.
 * Failures count as slow answers: a target that refuses at once must not draw the traffic.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function peakEwma(options: PeakEwmaOptions = {}): Algorithm {
  refuseUnknown('peak ewma', options, ['decayMs', 'initialLatencyMs', 'penaltyMs', 'random'])
  const { decayMs = poolDefaults.decayMs, initialLatencyMs = poolDefaults.initialLatencyMs } = options
  const { penaltyMs = poolDefaults.penaltyMs, random = systemRandom } = options
  requireMethod('peak ewma', 'random', random, 'next')
  for (const [name, value] of Object.entries({ decayMs, initialLatencyMs, penaltyMs })) {
    if (!(value > 0 && Number.isFinite(value))) throw misuse(`peak ewma: ${name} is ${value}: write milliseconds, more than 0`)
  }
  return {
    name: 'peak-ewma',
    keyed: false,
    start: (size, { clock }) => {
      const startMs = clock.monotonicMs()
      const estimates = Array.from({ length: size }, () => createPeakAverage({ decayMs, initial: initialLatencyMs, startMs }))
      return new PeakEwma(estimates, penaltyMs, clock, new Draw(2, random))
    },
  }
}

/** An estimate that has gone to nothing would hide how many requests are open. */
const LEAST_LATENCY_MS = 0.001

class PeakEwma implements Chooser {
  readonly #estimates: readonly PeakAverage[]
  readonly #penaltyMs: number
  readonly #clock: Clock
  readonly #draw: Draw
  #nowMs = 0

  constructor(estimates: readonly PeakAverage[], penaltyMs: number, clock: Clock, draw: Draw) {
    this.#estimates = estimates
    this.#penaltyMs = penaltyMs
    this.#clock = clock
    this.#draw = draw
  }

  choose<Member extends Candidate>({ members }: Candidates<Member>, { exclude }: ChooseContext): Member | undefined {
    this.#nowMs = this.#clock.monotonicMs()
    return this.#draw.best(members, exclude, this.#isCheaper)
  }

  finished({ index }: Candidate, { latencyMs, ok }: Outcome): void {
    // What never ends has no length, and an average would keep it for ever.
    const isEndless = latencyMs === Infinity
    if (!(latencyMs >= 0) || (ok && isEndless)) return
    const counted = ok ? latencyMs : Math.max(isEndless ? 0 : latencyMs, this.#penaltyMs)
    this.#estimates[index]?.add(counted, this.#clock.monotonicMs())
  }

  readonly #isCheaper = (candidate: Candidate, than: Candidate): boolean => this.#cost(candidate) < this.#cost(than)

  #cost({ index, active, weight }: Candidate): number {
    const latencyMs = this.#estimates[index]?.at(this.#nowMs) ?? 0
    return (Math.max(latencyMs, LEAST_LATENCY_MS) * (active + 1)) / weight
  }
}
