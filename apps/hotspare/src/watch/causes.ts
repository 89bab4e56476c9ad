import type { Clock, EventSource, Logger } from '@hotspare/core'
import {
  createDependencyTracker,
  type DependencyEvent,
  type DependencyOptions,
  type DependencyReport,
  type DependencyTrackerOptions,
  type EffectiveVerdict,
} from '@hotspare/health/dependencies'

export interface CausesOptions {
  /** What leans on what. */
  readonly graph: Pick<DependencyTrackerOptions, 'names' | 'dependencies' | 'windowMs'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Tells causes from effects among what is down. */
export interface Causes extends EventSource<DependencyEvent> {
  /** What a verdict means, given all others; undefined for what neither leans on anything nor is leant on. */
  meaningOf(id: string): EffectiveVerdict | undefined
  /** What it leans on; undefined where that is nothing. */
  leaningOf(id: string): DependencyOptions | undefined
  /** What cannot be reached because of it, by name. */
  effectsOf(id: string): readonly string[]
  /** Something has another state, or other words for it. */
  update(id: string, report: DependencyReport): void
  /** A probe of it has passed. @param tookMs how long that took */
  passed(id: string, tookMs: number): void
  stop(): Promise<void>
}

/** @returns nothing where nothing leans on anything */
export function openCauses({ graph, clock, logger }: CausesOptions): Causes | undefined {
  if (graph.names.length === 0) return undefined
  const tracker = createDependencyTracker({ ...graph, clock, logger })
  const parents = new Set(Object.values(graph.dependencies).flatMap(({ on }) => on))
  return {
    meaningOf: (id) => tracker.get(id),
    leaningOf: (id) => (Object.hasOwn(graph.dependencies, id) ? graph.dependencies[id] : undefined),
    effectsOf: (id) =>
      [...tracker.list()].flatMap(([name, { state, rootCause }]) => (state === 'unreachable' && rootCause.includes(id) ? [name] : [])),
    update: (id, report) => tracker.update(id, report),
    passed(id, tookMs) {
      if (parents.has(id)) tracker.passed(id, tookMs)
    },
    subscribe: (listener) => tracker.subscribe(listener),
    stop: () => tracker.stop(),
  }
}
