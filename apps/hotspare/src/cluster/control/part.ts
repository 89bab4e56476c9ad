import type { ClusterStatus, PlanAnswer, ServiceStatus } from '@hotspare/api'
import type { Clock, HealthState, Logger, Random, Verdict } from '@hotspare/core'
import type { PlanRecord, ServiceSnapshot } from '@hotspare/failover'
import type { TargetHealth } from '@hotspare/health'
import { createVoteKeeper } from '@hotspare/health/quorum'
import type { Config } from '../../config/config.ts'
import type { ClusterBackend } from './api-routes.ts'
import { ControlLink } from './link.ts'
import type { ClusterEvent } from '../events.ts'
import type { ClusterNews, ClusterOrder, ClusterView } from '../messages.ts'
import { shownOrder } from '../recovery-order.ts'
import { ServiceWatch } from './service-watch.ts'
import type { Observers } from '../../watch/observers.ts'
import { VotesDesk } from '../votes/desk.ts'
import { votedSubjects } from '../votes/subjects.ts'

export interface ClusterControlOptions {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly tell: (order: ClusterOrder) => void
  readonly record: (event: ClusterEvent) => void
  /** This node's own view of a target or a check, whatever other nodes hold. Default: it has none */
  readonly ownOf?: ((id: string) => Verdict<HealthState> | undefined) | undefined
  /** Whether its view is to be left out: it takes itself for sick, or does not look. Default: never */
  readonly abstains?: ((id: string) => boolean) | undefined
}

/** What control does for a cluster: it looks at the services, and answers people. The engine is the guard's. */
export interface ClusterControl {
  readonly backend: ClusterBackend
  /** The other nodes, where they have a say in what is up and what is down. */
  readonly observers: Observers | undefined
  hear(news: ClusterNews): void
  /** This node takes itself for sick from now on, or no longer. */
  observerChanged(): void
  start(): Promise<void>
  stop(): Promise<void>
  /** Undefined until the guard has told. */
  status(): ClusterStatus | undefined
  /** Why this node is not ready; empty when it is. */
  notReady(): readonly string[]
  /** What the own check of a service shows; undefined for one that this node does not look at. */
  healthOf(service: string): TargetHealth | undefined
}

/** @returns nothing where the file has no cluster */
export function openClusterControl(options: ClusterControlOptions): ClusterControl | undefined {
  const { config, clock, random, logger, tell, record } = options
  if (!config.cluster) return undefined
  const mine = config.services.filter(({ members }) => members.includes(config.node))
  const link = new ControlLink({ clock, tell, record })
  const watch = new ServiceWatch({ services: mine, clock, random, logger, tell })
  const votes = votesDesk(options)
  return {
    backend: {
      services: mine.map(({ name }) => name),
      command: (service, command, how) => link.command(service, command, how),
      async plan(service, to): Promise<PlanAnswer> {
        const { plan, because, departure } = await link.plan(service, { type: 'switchover', to })
        const candidates = link.view?.services.find(({ name }) => name === service)?.candidates ?? []
        return { because, candidates, plan, departure, order: shownOrder(config.services) }
      },
      setWord: async (word, because, how) => ({ was: await link.setWord(word, because, how) }),
      setSite: (site, because, { force }) => link.setSite(site, because, { force }),
    },
    observers: votes,
    observerChanged: () => votes?.tellAll(),
    hear(news) {
      if (news.type === 'votes') return votes?.hear(news.observer, news.body)
      if (news.type === 'view') votes?.disbelieve(strangersOf(news.view))
      link.hear(news)
    },
    async start() {
      votes?.start()
      await watch.start()
    },
    async stop() {
      votes?.stop()
      await watch.stop()
    },
    status: () => link.view && statusOf(link.view),
    healthOf: (service) => watch.healthOf(service),
    notReady: () => (link.view ? [] : ['the cluster has not been looked at yet']),
  }
}

/** The part of the other nodes in what is up and what is down; undefined where each node believes itself. */
function votesDesk({ config, clock, logger, tell, ownOf = () => undefined, abstains = () => false }: ClusterControlOptions) {
  const { node: self, health } = config
  return (
    health.quorum &&
    new VotesDesk({
      subjects: votedSubjects(config),
      keeper: createVoteKeeper({ ...health.quorum, self, clock }),
      ownOf,
      abstains,
      tell: (votes) => tell({ type: 'votes', votes }),
      clock,
      logger,
    })
  )
}

/** Peers whose files are others than ours. */
function strangersOf({ peers }: ClusterView): ReadonlySet<string> {
  return new Set(peers.filter(({ agrees }) => agrees === false).map(({ name }) => name))
}

function statusOf({ arbiter, hold, maintenance, peers, services, sites, off, watchdog }: ClusterView): ClusterStatus {
  const standing = sites.length === 0 ? undefined : sites
  return { arbiter, hold, maintenance, peers, services: services.map(serviceStatus), sites: standing, off, watchdog }
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
