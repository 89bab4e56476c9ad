import { createPool, MAX_WEIGHT, type Pool, type TargetSnapshot } from '@hotspare/balance'
import { assertNever, type Clock, type HealthState, type Logger, type Random, type TargetState } from '@hotspare/core'
import { createOutlierDetector, type OutlierDetector, type OutlierEvent } from '@hotspare/health/outliers'
import type { AttemptFinishedEvent, PickContext, TargetPick } from '@hotspare/proxy'
import type { PoolConfig, TargetConfig } from './config/config.ts'
import type { TargetAside } from './traffic-aside.ts'
import { reportOf } from './traffic-report.ts'
import { algorithmFor } from './worker-drivers.ts'

export interface WorkerPoolSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Told when a target was put aside or has come back; the pool itself knows already. */
  readonly told: (event: OutlierEvent) => void
  /** What was last known of each target. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
}

interface Standing {
  /** As the file has it. */
  readonly fullWeight: number
  weight: number
  state: TargetState
}

/**
 * A pool as the worker has it. Health and people's word come from control and hold for everybody. What requests meet is
 * judged here, on the spot, for this worker alone: who stands out beside its peers is put aside for a while. The two meet
 * in the order in which targets are preferred, and nowhere else: an ejection changes no verdict, and a new worker begins
 * with none.
 */
export class WorkerPool {
  readonly name: string
  readonly #pool: Pool<TargetConfig>
  readonly #clock: Clock
  /** Undefined where the file has switched it off. */
  readonly #detector: OutlierDetector | undefined
  readonly #targets: ReadonlyMap<string, Standing>

  constructor({ name, targets, balance, outliers }: PoolConfig, surroundings: WorkerPoolSurroundings) {
    const { clock, random, logger, told, states } = surroundings
    this.name = name
    this.#clock = clock
    this.#pool = createPool({ targets, algorithm: algorithmFor(balance, random) })
    this.#targets = new Map(targets.map(({ id, weight }) => [id, { fullWeight: weight, weight, state: 'unknown' }]))
    if (outliers) {
      this.#detector = createOutlierDetector({ ...outliers, clock, random, logger })
      this.#detector.setTargets(this.#targets.keys())
      this.#detector.subscribe((event) => {
        this.#pool.setPassive(event.targetId, this.#detector?.get(event.targetId)?.state ?? 'available')
        told(event)
      })
    }
    for (const [id, target] of this.#targets) {
      const state = states?.get(id)
      if (state) this.setState(id, state)
      else this.#tellDetector(id, target)
    }
  }

  has(targetId: string): boolean {
    return this.#targets.has(targetId)
  }

  pick(context: PickContext): TargetPick | undefined {
    return this.#pool.pick(context)
  }

  setState(targetId: string, state: TargetState): void {
    const target = this.#targets.get(targetId)
    if (!target) return
    target.state = state
    this.#pool.setState(targetId, state)
    this.#tellDetector(targetId, target)
  }

  /** @param share of the weight that the file gives it; 0 drains */
  setShare(targetId: string, share: number): void {
    const target = this.#targets.get(targetId)
    if (!target) return
    target.weight = Math.min(MAX_WEIGHT, target.fullWeight * share)
    this.#pool.setWeight(targetId, target.weight)
    this.#tellDetector(targetId, target)
  }

  /** Passive health: what an attempt has met. */
  attemptFinished(event: AttemptFinishedEvent): void {
    if (!this.#detector) return
    const report = reportOf(event)
    if (report) this.#detector.report(event.targetId, report)
  }

  /** Control has looked at a target that is ejected, and it answered. */
  probePassed(targetId: string): void {
    this.#detector?.probePassed(targetId)
  }

  loads(): readonly TargetSnapshot[] {
    return this.#pool.snapshot()
  }

  /** Where the next request goes, and why, in words. */
  because(): string {
    return this.#pool.explain().because
  }

  /** Whether targets can be put aside at all. */
  get judges(): boolean {
    return this.#detector !== undefined
  }

  /** Who is put aside now, and until when. */
  aside(): readonly TargetAside[] {
    const nowMs = this.#clock.wallMs()
    return (this.#detector?.verdicts() ?? []).flatMap(({ targetId, state, since, because, remainingMs = 0 }) =>
      state === 'available' ? [] : [{ targetId, state, since, because, until: nowMs + remainingMs }],
    )
  }

  async start(): Promise<void> {
    await this.#detector?.start()
  }

  async stop(): Promise<void> {
    await this.#detector?.stop()
  }

  #tellDetector(targetId: string, target: Standing): void {
    this.#detector?.setHealth(targetId, fallbackHealth(target))
  }
}

/** Whether others may be ejected because it is left: to the detector, who gets no requests is as good as down. */
function fallbackHealth({ state, weight }: Standing): HealthState {
  if (weight === 0) return 'down'
  switch (state) {
    case 'up':
    case 'degraded':
    case 'unknown':
    case 'down':
      return state
    case 'draining':
    case 'maintenance':
      return 'down'
    default:
      return assertNever(state)
  }
}
