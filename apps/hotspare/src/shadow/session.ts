import type { AddressCheck } from './checks.ts'
import { shadowLimits } from './limits.ts'
import { endedWithRun } from './incident-log.ts'
import type { RouterReport, ShadowReport, Stretch, Tenure } from './report-types.ts'
import type { WatchedInstance } from './router-record.ts'
import { ShadowWatch, type WatchOptions } from './watch.ts'

export interface SessionOptions extends Omit<WatchOptions, 'earlier' | 'earlierEnded'> {
  readonly check: AddressCheck
  /** What an earlier run has written, and this one goes on with. */
  readonly earlier: ShadowReport | undefined
  readonly facts: { readonly version: string; readonly host: string; readonly file: string; readonly notes: readonly string[] }
}

/** A wall clock that was set by more than this is told of: the times of the run are by its first one. */
const CLOCK_SET_MS = 1_000

/** One run of the watch, as the last part of a report that may have begun in earlier ones. */
export class Session {
  readonly #options: SessionOptions
  readonly #watch: ShadowWatch
  readonly #offsetMs: number
  readonly #startedAt: number
  #stoppedAt: number | undefined

  constructor(options: SessionOptions) {
    const { earlier, clock } = options
    this.#options = options
    this.#offsetMs = clock.wallMs() - clock.monotonicMs()
    this.#startedAt = Math.round(clock.wallMs())
    this.#watch = new ShadowWatch({
      ...options,
      earlier: (instance) => earlier?.routers.find((router) => isSame(router, instance)),
      earlierEnded: earlier?.updatedAt ?? 0,
    })
  }

  start(): Promise<void> {
    return this.#watch.start()
  }

  async stop(): Promise<void> {
    if (this.#stoppedAt !== undefined) return
    this.#stoppedAt = this.#now()
    await this.#watch.stop()
  }

  report(): ShadowReport {
    const { earlier, facts, check, probeEveryMs, ttlMs, clock } = this.#options
    const now = this.#stoppedAt ?? this.#now()
    const runs: readonly Stretch[] = (earlier?.runs ?? []).map(({ from, to }) => ({
      from,
      to: to ?? Math.max(from, earlier?.updatedAt ?? from),
    }))
    const observer = this.#watch.observer()
    const drift = Math.round(clock.wallMs() - clock.monotonicMs() - this.#offsetMs)
    const clockNote =
      Math.abs(drift) > CLOCK_SET_MS
        ? [`The clock of this machine was set by ${drift} ms since the start; times are by the clock of the start.`]
        : []
    return {
      format: 1,
      version: facts.version,
      host: facts.host,
      file: facts.file,
      updatedAt: now,
      runs: [...runs.slice(-(shadowLimits.runs - 1)), { from: this.#startedAt, to: this.#stoppedAt ?? null }],
      settings: { check: check.text, probeEveryMs, ttlMs },
      observer: {
        framesDropped: observer.framesDropped + (earlier?.observer.framesDropped ?? 0),
        blindMs: observer.blindMs + (earlier?.observer.blindMs ?? 0),
        longestPauseMs: Math.max(observer.longestPauseMs, earlier?.observer.longestPauseMs ?? 0),
      },
      notes: [...facts.notes, ...clockNote, ...this.#watch.notes()].slice(0, shadowLimits.notes),
      routers: [...this.#watch.routers(), ...this.#formerRouters()],
    }
  }

  /** Routers that an earlier run has watched, and this one does not: what was found of them is kept. */
  #formerRouters(): readonly RouterReport[] {
    const { earlier, instances } = this.#options
    const ended = earlier?.updatedAt ?? 0
    const close = (tenures: readonly Tenure[]) => tenures.map((each) => ({ ...each, to: each.to ?? Math.max(each.from, ended) }))
    return (earlier?.routers ?? [])
      .filter((router) => !instances.some((instance) => isSame(router, instance)))
      .map((router) => ({
        ...router,
        masters: close(router.masters),
        holders: close(router.holders),
        incidents: router.incidents.map((each) => (each.to === null ? endedWithRun(each, ended) : each)),
      }))
  }

  #now(): number {
    return Math.round(this.#options.clock.monotonicMs() + this.#offsetMs)
  }
}

function isSame(router: RouterReport, { routerId, family, interface: link }: WatchedInstance): boolean {
  return router.routerId === routerId && router.family === family && router.interface === link
}
