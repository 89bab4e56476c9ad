import type { Severity } from '@hotspare/alert'
import type { AdminState, Clock, TargetState, Verdict } from '@hotspare/core'
import type { TimelineEntry } from '@hotspare/api'
import type { Config } from '../config/config.ts'
import { HeldReports } from './held-reports.ts'
import type { LastWord, LastWords, LeftTimeline, MaintenanceWord, WorkerOrder } from './messages.ts'

/** What outlives a control and a worker: what the next ones begin with. */
export class HeldState {
  /** What control said of each target last. */
  readonly states: Map<string, TargetState> = new Map()
  /** What agents advise, as control told it last. */
  readonly weights: Map<string, number> = new Map()
  /** What people say of pools. */
  readonly maintenance: Map<string, MaintenanceWord> = new Map()
  readonly #admin = new Map<string, Verdict<AdminState>>()
  readonly #firing = new Map<string, Severity>()
  readonly #reports: HeldReports
  #timeline: readonly TimelineEntry[] | undefined

  constructor(clock: Clock) {
    this.#reports = new HeldReports(clock)
  }

  /** Of what control tells a worker, what the next worker needs, too. */
  told(order: WorkerOrder): void {
    if (order.type === 'target-state') this.states.set(order.targetId, order.state)
    if (order.type === 'target-weight') this.weights.set(order.targetId, order.weight)
    if (order.type === 'pool-maintenance') setOrDelete(this.maintenance, order.pool, order.word)
  }

  hear(word: LastWord | LeftTimeline): void {
    switch (word.type) {
      case 'admin-set':
        return setOrDelete(this.#admin, word.targetId, word.verdict)
      case 'alert-firing':
        return setOrDelete(this.#firing, word.key, word.severity)
      case 'job-reported':
        return this.#reports.hold(word.check, word.report)
      case 'timeline-left':
        this.#timeline = word.entries
        return
    }
  }

  /** For a control that begins. The timeline goes to the first one alone: what a control that is killed has seen since is lost. */
  lastWords(): LastWords {
    const timeline = this.#timeline
    this.#timeline = undefined
    return {
      admin: this.#admin,
      firing: this.#firing,
      states: this.states,
      maintenance: this.maintenance,
      reports: this.#reports.list(),
      timeline,
    }
  }

  /**
   * Another configuration holds: what is gone from it is forgotten, and a target that is another one now is not known yet. The word
   * of people stays with the name. An alarm stays, too: the next control ends what nobody looks at any more.
   */
  follow({ pools, checks }: Pick<Config, 'pools' | 'checks'>, sameTargets: ReadonlySet<string>): void {
    const targets = new Set(pools.flatMap((pool) => pool.targets.map(({ id }) => id)))
    keepOnly(this.states, sameTargets)
    keepOnly(this.weights, sameTargets)
    keepOnly(this.#admin, targets)
    keepOnly(this.maintenance, new Set(pools.map(({ name }) => name)))
    this.#reports.keepOnly(new Set(checks.filter(({ type }) => type === 'push').map(({ name }) => name)))
  }
}

function keepOnly(map: Map<string, unknown>, keys: ReadonlySet<string>): void {
  for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
}

function setOrDelete<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
