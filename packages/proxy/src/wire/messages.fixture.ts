import { ChunkedReader } from './chunked.ts'
import type { FieldLines } from './field-lines.ts'
import type { Asked, Framing } from './framing.ts'
import type { HeadResult } from './head-lines.ts'
import type { ChunkedLimits, HeadLimits } from './limits.ts'
import { type Refusal, ofAnswer } from './refusal.ts'
import { RequestHeadReader } from './request-head.ts'
import { ResponseHeadReader } from './response-head.ts'

export const headLimits: HeadLimits = { maxHeaderBytes: 16_384, maxFields: 100 }
export const chunkedLimits: ChunkedLimits = { maxExtensionBytes: 1_024, maxTrailerBytes: 4_096, maxTrailers: 32 }

/** One message as a reader understood it. */
export interface ReadMessage {
  /** Method and target, or the status. */
  readonly start: string
  readonly fields: readonly string[]
  readonly body: string
}

/** All that was understood of what one side of a connection sent, and how it ended. */
export interface Reading {
  readonly messages: readonly ReadMessage[]
  /** `clean`: at the end of a message. `last`: the message was the connection's last, what follows is nobody's. */
  readonly end: 'clean' | 'incomplete' | 'last' | Refusal
}

interface SoundHead {
  readonly kind: 'complete'
  readonly taken: number
  readonly framing: Framing
  readonly keepAlive: boolean
  readonly fields: FieldLines
}

/** Reads the requests out of these pieces, as a server would that takes one after the other. */
export function readRequests(pieces: readonly Buffer[], limits: HeadLimits = headLimits): Reading {
  const reader = new RequestHeadReader(limits)
  return readMessages(
    pieces,
    (piece, from) => reader.read(piece, from, piece.length),
    (head) => ({
      start: `${head.method} ${head.bytes.toString('latin1', head.targetStart, head.targetEnd)}`,
      last: head.upgrade !== undefined || head.method === 'CONNECT',
    }),
  )
}

/** Reads answers to `asked`, interim ones and those to the same request again. */
export function readResponses(pieces: readonly Buffer[], asked: Asked, limits: HeadLimits = headLimits): Reading {
  const reader = new ResponseHeadReader(limits)
  const reading = readMessages(
    pieces,
    (piece, from) => reader.read(piece, from, piece.length, asked),
    (head) => ({ start: String(head.status), last: head.framing.kind === 'tunnel' }),
  )
  return typeof reading.end === 'object' ? { ...reading, end: ofAnswer(reading.end) } : reading
}

function readMessages<Head extends SoundHead>(
  pieces: readonly Buffer[],
  readHead: (piece: Buffer, from: number) => HeadResult<Head>,
  describe: (head: Head) => { readonly start: string; readonly last: boolean },
): Reading {
  const messages: ReadMessage[] = []
  let between = true
  /** What is left of the body, if there is one; the chunked reader counts by itself. */
  let left = 0
  let chunked: ChunkedReader | undefined
  let current: { start: string; fields: string[]; body: string; last: boolean } | undefined
  const finish = (): boolean => {
    if (!current) return false
    const { last, ...message } = current
    messages.push(message)
    current = undefined
    between = true
    return last
  }
  for (const piece of pieces) {
    let at = 0
    while (at < piece.length) {
      if (!current) {
        const head = readHead(piece, at)
        if (head.kind === 'refused') return { messages, end: head }
        if (head.kind === 'incomplete') {
          between = false
          break
        }
        at += head.taken
        const { start, last } = describe(head)
        current = { start, fields: flat(head.fields), body: '', last: last || !head.keepAlive }
        chunked = head.framing.kind === 'chunked' ? new ChunkedReader(chunkedLimits) : undefined
        left = head.framing.kind === 'length' ? head.framing.bytes : head.framing.kind === 'until-close' ? Infinity : 0
        if (left === 0 && !chunked && finish()) return { messages, end: 'last' }
      } else if (chunked) {
        const body = current
        const progress = chunked.read(piece, at, piece.length, (from, to) => {
          body.body += piece.toString('latin1', from, to)
        })
        if (progress.kind === 'refused') return { messages, end: progress }
        at = progress.kind === 'end' ? progress.end : piece.length
        if (progress.kind === 'end' && finish()) return { messages, end: 'last' }
      } else {
        const to = Math.min(piece.length, at + left)
        current.body += piece.toString('latin1', at, to)
        left -= to - at
        at = to
        if (left === 0 && finish()) return { messages, end: 'last' }
      }
    }
  }
  if (left === Infinity && finish()) return { messages, end: 'last' }
  return { messages, end: current || !between ? 'incomplete' : 'clean' }
}

function flat(fields: FieldLines): string[] {
  return Array.from({ length: fields.count }, (_none, line) => [fields.name(line), fields.value(line)]).flat()
}

/** `ok`, `ok 2` for two messages, `incomplete`, or status and reason of the refusal. */
export function verdictOf({ messages, end }: Reading): string {
  if (typeof end === 'object') return `${end.status} ${end.reason}`
  if (end === 'incomplete') return 'incomplete'
  return messages.length === 1 ? 'ok' : `ok ${messages.length}`
}
