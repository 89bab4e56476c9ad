import { assertNever } from '@hotspare/core'
import type { AlertEvent } from '@hotspare/alert'
import type { TimelineEntry } from '@hotspare/api'
import { CERTIFICATE_EVENT_LEVELS, certificateSentence, isCertificateEvent } from './certificate-events.ts'
import type { ClusterEvent } from './cluster/events.ts'
import { CLUSTER_EVENT_LEVELS, clusterSentence, isClusterEvent } from './cluster/sentences.ts'
import { type AppDnsEvent, DNS_EVENT_LEVELS, dnsSentence, isDnsEvent } from './dns/events.ts'
import { type AppEngineEvent, ENGINE_EVENT_LEVELS, engineSentence, isEngineEvent } from './engines/events.ts'
import type { MaintenanceEvent } from './maintenance-desk.ts'
import type { BoardEvent } from './target-board.ts'
import { isOutlierEvent, OUTLIER_EVENT_LEVELS, outlierSentence } from './traffic-sentences.ts'
import type { TrafficEvent } from './traffic-tally.ts'
import { isWatchEvent, WATCH_EVENT_LEVELS, type WatchEvent, watchSentence } from './watch/events.ts'

/** What the daemon itself goes through. */
export type DaemonEvent =
  | { readonly type: 'daemon-started'; readonly at: number; readonly node: string; readonly version: string }
  | { readonly type: 'proxy-listening'; readonly at: number; readonly proxy: string; readonly listen: string; readonly pool: string }
  | { readonly type: 'api-listening'; readonly at: number; readonly listen: string }
  | { readonly type: 'daemon-ready'; readonly at: number; readonly node: string }
  | { readonly type: 'daemon-stopping'; readonly at: number; readonly because: string }
  | ChildEvent
  | ReloadEvent

/** The file was read anew. */
export type ReloadEvent =
  | {
      readonly type: 'reload-finished'
      readonly at: number
      /** What has changed in the file, in clauses; empty where the processes alone were replaced. */
      readonly changes: readonly string[]
      readonly tookMs: number
    }
  /** Nothing has changed. */
  | { readonly type: 'reload-failed'; readonly at: number; readonly because: string }
  /** A worker that another one has followed has ended. */
  | { readonly type: 'worker-retired'; readonly at: number; readonly pid: number; readonly because: string; readonly tookMs: number }

/** What the guard sees of its children. */
export type ChildEvent =
  /** A process of the daemon has ended by itself, or hung and was killed; it is started again. */
  | { readonly type: 'child-ended'; readonly at: number; readonly process: 'control' | 'worker'; readonly because: string }
  /** Its successor is at work. What came before in this timeline is lost where the process is `control`. */
  | {
      readonly type: 'child-started'
      readonly at: number
      readonly process: 'control' | 'worker'
      readonly pid: number
      /** How often it was started again so far. */
      readonly restarts: number
    }

/**
 * The one vocabulary of timeline, API, log and alerts: what each package tells, united.
 * What happens thousands of times a second (probes, attempts, requests) is not here; metrics count it.
 */
export type AppEvent =
  | DaemonEvent
  | MaintenanceEvent
  | BoardEvent
  | WatchEvent
  | TrafficEvent
  | AlertEvent
  | ClusterEvent
  | AppEngineEvent
  | AppDnsEvent

/** An event as an entry of the timeline, with its sentence. */
export function toEntry(event: AppEvent, sequence: number): TimelineEntry {
  return { ...event, sequence, text: sentence(event) }
}

/** How loud an event is in the log: a site that fails shows with `level: error`, a part of it that fails with `warn`. Others are `info`. */
const LOUD: Readonly<Partial<Record<AppEvent['type'], 'info' | 'warn' | 'error'>>> = {
  'pool-exhausted': 'error',
  'requests-failed': 'error',
  'alert-failed': 'error',
  'alert-dropped': 'error',
  'target-down': 'warn',
  'alert-delayed': 'warn',
  ...CLUSTER_EVENT_LEVELS,
  ...WATCH_EVENT_LEVELS,
  ...OUTLIER_EVENT_LEVELS,
  ...CERTIFICATE_EVENT_LEVELS,
  ...ENGINE_EVENT_LEVELS,
  ...DNS_EVENT_LEVELS,
  'child-ended': 'warn',
  'child-started': 'warn',
  'reload-failed': 'error',
}

