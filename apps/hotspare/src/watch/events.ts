import { assertNever, type EventBase, type HealthState } from '@hotspare/core'
import type { HealthEvent } from '@hotspare/health'
import type { DependencyEvent } from '@hotspare/health/dependencies'
import type { ThresholdEvent } from '@hotspare/health/thresholds'
import type { StandingChange } from './standings.ts'

/** What befalls a check. */
export interface CheckHealthEvent extends EventBase {
  readonly type: 'check-up' | 'check-degraded' | 'check-down' | 'check-unknown'
  readonly check: string
  readonly from: HealthState
  readonly because: string
}

/** What is said of targets and checks alike. */
interface AboutWatched extends EventBase {
  /** The id of a target, or the name of a check. */
  readonly watched: string
}

/** Something that people should see to has come, or another thing: it works on. */
export interface WarningEvent extends AboutWatched {
  readonly type: 'warning-raised'
  readonly warning: string
}

export interface WarningEndedEvent extends AboutWatched {
  readonly type: 'warning-ended'
}

/** From now on, or no longer, its way back up is held, because it flaps. */
export interface FlapEvent extends AboutWatched {
  readonly type: 'flapping-began' | 'flapping-ended'
  readonly because: string
}

export interface ThresholdChangeEvent extends AboutWatched {
  readonly type: 'threshold-exceeded' | 'threshold-cleared'
  readonly threshold: string
  readonly value: number
  readonly because: string
}

/** It is down, or unknown, because something is that it leans on; or that is over. */
export interface ReachEvent extends AboutWatched {
  readonly type: 'watched-unreachable' | 'watched-reachable'
  /** Where the fault is, by name; empty when it is over. */
  readonly rootCause: readonly string[]
  readonly because: string
}

/** What a target asks for itself. */
export interface TargetWishEvent extends EventBase {
  readonly type: 'target-weight'
  readonly targetId: string
  /** The share of its configured weight. */
  readonly weight: number
}

/** Whether this node can judge at all. */
export interface ObserverEvent extends EventBase {
  readonly type: 'observer-unwell' | 'observer-well'
  readonly because: string
}

/** What watching tells people, targets going up and down aside: that is the board's. */
export type WatchEvent =
  | CheckHealthEvent
  | WarningEvent
  | WarningEndedEvent
  | FlapEvent
  | ThresholdChangeEvent
  | ReachEvent
  | TargetWishEvent
  | ObserverEvent

/** How loud each is in the log. */
export const WATCH_EVENT_LEVELS: Readonly<Record<WatchEvent['type'], 'info' | 'warn' | 'error'>> = {
  'check-up': 'info',
  'check-degraded': 'warn',
  'check-down': 'warn',
  'check-unknown': 'info',
  'warning-raised': 'warn',
  'warning-ended': 'info',
  'flapping-began': 'warn',
  'flapping-ended': 'info',
  'threshold-exceeded': 'warn',
  'threshold-cleared': 'info',
  'watched-unreachable': 'warn',
  'watched-reachable': 'info',
  'target-weight': 'info',
  'observer-unwell': 'warn',
  'observer-well': 'info',
}

export function isWatchEvent(event: { readonly type: string }): event is WatchEvent {
  return Object.hasOwn(WATCH_EVENT_LEVELS, event.type)
}

export function watchSentence(event: WatchEvent): string {
  switch (event.type) {
    case 'check-up':
      return `${event.check} is up (was ${event.from}): ${event.because}`
    case 'check-degraded':
      return `${event.check} works, though not as it should (was ${event.from}): ${event.because}`
    case 'check-down':
      return `${event.check} is down (was ${event.from}): ${event.because}`
    case 'check-unknown':
      return `${event.check} is not known any more (was ${event.from}): ${event.because}`
    case 'warning-raised':
      return `${event.watched} needs a look: ${event.warning}`
    case 'warning-ended':
      return `there is no warning of ${event.watched} any more`
    case 'flapping-began':
      return `${event.watched} flaps, and its way back is held: ${event.because}`
    case 'flapping-ended':
      return `${event.watched} has settled: ${event.because}`
    case 'threshold-exceeded':
      return `${event.watched} is beyond its limit ${event.threshold}: ${event.because}`
    case 'threshold-cleared':
      return `${event.watched} is within its limit ${event.threshold} again: ${event.because}`
    case 'watched-unreachable':
      return `${event.watched} cannot be reached because of ${event.rootCause.join(', ')}: ${event.because}`
    case 'watched-reachable':
      return `${event.watched} is judged by itself again: ${event.because}`
    case 'target-weight':
      return `${event.targetId} asks for ${Math.round(event.weight * 100)} % of its usual weight`
    case 'observer-unwell':
      return `this node cannot judge what it sees: ${event.because}`
    case 'observer-well':
      return `this node can judge again: ${event.because}`
    default:
      return assertNever(event)
  }
}

/** What the monitor tells that people are told as well. */
export function eventOfHealth(event: HealthEvent): WatchEvent | undefined {
  const { type, at } = event
  if (type === 'target-flapping') return { type: 'flapping-began', at, watched: event.targetId, because: event.because }
  if (type === 'target-settled') return { type: 'flapping-ended', at, watched: event.targetId, because: event.because }
  return type === 'observer-unwell' || type === 'observer-well' ? { type, at, because: event.because } : undefined
}

/** What has changed of a check, and of a target beside its health. */
export function eventOfStanding(change: StandingChange): WatchEvent | undefined {
  const { at, subject } = change
  switch (change.type) {
    case 'health-changed': {
      const { from, verdict } = change
      return subject.kind === 'check'
        ? { type: `check-${verdict.state}`, at, check: subject.id, from, because: verdict.because }
        : undefined
    }
    case 'warning-changed':
      return change.warning === undefined
        ? { type: 'warning-ended', at, watched: subject.id }
        : { type: 'warning-raised', at, watched: subject.id, warning: change.warning }
    case 'weight-changed':
      // That it asks for what it has anyway is no news.
      return change.weight === (change.before ?? 1) ? undefined : { type: 'target-weight', at, targetId: subject.id, weight: change.weight }
    // The board tells of wishes; the rest is for machines.
    case 'wish-changed':
    case 'own-changed':
    case 'first-known':
      return undefined
    default:
      return assertNever(change)
  }
}

export function eventOfThreshold({ type, at, targetId, threshold, value, because }: ThresholdEvent): WatchEvent {
  return { type, at, watched: targetId, threshold, value, because }
}

export function eventOfCause({ at, targetId, from, verdict }: DependencyEvent): WatchEvent | undefined {
  const { because, rootCause, state } = verdict
  if (state === 'unreachable') {
    return from === 'unreachable' ? undefined : { type: 'watched-unreachable', at, watched: targetId, rootCause, because }
  }
  return from === 'unreachable' ? { type: 'watched-reachable', at, watched: targetId, rootCause: [], because } : undefined
}
