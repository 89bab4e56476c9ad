import type { HealthState, Verdict } from '@hotspare/core'
import type { WorkerOrder } from '../process/messages.ts'
import type { BoardTarget, TargetBoard } from '../target-board.ts'
import type { Causes } from './causes.ts'
import { eventOfCause, eventOfHealth, eventOfStanding, eventOfThreshold, type WatchEvent } from './events.ts'
import type { Watch } from './watch.ts'

// Where what watching shows goes on to: the board, the tracker of causes, people. In compose-control.ts they are called in this
// order, so that the worker hears first, and nobody is woken up before the causes are known.

/** A target has another standing: the board, which tells the worker. */
export function tellBoard({ standings }: Watch, board: TargetBoard, tellWorker: (order: WorkerOrder) => void): void {
  standings.subscribe((change) => {
    const { at, subject } = change
    if (subject.kind !== 'target') return
    const targetId = subject.id
    if (change.type === 'weight-changed') tellWorker({ type: 'target-weight', targetId, weight: change.weight })
    if (change.type === 'wish-changed') board.wishChanged(targetId, at, change.wish)
    if (change.type !== 'health-changed') return
    const { from, verdict } = change
    board.healthChanged({ type: `target-${verdict.state}`, at, targetId, from, because: verdict.because })
  })
}

/** Whatever has another state may be the cause, or the effect, of another. */
export function tellCauses({ monitor, standings }: Watch, board: TargetBoard, causes: Causes): void {
  const update = (id: string, health: Verdict<HealthState>) => {
    const { state, because } = stateOf(health, board.get(id))
    causes.update(id, { state, because })
  }
  for (const { subject, verdict } of standings.list()) update(subject.id, verdict)
  standings.subscribe((change) => {
    if (change.type === 'health-changed') update(change.subject.id, change.verdict)
  })
  board.subscribe(({ targetId }) => {
    const target = board.get(targetId)
    if (target) update(targetId, target.health)
  })
  monitor.subscribe((event) => {
    if (event.type !== 'probe-finished') return
    const { outcome, durationMs } = event.result
    if (outcome === 'pass' || outcome === 'degraded') causes.passed(event.targetId, durationMs)
  })
}

/** What is taken out for maintenance is as good as down to whatever leans on it; what drains works on. */
function stateOf(health: Verdict<HealthState>, target: BoardTarget | undefined): Verdict<HealthState | 'maintenance'> {
  const word = target?.admin ?? target?.wish
  return word?.state === 'maintenance' ? { ...word, state: 'maintenance' } : health
}

export interface People {
  readonly record: (event: WatchEvent) => void
  /** Whether somebody has to be told of it. */
  readonly look: (id: string, at: number) => void
  readonly lookAtObserver: () => void
}

/** What people read in the timeline, and are alerted to. */
export function tellPeople(
  { monitor, standings, thresholds }: Watch,
  board: TargetBoard,
  causes: Causes | undefined,
  people: People,
): void {
  const record = (event: WatchEvent | undefined) => event && people.record(event)
  monitor.subscribe((event) => {
    record(eventOfHealth(event))
    if (event.type === 'observer-unwell' || event.type === 'observer-well') people.lookAtObserver()
  })
  thresholds.subscribe((event) => record(eventOfThreshold(event)))
  standings.subscribe((change) => {
    record(eventOfStanding(change))
    people.look(change.subject.id, change.at)
  })
  board.subscribe(({ type, targetId, at }) => {
    if (type === 'target-drained' || type === 'target-undrained' || type === 'target-wish') people.look(targetId, at)
  })
  causes?.subscribe((event) => {
    record(eventOfCause(event))
    people.look(event.targetId, event.at)
  })
}
