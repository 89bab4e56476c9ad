import type { Clock, Logger, Random, TargetState } from '@hotspare/core'
import { createHealthMonitor, type HealthMonitor, type ProbeResult, type TargetHealth, type TrafficReport } from '@hotspare/health'
import type { PushCheck, RememberedPushReport } from '@hotspare/health/push'
import { createThresholdWatch, type ThresholdWatch } from '@hotspare/health/thresholds'
import type { CheckConfig, Config, PoolConfig, TargetConfig } from '../config/config.ts'
import { monitorRules } from '../config/watch-rules.ts'
import { agentFor, openCheck, probeFor } from '../drivers.ts'
import { InitialDown } from './initial-down.ts'
import type { SourceFacts } from './judge-health.ts'
import type { Observers } from './observers.ts'
import { Standings } from './standings.ts'
import { agentOf, targetOfAgent } from './subject.ts'

export interface WatchOptions {
  readonly config: Pick<Config, 'pools' | 'checks' | 'health'>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Undefined: this node believes itself. */
  readonly observers?: Observers | undefined
  /** What the worker was told of each target by the control before this one. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
  /** What jobs had reported to the control before this one. */
  readonly reports?: ReadonlyMap<string, RememberedPushReport> | undefined
}

/** Everything that is looked at, and what is known of it. */
export interface Watch {
  readonly monitor: Pick<HealthMonitor, 'get' | 'list' | 'observer' | 'subscribe'>
  readonly standings: Standings
  readonly thresholds: Pick<ThresholdWatch, 'list' | 'subscribe'>
  /** Undefined where the target has none. */
  agentOf(targetId: string): TargetHealth | undefined
  /** The ends for jobs that report in, by the name of their check. */
  readonly jobs: ReadonlyMap<string, PushCheck>
  /** What a request met. */
  reportTraffic(targetId: string, report: TrafficReport): void
  start(): Promise<void>
  stop(): Promise<void>
}

/** An agent says what it thinks at once, and takes it back at once: its word is not counted. */
const AGENT_RULES = { rise: 1, fall: 1, trafficFailures: 0 } as const

/** One monitor for targets, the agents beside them, and checks; thresholds on what they measure. */
export function openWatch({ config, clock, random, logger, observers, states, reports }: WatchOptions): Watch {
  const monitor = createHealthMonitor({ ...config.health.monitor, clock, random, logger })
  const thresholds = createThresholdWatch({ clock, logger })
  /** Those that have thresholds: the others' results need no numbers. */
  const measured = new Set<string>()
  const agents = new Set<string>()
  const jobs = new Map<string, PushCheck>()
  /** Of what was looked at: whether it has shown something. */
  const judged = new Map<string, boolean>()
  const initialDown = new InitialDown()

  const factsOf = (id: string): SourceFacts => sourceFacts(monitor.get(id), judged.get(id))
  const standings = new Standings({
    clock,
    logger,
    observers,
    factsOf: (id) => ({
      probe: factsOf(id),
      isProven: !initialDown.has(id),
      agent: agents.has(id) ? factsOf(agentOf(id)) : undefined,
      thresholds: thresholds.get(id),
    }),
  })

  for (const pool of config.pools) for (const target of pool.targets) addTarget(pool, target)
  for (const check of config.checks) addCheck(check)

  function addTarget({ name: pool, health }: PoolConfig, target: TargetConfig): void {
    const { id, group = target.host } = target
    const { trafficFailures, agent } = health
    const rules = monitorRules(health)
    const initialState = rules.initialState && beganWith(states?.get(id), rules.initialState)
    monitor.add({ id, probe: probeFor(target, health, clock), group, ...rules, initialState, trafficFailures })
    if (initialState === 'down') initialDown.add(id, health.fall)
    if (agent) {
      agents.add(id)
      monitor.add({ id: agentOf(id), probe: agentFor(target, agent, clock), group, intervalMs: agent.intervalMs, ...AGENT_RULES })
    }
    addThresholds(id, health.thresholds)
    standings.add({ kind: 'target', id, pool })
  }

  function addCheck(check: CheckConfig): void {
    const { name: id, group, canary } = check
    const { probe, push } = openCheck(check, { clock, remembered: reports?.get(id) })
    if (push) jobs.set(id, push)
    monitor.add({ id, probe, group, canary, ...monitorRules(check), trafficFailures: 0 })
    if (check.initialState === 'down') initialDown.add(id, check.fall)
    addThresholds(id, check.thresholds)
    standings.add({ kind: 'check', id })
  }

  function addThresholds(id: string, rules: CheckConfig['thresholds'] = []): void {
    for (const threshold of rules) thresholds.add(id, threshold.name, threshold.rules)
    if (rules.length > 0) measured.add(id)
  }

  monitor.subscribe((event) => {
    if (!('targetId' in event)) return
    const { targetId } = event
    if (event.type === 'probe-finished') {
      const { result } = event
      if (measured.has(targetId)) measure(targetId, result)
      if (initialDown.has(targetId) && initialDown.take(targetId, result, monitor.get(targetId)?.verdict.state === 'down')) {
        standings.touch(targetId)
      }
      const shows = result.outcome !== 'inconclusive'
      // Thousands of results a second change nothing: only the first is looked at for its own sake.
      if (judged.get(targetId) === true || judged.get(targetId) === shows) return
      judged.set(targetId, shows)
    }
    standings.touch(targetOfAgent(targetId) ?? targetId)
  })
  function measure(id: string, result: ProbeResult): void {
    const wasUnknown = thresholds.get(id)?.state === 'unknown'
    thresholds.reportResult(id, result)
    // The thresholds themselves tell of what is exceeded and cleared, and not of what was within its limit from the first.
    if (wasUnknown) standings.touch(id)
  }
  thresholds.subscribe(({ targetId }) => standings.touch(targetId))

  return {
    monitor,
    standings,
    thresholds,
    jobs,
    agentOf: (id) => (agents.has(id) ? monitor.get(agentOf(id)) : undefined),
    reportTraffic: (id, report) => monitor.reportTraffic(id, report),
    start: () => monitor.start(),
    stop: () => monitor.stop(),
  }
}

/** What the file begins with is for a daemon that begins: a control that takes over goes on with what the worker was told. */
function beganWith(told: TargetState | undefined, initialState: 'unknown' | 'up' | 'down'): 'unknown' | 'up' | 'down' {
  if (told === 'down') return 'down'
  return told === 'up' || told === 'degraded' ? 'up' : initialState
}

function sourceFacts(health: TargetHealth | undefined, isJudged: boolean | undefined): SourceFacts {
  const { verdict = { state: 'unknown', since: 0, because: 'nobody looks at it' }, admin, weight = 1, warning } = health ?? {}
  return { verdict, wasLookedAt: isJudged !== undefined, isJudged: isJudged === true, admin, weight, warning }
}
