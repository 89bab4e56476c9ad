import type { Clock } from '@hotspare/core'
import { adminWord } from './admin.ts'
import { dampDeath, dampResult } from './damping.ts'
import { type MachineInput, step } from './machine.ts'
import type { MonitorEvents } from './monitor-events.ts'
import type { MonitoredTarget } from './monitored-target.ts'
import type { ProbeResult } from './probe.ts'
import { nextAdvice, nextWarning, nextWeight } from './remarks.ts'

interface ResultEffectsOptions {
  readonly clock: Clock
  readonly events: MonitorEvents
  /** Whether a target is still there: any listener may remove it. */
  readonly isWatched: (target: MonitoredTarget) => boolean
}

/**
 * What a result brings about, in its order: history, damping, state, and what it says beside. After each event it is asked
 * anew whether the target is still there, and still looked at.
 */
export class ResultEffects {
  readonly #clock: Clock
  readonly #events: MonitorEvents
  readonly #isWatched: (target: MonitoredTarget) => boolean

  constructor({ clock, events, isWatched }: ResultEffectsOptions) {
    this.#clock = clock
    this.#events = events
    this.#isWatched = isWatched
  }

  /** A probe has ended, with the result as it counts. */
  finished(target: MonitoredTarget, result: ProbeResult): void {
    const at = this.#clock.wallMs()
    target.history.push(at, result)
    this.#events.finished(target, at, result)
    if (!this.#isLookedAt(target)) return
    const { outcome, detail } = result
    const { damping } = target.rules
    if (damping && outcome !== 'inconclusive') {
      const wasHeld = target.isHeld
      target.damping = dampResult(target.damping, outcome === 'fail', this.#clock.monotonicMs(), damping)
      if (target.isHeld !== wasHeld) this.#events.flaps(target)
      if (!this.#isLookedAt(target)) return
    }
    const immediate = outcome === 'fail' && result.immediate === true
    this.decide(target, { type: 'probe', outcome, immediate, held: target.isHeld, detail })
    this.#takeRemarks(target, result)
  }

  /** Takes one input of the machine: a result, or what real traffic met. */
  decide(target: MonitoredTarget, input: MachineInput): void {
    const { state, effects } = step(target.machine, input, target.rules)
    target.machine = state
    const { damping } = target.rules
    const wasHeld = target.isHeld
    if (damping && effects.some(({ to }) => to === 'down')) {
      target.damping = dampDeath(target.damping, this.#clock.monotonicMs(), damping)
    }
    const holdChanged = target.isHeld !== wasHeld
    target.repace()
    for (const { from, to, because } of effects) {
      target.verdict = { state: to, since: this.#clock.wallMs(), because }
      this.#events.state(target, from)
    }
    if (holdChanged && this.#isWatched(target)) this.#events.flaps(target)
  }

  /** What a result says beside up and down. Each is told before the next one changes, so that no listener comes in between. */
  #takeRemarks(target: MonitoredTarget, result: ProbeResult): void {
    if (!this.#isWatched(target)) return
    const { warning, weight } = target
    target.warning = nextWarning(warning, result)
    this.#events.warning(target, warning)
    if (!this.#isWatched(target)) return
    target.weight = nextWeight(weight, result)
    this.#events.weight(target, weight)
    if (!this.#isWatched(target)) return
    const admin = adminWord(target.voices)?.state
    target.advice = nextAdvice(target.advice, result, this.#clock.wallMs())
    this.#events.admin(target, admin, target.advice?.because ?? 'it asks for it no longer')
  }

  #isLookedAt(target: MonitoredTarget): boolean {
    return this.#isWatched(target) && !target.isLeftAlone
  }
}
