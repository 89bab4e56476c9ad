import type { Server } from 'node:net'
import type { RecordContext } from './request-record.ts'

/** What an engine is given. */
export interface EngineContext extends RecordContext {
  /** Whether the proxy is stopping: every answer is then the last one of its connection. */
  readonly draining: () => boolean
}

/** What carries the requests: it accepts connections and speaks HTTP on them. */
export interface Engine {
  /** Listens when it is told to, and not before. */
  readonly server: Server
  /** Requests and WebSockets under way. */
  readonly active: number
  /** Open connections of clients. */
  readonly connections: number
  abandon(targetId: string, because: string): void
  /** Takes no more connections, and ends those that are idle. @param closed is called when the last one has ended */
  stopListening(closed: () => void): void
  /** Ends every connection of a client at once. */
  cut(): void
  closeTargets(): Promise<void>
}
