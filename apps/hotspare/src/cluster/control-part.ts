import type { ClusterStatus, PlanAnswer, ServiceStatus } from '@hotspare/api'
import type { Clock, Logger, Random } from '@hotspare/core'
import type { PlanRecord, ServiceSnapshot } from '@hotspare/failover'
import type { Config } from '../config/config.ts'
import type { ClusterBackend } from './api-routes.ts'
import { ControlLink } from './control-link.ts'
import type { ClusterEvent } from './events.ts'
import type { ClusterNews, ClusterOrder, ClusterView } from './messages.ts'
import { ServiceWatch } from './service-watch.ts'

export interface ClusterControlOptions {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly tell: (order: ClusterOrder) => void
  readonly record: (event: ClusterEvent) => void
}

/** What control does for a cluster: it looks at the services, and answers people. The engine is the guard's. */
export interface ClusterControl {
  readonly backend: ClusterBackend
  hear(news: ClusterNews): void
  start(): Promise<void>
  stop(): Promise<void>
  /** Undefined until the guard has told. */
  status(): ClusterStatus | undefined
  /** Why this node is not ready; empty when it is. */
  notReady(): readonly string[]
}

/** @returns nothing where the file has no cluster */
export function openClusterControl({ config, clock, random, logger, tell, record }: ClusterControlOptions): ClusterControl | undefined {
  if (!config.cluster) return undefined
  const mine = config.services.filter(({ members }) => members.includes(config.node))
  const link = new ControlLink({ clock, tell, record })
  const watch = new ServiceWatch({ services: mine, clock, random, logger, tell })
  return {
    backend: {
      services: mine.map(({ name }) => name),
      command: (service, command) => link.command(service, command),
      async plan(service, to): Promise<PlanAnswer> {
        const { plan, because } = await link.plan(service, { type: 'switchover', to })
        const candidates = link.view?.services.find(({ name }) => name === service)?.candidates ?? []
        return { because, candidates, plan }
      },
      setWord: async (word, because) => ({ was: await link.setWord(word, because) }),
    },
    hear: (news) => link.hear(news),
    start: () => watch.start(),
    stop: () => watch.stop(),
    status: () => link.view && statusOf(link.view),
    notReady: () => (link.view ? [] : ['the cluster has not been looked at yet']),
  }
}

function statusOf({ arbiter, hold, maintenance, peers, services }: ClusterView): ClusterStatus {
  return { arbiter, hold, maintenance, peers, services: services.map(serviceStatus) }
}

function serviceStatus({ lastPlan, ...service }: ServiceSnapshot): ServiceStatus {
  return { ...service, lastPlan: lastPlan && planStatus(lastPlan) }
}

function planStatus({ plan, ok, tookMs, steps }: PlanRecord): NonNullable<ServiceStatus['lastPlan']> {
  return {
    purpose: plan.purpose,
    because: plan.because,
    ok,
    tookMs,
    steps: steps.map(({ step, outcome, tookMs: stepMs }) => {
      return { id: step.id, ok: outcome.ok, detail: outcome.ok ? outcome.detail : outcome.because, tookMs: stepMs }
    }),
  }
}
