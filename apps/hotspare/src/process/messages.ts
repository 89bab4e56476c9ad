import type { Severity } from '@hotspare/alert'
import type { ProcessStatus, ReloadResult, TimelineEntry } from '@hotspare/api'
import type { PoolExplanation, TargetSnapshot } from '@hotspare/balance'
import type { AdminState, Logger, TargetState, Verdict } from '@hotspare/core'
import type { RememberedPushReport } from '@hotspare/health/push'
import type { ServerCertificate } from '@hotspare/proxy'
import type { ClusterNews, ClusterOrder } from '../cluster/messages.ts'
import type { Config, ListenAddress } from '../config/config.ts'
import type { WorkerDnsEvent } from '../dns/events.ts'
import type { DaemonEvent } from '../events.ts'
import type { TargetAside } from '../traffic-aside.ts'
import type { CountedMetrics } from '../traffic-metrics.ts'
import type { TrafficEvent } from '../traffic-tally.ts'
import type { ConfigSource } from './config-source.ts'

// What the processes of a node tell each other. All of it is plain data, by structured clone.

/** Control to worker. */
export type WorkerOrder =
  | {
      readonly type: 'target-state'
      readonly targetId: string
      readonly state: TargetState
      /** It has just gone down, and why: requests that wait there are to move. */
      readonly downBecause?: string | undefined
    }
  /** Multiplies the weight that the file gives: advice of the target itself. 0 drains. */
  | { readonly type: 'target-weight'; readonly targetId: string; readonly weight: number }
  /** What people say of a pool; without a word, what the file says. */
  | { readonly type: 'pool-maintenance'; readonly pool: string; readonly word: MaintenanceWord | undefined }
  /** Of a target that is ejected; others' probes are none of the worker's business. */
  | { readonly type: 'probe-passed'; readonly targetId: string }
  | { readonly type: 'report-wanted'; readonly id: number; readonly withMetrics: boolean }
  | { readonly type: 'explanation-wanted'; readonly id: number; readonly pool: string; readonly key: string | undefined }

/** People work on a pool. */
export interface MaintenanceWord {
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
  /** When it ends by itself; undefined: when people say so. */
  readonly until?: number | undefined
}

/** Worker to control. */
export type WorkerNews =
  | { readonly type: 'traffic'; readonly targetId: string; readonly ok: boolean; readonly detail?: string | undefined }
  | { readonly type: 'traffic-event'; readonly event: TrafficEvent }
  | { readonly type: 'dns-event'; readonly event: WorkerDnsEvent }
  /** Everybody who is put aside for what their requests meet: after each change, and again while there is anybody. */
  | { readonly type: 'targets-aside'; readonly targets: readonly TargetAside[] }
  /** It has just been started, and knows of no weight but those of the file. */
  | { readonly type: 'weights-wanted' }
  | { readonly type: 'report'; readonly id: number; readonly report: WorkerReport }
  | { readonly type: 'explanation'; readonly id: number; readonly explanation: WorkerExplanation | undefined }
  | LogLine