export function logLevelOf(event: AppEvent): 'info' | 'warn' | 'error' {
  return LOUD[event.type] ?? 'info'
}

const WISHES = { draining: 'no new requests', maintenance: 'no requests at all', nothing: 'nothing any more' } as const

function sentence(event: AppEvent): string {
  if (isClusterEvent(event)) return clusterSentence(event)
  if (isWatchEvent(event)) return watchSentence(event)
  if (isCertificateEvent(event)) return certificateSentence(event)
  if (isOutlierEvent(event)) return outlierSentence(event)
  if (isEngineEvent(event)) return engineSentence(event)
  if (isDnsEvent(event)) return dnsSentence(event)
  switch (event.type) {
    case 'daemon-started':
      return `hotspare ${event.version} started on ${event.node}`
    case 'proxy-listening':
      return `proxy ${event.proxy} listens on ${event.listen} in front of ${event.pool.startsWith('no pool') ? '' : event.pool.includes(',') ? 'pools ' : 'pool '}${event.pool}`
    case 'api-listening':
      return `the API listens on ${event.listen}`
    case 'daemon-ready':
      return `${event.node} is ready: every target has been looked at`
    case 'daemon-stopping':
      return `stopping: ${event.because}`
    case 'child-ended':
      return `the process ${event.process} has ended and is started again: ${event.because}`
    case 'child-started':
      return `the process ${event.process} was started again, as process ${event.pid} (restart ${event.restarts})`
    case 'reload-finished':
      return `the configuration was read anew in ${Math.round(event.tookMs)} ms: ${reloadText(event.changes)}`
    case 'reload-failed':
      return `the configuration was read anew and is not followed: ${event.because}`
    case 'worker-retired':
      return `the worker before, process ${event.pid}, has ended after ${Math.round(event.tookMs)} ms: ${event.because}`
    case 'target-up':
      return `${event.targetId} is up (was ${event.from}): ${event.because}`
    case 'target-down':
      return `${event.targetId} is down (was ${event.from}): ${event.because}`
    case 'target-degraded':
      return `${event.targetId} works, though not as it should (was ${event.from}): ${event.because}`
    case 'target-unknown':
      return `${event.targetId} is not known any more (was ${event.from}): ${event.because}`
    case 'target-drained':
      return `${event.targetId} gets no new requests: ${event.because}`
    case 'target-undrained':
      return `${event.targetId} may get requests again: ${event.because}`
    case 'target-wish':
      return `${event.targetId} asks for ${WISHES[event.wish]}: ${event.because}`
    case 'pool-maintenance-started':
      return `pool ${event.pool} is in maintenance${event.until === undefined ? '' : ` until ${new Date(event.until).toISOString()}`}: ${event.because}`
    case 'pool-maintenance-ended':
      return `pool ${event.pool} is not in maintenance any more: ${event.because}`
    case 'pool-exhausted':
      return `pool ${event.pool} has no target left that is up`
    case 'pool-recovered':
      return `pool ${event.pool} has a target that is up again: ${event.targetId}`
    case 'requests-retried':
      return `${plural(event.count, 'request')} that failed at ${event.targetId} went elsewhere (${event.reasons.join(', ')})`
    case 'requests-failed':
      return `${plural(event.count, 'request')} of proxy ${event.proxy} failed: ${event.because}`
    case 'alert-delivered':
      return `alert ${event.key} reached ${event.channel} after ${Math.round(event.tookMs)} ms${event.receipt === undefined ? '' : ` (${event.receipt})`}`
    case 'alert-delayed':
      return `alert ${event.key} did not reach ${event.channel} yet: ${event.reason}; next try in ${Math.round(event.retryInMs)} ms`
    case 'alert-failed':
      return `alert ${event.key} was given up for ${event.channel}: ${event.reason}`
    case 'alert-dropped':
      return `alert ${event.key} was dropped from the queue of ${event.channel}: ${event.reason}`
    default:
      return assertNever(event)
  }
}

/** What has changed in the file. */
export function reloadText(changes: readonly string[]): string {
  return changes.length === 0 ? 'nothing in it has changed; control and worker were replaced' : changes.join('; ')
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
