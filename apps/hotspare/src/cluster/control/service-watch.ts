import { assertNever, type Clock, type Logger, type Random, type Timer, type Verdict } from '@hotspare/core'
import { createHealthMonitor, type HealthMonitor, type TargetHealth } from '@hotspare/health'
import type { ServiceConfig } from '../../config/config.ts'
import { monitorRules } from '../../config/watch-rules.ts'
import { checkProbe } from '../../drivers.ts'
import { LOOK_FALL, LOOK_MS, lookCheck } from '../look-check.ts'
import type { ClusterOrder } from '../messages.ts'

export interface ServiceWatchOptions {
  /** Those that this node is a member of. */
  readonly services: readonly ServiceConfig[]
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly tell: (order: Extract<ClusterOrder, { readonly type: 'check' | 'served' }>) => void
}

/** How often a verdict that stands is repeated, so that the engine knows that somebody still looks. */
const REPEAT_MS = 500

/** Looks at each service from this node: at itself, and, as users do, at its address. */
export class ServiceWatch {
  readonly #options: ServiceWatchOptions
  readonly #checks: HealthMonitor
  readonly #looks: HealthMonitor
  #timer: Timer | undefined

  constructor(options: ServiceWatchOptions) {
    const { services, clock, random, logger, tell } = options
    this.#options = options
    this.#checks = createHealthMonitor({ clock, random, logger })
    // A look that a lagging process makes is not doubted: nobody takes over on it alone, and the engine knows of its own pauses.
    this.#looks = createHealthMonitor({ clock, random, logger, observer: false })
    for (const service of services) {
      const { name, check } = service
      this.#checks.add({ id: name, probe: checkProbe(check, clock), ...monitorRules(check), trafficFailures: 0 })
      const look = lookCheck(service)
      if (look)
        this.#looks.add({
          id: name,
          probe: checkProbe(look, clock),
          intervalMs: Math.min(check.intervalMs, LOOK_MS),
          rise: 1,
          fall: LOOK_FALL,
          trafficFailures: 0,
        })
    }
    this.#checks.subscribe((event) => {
      if (event.type !== 'probe-finished' && 'targetId' in event) this.#tellCheck(event.targetId)
    })
    this.#looks.subscribe((event) => {
      if (!('targetId' in event)) return
      // Each result, and each change of the state, which comes after the result that brings it about.
      const health = this.#looks.get(event.targetId)
      if (health) tell({ type: 'served', service: event.targetId, verdict: servedOf(health) })
    })
  }

  async start(): Promise<void> {
    await Promise.all([this.#checks.start(), this.#looks.start()])
    this.#repeat()
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    await Promise.all([this.#checks.stop(), this.#looks.stop()])
  }

  /** What the own check of a service shows. */
  healthOf(service: string): TargetHealth | undefined {
    return this.#checks.get(service)
  }

  #repeat(): void {
    this.#timer = this.#options.clock.schedule(REPEAT_MS, () => {
      this.#repeat()
      for (const { name } of this.#options.services) this.#tellCheck(name)
    })
  }

  #tellCheck(service: string): void {
    const verdict = this.#checks.get(service)?.verdict
    if (verdict) this.#options.tell({ type: 'check', service, verdict })
  }
}

/** From its first failure on it is doubted: whoever might have to take over prepares for it. */
function servedOf({ verdict: { state, since, because }, lastResult }: TargetHealth): Verdict<'yes' | 'no' | 'unknown'> {
  switch (state) {
    case 'up':
    case 'degraded':
      if (lastResult?.outcome === 'fail') return { state: 'unknown', since, because: `the last look failed: ${lastResult.detail}` }
      return { state: 'yes', since, because }
    case 'down':
      return { state: 'no', since, because }
    case 'unknown':
      return { state: 'unknown', since, because }
    default:
      return assertNever(state)
  }
}
