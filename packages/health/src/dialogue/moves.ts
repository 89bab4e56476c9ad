import type { Finding } from '../failure.ts'
import type { ProbeFailure } from '../probe.ts'
import { type Cut, wholeLine } from './inbox.ts'

/**
 * A protocol as a pure sequence: what to say, what to wait for, what to make of it. It has no socket and no clock, so that a
 * test can play it against bytes; `converse` plays it against a server.
 */
export type Dialogue = Part<Finding>

/** A part of a dialogue that comes to a value. */
export type Part<Value> = Generator<Move, Value, Buffer>

/** What a dialogue wants of its connection. The answer to `read` are the bytes; to the others, none. */
export type Move =
  | { readonly type: 'send'; readonly bytes: Uint8Array; readonly farewell?: boolean | undefined }
  | ReadMove
  | { readonly type: 'start-tls' }
  /** The dialogue has come to its end inside of a part. */
  | { readonly type: 'end'; readonly finding: Finding }

export interface ReadMove {
  readonly type: 'read'
  /** As it fits after "waiting for": `the greeting`. */
  readonly what: string
  readonly cut: Cut
  readonly maxBytes: number
  /** The reason to fail with when it is not within `maxBytes`. Default: `protocol` */
  readonly tooLong?: ProbeFailure | undefined
}

export function* send(bytes: string | Uint8Array): Part<void> {
  yield { type: 'send', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes }
}

/** The last words of a dialogue that has seen enough: whether they arrive changes nothing. */
export function* sendFarewell(bytes: string | Uint8Array): Part<void> {
  yield { type: 'send', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes, farewell: true }
}

export function* read(move: Omit<ReadMove, 'type'>): Part<Buffer> {
  return yield { type: 'read', ...move }
}

/** A line, without its end. Latin-1, so that every byte is a character and none is lost. */
export function* readLine(what: string, maxBytes: number): Part<string> {
  const line = yield { type: 'read', what, cut: wholeLine, maxBytes }
  return line.toString('latin1').replace(/\r?\n$/, '')
}

export function* startTls(): Part<void> {
  yield { type: 'start-tls' }
}

/** Ends the dialogue from inside of a part: whoever plays it asks for nothing more. */
export function* end(finding: Finding): Part<never> {
  for (;;) yield { type: 'end', finding }
}
