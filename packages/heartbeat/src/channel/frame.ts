import { z } from 'zod'

/** Bytes before each frame: the length of what follows, big-endian. */
export const FRAME_HEAD_BYTES = 4

/** Longest texts within frames, in characters. */
export const FRAME_TEXT: Readonly<Record<'name' | 'session' | 'fingerprint' | 'method' | 'detail' | 'code', number>> = Object.freeze({
  name: 63,
  session: 64,
  fingerprint: 128,
  method: 64,
  detail: 400,
  code: 64,
})

/** Which versions of the protocol a node speaks; N works with N-1 when `oldest` is one below `current`. */
export interface ProtocolRange {
  readonly current: number
  readonly oldest: number
}

/** The first frame of each side. */
export interface HelloFrame {
  readonly type: 'hello'
  readonly node: string
  /** Chosen anew by each process. */
  readonly session: string
  readonly protocol: ProtocolRange
  /** Of the configuration. */
  readonly fingerprint: string
}

/** The sender closes the connection, and says why. */
export interface RefusedFrame {
  readonly type: 'refused'
  readonly reason: string
  readonly detail: string
}

/** The sender's process stops in an orderly way. */
export interface GoodbyeFrame {
  readonly type: 'goodbye'
}

export interface RequestFrame {
  readonly type: 'request'
  /** Grows with every request of a connection. */
  readonly id: number
  readonly method: string
  /** What is left of the deadline, in milliseconds, as the request leaves: no clock has to agree. */
  readonly remainingMs: number
  readonly body?: unknown
}

export interface CancelFrame {
  readonly type: 'cancel'
  readonly id: number
}

export interface ResponseFrame {
  readonly type: 'response'
  readonly id: number
  readonly body?: unknown
}

export interface ErrorFrame {
  readonly type: 'error'
  readonly id: number
  /** `busy`, `unknown-method`, `body` (the answer could not be sent), `failed`; others may come. */
  readonly reason: string
  readonly message: string
  readonly retryable: boolean
  /** The code of the handler's own error, if it had one. */
  readonly code?: string | undefined
}

export type Frame =
  | HelloFrame
  | RefusedFrame
  | GoodbyeFrame
  | RequestFrame
  | CancelFrame
  | ResponseFrame
  | ErrorFrame
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }

const id = z.int().min(1)
const version = z.int().min(0).max(1_000_000)
const detail = z.string().max(4 * FRAME_TEXT.detail)

/** Strict in what is read, tolerant towards fields that a later version may add. */
const frameSchema: z.ZodType<Frame> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    node: z.string().min(1).max(FRAME_TEXT.name),
    session: z.string().min(1).max(FRAME_TEXT.session),
    protocol: z.object({ current: version, oldest: version }),
    fingerprint: z.string().max(FRAME_TEXT.fingerprint),
  }),
  z.object({ type: z.literal('refused'), reason: z.string().max(FRAME_TEXT.code), detail }),
  z.object({ type: z.literal('goodbye') }),
  z.object({
    type: z.literal('request'),
    id,
    method: z.string().min(1).max(FRAME_TEXT.method),
    remainingMs: z.number().min(0),
    body: z.unknown().optional(),
  }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('response'), id, body: z.unknown().optional() }),
  z.object({
    type: z.literal('error'),
    id,
    reason: z.string().max(FRAME_TEXT.code),
    message: detail,
    retryable: z.boolean(),
    code: z.string().max(FRAME_TEXT.code).optional(),
  }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
])

/** @throws what JSON.stringify throws: for a cycle, for a BigInt */
export function encodeFrame(frame: Frame): Buffer {
  const text = JSON.stringify(frame)
  const length = Buffer.byteLength(text)
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + length)
  bytes.writeUInt32BE(length, 0)
  bytes.write(text, FRAME_HEAD_BYTES)
  return bytes
}

/** @returns undefined for anything that is no frame: broken UTF-8, broken JSON, an unknown type, a field of the wrong kind */
export function parseFrame(payload: Uint8Array): Frame | undefined {
  try {
    return frameSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))).data
  } catch {
    return undefined
  }
}
