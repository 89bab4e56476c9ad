import type { Clock, Emitter, RetryBudget } from '@hotspare/core'
import type { Deadlines } from '../deadlines.ts'
import type { TcpProxySettings } from './options.ts'
import type { ReadMemory } from './read-memory.ts'
import type { TcpTargets } from './targets.ts'
import type { PickTcpTarget, TcpProxyEvent } from './types.ts'

/** What all connections of one proxy share. */
export interface TcpContext {
  readonly settings: TcpProxySettings
  readonly pick: PickTcpTarget
  readonly clock: Clock
  readonly budget: RetryBudget
  readonly events: Emitter<TcpProxyEvent>
  readonly deadlines: Deadlines
  readonly memory: ReadMemory
  readonly targets: TcpTargets
}
