import { createPool, createQueue, MAX_WEIGHT, type PickQueue, type Pool, type PoolOptions, type TargetSnapshot } from '@hotspare/balance'
import { assertNever, type Clock, type HealthState, type Logger, type Random, type TargetState } from '@hotspare/core'
import { createOutlierDetector, type OutlierDetector, type OutlierEvent } from '@hotspare/health/outliers'
import type { AttemptFinishedEvent, PickContext, Picked } from '@hotspare/proxy'
import type { PoolConfig, TargetConfig } from './config/config.ts'
import type { WorkerExplanation } from './process/messages.ts'
import type { TargetAside } from './traffic-aside.ts'
import { reportOf } from './traffic-report.ts'
import { algorithmFor } from './worker-drivers.ts'
import { createLine } from './worker-line.ts'

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
  /** Undefined where requests do not wait. */
  readonly #queue: PickQueue<TargetConfig> | undefined
  readonly #clock: Clock
  /** Undefined where the file has switched it off. */
  readonly #detector: OutlierDetector | undefined
  readonly #targets: ReadonlyMap<string, Standing>

  /** Finds a target for a request; a promise where it has to wait. */
  readonly pick: (context: PickContext) => Picked | Promise<Picked>

  constructor(config: PoolConfig, surroundings: WorkerPoolSurroundings) {
    const { name, targets, outliers } = config
    const { clock, random, logger, told, states } = surroundings
    this.name = name
    this.#clock = clock
    this.#pool = createPool(poolOptions(config, random, clock))
    this.#queue = config.queue && createQueue(this.#pool, { ...config.queue, clock })
    this.pick = createLine({ config, pool: this.#pool, queue: this.#queue, clock })
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

  /** How many requests wait for a target; undefined where none does. */
  waiting(): number | undefined {
    return this.#queue?.waiting
  }

  /** Where requests go, or those with this key, and why. */
  explain(key: string | undefined): WorkerExplanation {
    const spread = this.#pool.explain()
    const placed = key === undefined ? undefined : this.#pool.explain(key)
    return { spread, placed, loads: this.loads(), waiting: this.waiting() }
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
    this.#queue?.close()
    await this.#detector?.stop()
  }

  #tellDetector(targetId: string, target: Standing): void {
    this.#detector?.setHealth(targetId, fallbackHealth(target))
  }
}

/** What the file says, as the package takes it. */
function poolOptions(config: PoolConfig, random: Random, clock: Clock): PoolOptions<TargetConfig> {
  const { targets, balance, panic, panicThreshold, overprovisioningFactor, zones: zoneWeights, slowStart } = config
  return { targets, algorithm: algorithmFor(balance, random), panic, panicThreshold, overprovisioningFactor, zoneWeights, slowStart, clock }
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
