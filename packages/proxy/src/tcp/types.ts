import type { EventBase } from '@hotspare/core'
import type { AttemptFailure } from '../failure.ts'
import type { AttemptFinishedEvent, PickRefusal, TargetPick } from '../types.ts'

/** What a picker is told of a connection that wants a target. */
export interface TcpPickContext {
  /** Targets that this connection has tried already. */
  readonly exclude: ReadonlySet<string>
  /** The client's, as the socket has it; undefined once it is gone. */
  readonly remoteAddress: string | undefined
  /** The name that the client's TLS asks for, in lower case; undefined where it asks for none, or is not read (`readServerName`). */
  readonly serverName: string | undefined
  /** What the client offers to speak inside of TLS (ALPN, RFC 7301), the preferred one first; empty where that is not read. */
  readonly protocols: readonly string[]
  /** For a picker that waits: aborts when the connection has ended, or has waited for `openTimeoutMs`. */
  readonly signal: AbortSignal
}

/** Undefined: no target may be used. */
export type TcpPicked = TargetPick | PickRefusal | undefined

/**
 * Chooses a target for each attempt to connect, as `PickTarget` does for requests: the URL of a target is
 * `tcp://host:port` (`http://` and `https://` do as well; only host and port count). `done` is called at the end of the
 * connection, with the time that it took to connect; `setCookie` means nothing here.
 */
export type PickTcpTarget = (context: TcpPickContext) => TcpPicked | Promise<TcpPicked>

/**
 * How a connection ended:
 * - `closed`: both sides have said that they are done
 * - `reset`: one side has torn it down, and so the other side's was torn down too
 * - `refused`: no target was connected; the client was reset
 * - `timeout`: it was silent for too long, or its beginning was
 * - `cut`: the proxy has stopped, or the target is down (`closeOnDown`)
 */
export type ConnectionOutcome = 'closed' | 'reset' | 'refused' | 'timeout' | 'cut'

/** A target that could not be connected to is left for another one. */
export interface ConnectionRetriedEvent extends EventBase {
  readonly type: 'connection-retried'
  readonly targetId: string
  readonly failure: AttemptFailure
  /** The number of the attempt that failed, from 1. */
  readonly attempt: number
}

/** A client's connection has ended; there is one of these for each. */
export interface ConnectionFinishedEvent extends EventBase {
  readonly type: 'connection-finished'
  readonly outcome: ConnectionOutcome
  /** Who ended it; of a `closed` one, who was done first. */
  readonly endedBy: 'client' | 'target' | 'proxy'
  /** The last target that was tried; absent if none was. */
  readonly targetId?: string | undefined
  /** What the client's TLS asked for, where it was read. */
  readonly serverName?: string | undefined
  readonly attempts: number
  /** Of the client, handed on to the target; a PROXY header is not counted. */
  readonly bytesToTarget: number
  /** Of the target, handed on to the client. */
  readonly bytesToClient: number
  /** From the client's connection to the end, in milliseconds. */
  readonly durationMs: number
  /** Why the outcome is not `closed`. */
  readonly because?: string | undefined
}

/**
 * An `attempt-finished` is told as soon as the target is connected or is not: it has no `status`, and its `firstByteMs` is
 * the time to the connection. What happens on the connection afterwards is the matter of client and target.
 */
export type TcpProxyEvent = AttemptFinishedEvent | ConnectionRetriedEvent | ConnectionFinishedEvent