export interface LogLine {
  readonly type: 'log'
  readonly level: keyof Logger
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** How the worker is doing, when control asks. */
export interface WorkerReport {
  readonly pools: readonly PoolReport[]
  readonly proxies: readonly { readonly name: string; readonly active: number }[]
  /** What was counted since the worker's start; undefined where it was not asked for. */
  readonly metrics: CountedMetrics | undefined
}

export interface PoolReport {
  readonly name: string
  readonly because: string
  readonly loads: readonly TargetSnapshot[]
  /** Requests that wait for a target; undefined where none does. */
  readonly waiting: number | undefined
}

/** Where the requests of a pool go, and why. */
export interface WorkerExplanation {
  readonly spread: PoolExplanation
  /** Of a key, where one was asked for. */
  readonly placed: PoolExplanation | undefined
  readonly loads: readonly TargetSnapshot[]
  readonly waiting: number | undefined
}

/** Control to guard: what the guard keeps for the next control. */
export type LastWord =
  | { readonly type: 'admin-set'; readonly targetId: string; readonly verdict: Verdict<AdminState> | undefined }
  | { readonly type: 'alert-firing'; readonly key: string; readonly severity: Severity | undefined }
  | { readonly type: 'job-reported'; readonly check: string; readonly report: RememberedPushReport }

/** Control to guard, as its last one: what the timeline of the next one begins with. */
export interface LeftTimeline {
  readonly type: 'timeline-left'
  readonly entries: readonly TimelineEntry[]
}

/** What a control must know of the one before it. */
export interface LastWords {
  readonly admin: ReadonlyMap<string, Verdict<AdminState>>
  readonly firing: ReadonlyMap<string, Severity>
  /** What the worker was last told of each target. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
  /** What people have said of pools. */
  readonly maintenance?: ReadonlyMap<string, MaintenanceWord> | undefined
  /** What each job reported last, as old as it is now. */
  readonly reports?: ReadonlyMap<string, RememberedPushReport> | undefined
  /** What has happened so far, oldest first; a control that was killed leaves none. */
  readonly timeline?: readonly TimelineEntry[] | undefined
}

/** An event of the guard; `logged` where the guard has written it into the log itself. */
export interface GuardEvent {
  readonly event: DaemonEvent
  readonly logged: boolean
}

/** A process as `status` and the metrics show it. */
export interface ProcessFacts extends ProcessStatus {
  readonly usage: ProcessUsage | undefined
}

export interface ProcessUsage {
  readonly residentBytes: number
  readonly cpuSeconds: number
}

/** From the guard's cluster part to control. */
export interface FromCluster {
  readonly type: 'cluster'
  readonly body: ClusterNews
}

/** From control to the guard's cluster part. */
export interface ToCluster {
  readonly type: 'cluster'
  readonly body: ClusterOrder
}

/** Control to guard: people want the file followed. */
export interface ReloadQuestion {
  readonly type: 'reload'
  /** Never used twice. */
  readonly id: string
  readonly restart: boolean
}

/** Guard to control: what has become of it. */
export interface ReloadAnswer {
  readonly type: 'reload-answer'
  readonly id: string
  readonly result: ReloadResult
}

/** Grows with each change to these messages: a child of other code, which an upgrade has put in place, is not believed. */
export const PROTOCOL = 2

/** Guard to control. */
export type ControlOrder =
  /** Before `start`, to a control that is to follow another one: shows that it could be started with this. */
  | { readonly type: 'rehearse'; readonly source: ConfigSource; readonly version: string; readonly protocol: number }
  | {
      readonly type: 'start'
      readonly source: ConfigSource
      readonly version: string
      readonly startedAt: number
      /** Where the proxies really listen. */
      readonly listens: ReadonlyMap<string, ListenAddress>
      readonly lastWords: LastWords
    }
  | { readonly type: 'guard-event'; readonly told: GuardEvent }
  | { readonly type: 'processes'; readonly processes: readonly ProcessFacts[] }
  | { readonly type: 'from-worker'; readonly news: WorkerNews }
  | FromCluster
  | ReloadAnswer
  /** Another control follows: it lets go of everything, and ends. */
  | { readonly type: 'retire' }
  /** No probe begins any more; the API stays. */
  | { readonly type: 'stop'; readonly because: string }
  /** The worker has ended: the API may, too. */
  | { readonly type: 'finish' }

/** Control to guard, besides what every child tells. */
export type ControlNews = { readonly type: 'to-worker'; readonly order: WorkerOrder } | LastWord | LeftTimeline | ToCluster | ReloadQuestion

/** Guard to worker. */
export type WorkerProcessOrder =
  | {
      readonly type: 'start'
      readonly config: Pick<Config, 'pools' | 'proxies' | 'dns'>
      /** What control last said of each target. */
      readonly states: ReadonlyMap<string, TargetState>
      /** Of TLS: a session goes on with the worker that follows. */
      readonly ticketKeys: Uint8Array
      /** What the worker before this one has shown, by proxy: for files that cannot be used any more. */
      readonly certificates?: ReadonlyMap<string, readonly ServerCertificate[]> | undefined
    }
  | { readonly type: 'from-control'; readonly order: WorkerOrder }
  | { readonly type: 'stop'; readonly because: string }
  /** Another worker serves already: it drains and ends. `handedOver`: the proxies whose port that one listens on, too. */
  | { readonly type: 'retire'; readonly handedOver: readonly string[] }
  /** To one that drains: it has no more time. */
  | { readonly type: 'cut' }

/** Worker to guard: what a proxy shows from now on. It is held for the worker that is started again after this one, and nowhere else. */
export interface CertificatesShown {
  readonly type: 'certificates-shown'
  readonly proxy: string
  readonly certificates: readonly ServerCertificate[]
}

export function isCertificatesShown(news: { readonly type: string }): news is CertificatesShown {
  return news.type === 'certificates-shown'
}

/** Guard to either: comes with a bound socket, before `start`. */
export interface SocketOrder {
  readonly type: 'socket'
  /** The proxy's name; `api`: of the API. */
  readonly name: string
}

/** Our own programs talk to each other here, and who could write to that channel could do anything: nothing but the type is looked at. */
export function hasType(message: unknown): message is { readonly type: string } {
  return typeof message === 'object' && message !== null && 'type' in message && typeof message.type === 'string'
}

export function isWorkerNews(message: unknown): message is WorkerNews {
  return hasType(message)
}

export function isControlNews(message: unknown): message is ControlNews {
  return hasType(message)
}

/** What every child tells of itself. */
export type ChildNews =
  | { readonly type: 'started' }
  | { readonly type: 'failed'; readonly code: `HOTSPARE_${string}`; readonly message: string }
  | { readonly type: 'alive'; readonly usage: ProcessUsage }
