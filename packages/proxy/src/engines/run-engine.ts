import { abortReason, type Clock, Emitter, type Listener, type Logger } from '@hotspare/core'
import type { EngineEvent, EngineFailure, EngineMember, EngineSynced, TrafficEngine } from './engine.ts'
import { Latest, type Turn } from './latest.ts'
import { readMembers, type WantedMember } from './members.ts'
import { type Standing, stepStanding, unknownStanding } from './standing.ts'

export interface EngineRun {
  readonly members: readonly WantedMember[]
  readonly signal: AbortSignal | undefined
}

/** What makes one kind of engine out of its two verbs: one sync at a time, and its events. */
export function runEngine(options: {
  readonly type: TrafficEngine['type']
  /** `haproxy web` */
  readonly who: string
  readonly clock: Clock
  readonly logger: Logger | undefined
  readonly sync: (turn: Turn<EngineRun>) => Promise<EngineSynced | EngineFailure>
  readonly observe: TrafficEngine['observe']
}): TrafficEngine {
  const { type, who, clock, logger, sync, observe } = options
  const emitter = new Emitter<EngineEvent>({ logger })
  let standing: Standing = unknownStanding

  const latest = new Latest<EngineRun, EngineSynced | EngineFailure>(async (turn) => {
    const outcome = await sync(turn)
    const { members, signal } = turn.take()
    // A look that was given up shows nothing of the engine.
    if (signal?.aborted) throw abortReason(signal)
    const { standing: next, events } = stepStanding(standing, outcome, {
      wanted: JSON.stringify(members),
      nowMs: clock.monotonicMs(),
      at: clock.wallMs(),
    })
    standing = next
    for (const event of events) emitter.emit(event)
    return outcome
  })

  return {
    type,
    async sync(members: readonly EngineMember[], { signal } = {}) {
      if (signal?.aborted) throw abortReason(signal)
      return latest.run({ members: readMembers(who, members), signal })
    },
    observe,
    subscribe: (listener: Listener<EngineEvent>) => emitter.subscribe(listener),
  }
}
