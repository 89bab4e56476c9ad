import type { CheckExplanation, CheckStatus, JobReport, ServiceExplanation } from '@hotspare/api'
import { HotspareError } from '@hotspare/core'
import { detectionBound, type TargetHealth } from '@hotspare/health'
import type { RememberedPushReport } from '@hotspare/health/push'
import type { CheckConfig } from '../config/config.ts'
import { serviceNode } from '../config/dependency-graph.ts'
import type { Causes } from './causes.ts'
import { type Explained, type ExplanationFacts, explainWatched, type Leaning, probeRun, unreachableOf } from './explanation.ts'
import type { Observers } from './observers.ts'
import type { Watch } from './watch.ts'

/** What people and jobs may ask of checks through the API. */
export interface WatchBackend {
  checks(): readonly CheckStatus[]
  check(name: string): CheckExplanation | undefined
  /** @throws HotspareError `HOTSPARE_APP_REPORT` for a check that asks for itself, `HOTSPARE_HEALTH_OPTIONS` for what is no report */
  report(name: string, report: JobReport): CheckStatus | undefined
  /** What a service's own check shows on this node. */
  service(name: string): ServiceExplanation | undefined
  /** Names of checks, and of services that this node has a part in. */
  readonly names: { readonly checks: readonly string[]; readonly services: readonly string[] }
}

export interface WatchBackendOptions {
  readonly checks: readonly CheckConfig[]
  readonly watch: Watch
  readonly causes: Causes | undefined
  readonly observers?: Observers | undefined
  readonly services: readonly string[]
  /** Undefined for a service that this node does not look at. */
  readonly serviceHealth: (name: string) => TargetHealth | undefined
  /** Told of each report: the next control has to know it. */
  readonly remember: (check: string, report: RememberedPushReport) => void
}

export interface WatchAnswers extends WatchBackend {
  /** Of a target or a check; undefined for what is not watched. */
  explain(id: string): Explained | undefined
}

/** Answers what people ask about what is watched. */
export function createWatchBackend(options: WatchBackendOptions): WatchAnswers {
  const { checks, watch, causes, observers, services, serviceHealth, remember } = options
  const { monitor, standings, thresholds, jobs } = watch

  function explain(id: string): Explained | undefined {
    const health = monitor.get(id)
    if (!health) return undefined
    return explainWatched({
      health,
      standing: standings.get(id),
      agent: watch.agentOf(id),
      thresholds: thresholds.list(id),
      meaning: causes?.meaningOf(id),
      observersSay: observers?.observersSay?.(id),
      leaning: leaningOf(id),
      silence: silenceOf(find(id)),
    })
  }

  function leaningOf(id: string): Leaning | undefined {
    const { on, need = 'all' } = causes?.leaningOf(id) ?? {}
    return on && { need, on: on.map((name) => ({ name, state: causes?.meaningOf(name)?.state ?? 'unknown' })) }
  }

  function statusOf({ name, type }: CheckConfig): CheckStatus {
    const health = monitor.get(name)
    const { verdict, warning } = standings.get(name) ?? { verdict: { state: 'unknown' as const, since: 0, because: 'nobody looks at it' } }
    const last = health?.history.at(-1)
    return {
      name,
      type,
      address: health?.address ?? name,
      ...verdict,
      unreachable: unreachableOf(causes?.meaningOf(name)),
      warning,
      last: last && probeRun(last),
      report: jobs.get(name)?.last(),
    }
  }

  const find = (name: string) => checks.find((check) => check.name === name)
  return {
    names: { checks: checks.map(({ name }) => name), services },
    explain,
    checks: () => checks.map(statusOf),
    check(name) {
      const check = find(name)
      const explained = explain(name)
      return check && explained && { check: statusOf(check), ...explained }
    },
    report(name, report) {
      const check = find(name)
      if (!check) return undefined
      const job = jobs.get(name)
      if (!job) {
        const message = `check ${name} is of type ${check.type}: it looks for itself, and nobody reports to it`
        throw new HotspareError({ code: 'HOTSPARE_APP_REPORT', message })
      }
      job.report(report)
      const last = job.last()
      if (last) remember(name, last)
      return statusOf(check)
    },
    service(name) {
      const health = serviceHealth(name)
      const node = serviceNode(name)
      if (!health) return undefined
      return { service: name, ...explainWatched({ health, meaning: causes?.meaningOf(node), leaning: leaningOf(node) }) }
    },
  }
}

/** A job that says nothing is missed once its time is up; an agent that says nothing is left alone. */
function silenceOf(check: CheckConfig | undefined): ExplanationFacts['silence'] {
  if (check?.type === 'agent') return check.options.unreachable === 'ignore' ? 'nothing' : undefined
  if (check?.type !== 'push') return undefined
  const { downMs } = detectionBound({ ...check, timeoutMs: 0 })
  return { noticedWithinMs: check.ttlMs + check.graceMs + downMs }
}
