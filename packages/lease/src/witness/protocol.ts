import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { leaseNameProblem } from '../record.ts'
import type { LeaseRecord } from '../register.ts'
import type { WitnessKey } from './secret.ts'

/*
 * # The protocol of the witness, version 1
 *
 * HTTP/1.1, with or without TLS. Two calls, each a POST with a JSON body of at most 4,096 bytes:
 *
 * | path       | body                                             | answer with status 200                                   |
 * |------------|--------------------------------------------------|----------------------------------------------------------|
 * | `/v1/read` | `{"name":N}`                                     | `{"record":R}` or `{"record":null}`                      |
 * | `/v1/swap` | `{"name":N,"expected":V or null,"next":R}`       | `{"swapped":true}` or `{"swapped":false,"current":R or null}` |
 *
 * N is a name, V the revision of the record that is to be replaced (null: there must be none yet), and R a record:
 * `{"holder":"web-1" or null,"token":1,"ttlMs":2000,"revision":"V"}`. Unknown fields beside them are refused: a
 * condition that is not understood must not be passed over. `"swapped":true` is said when the write is durable.
 *
 * Other answers have a body `{"error":"..."}`, for people: 400 the body is not understood, 404 no such call, 503 the
 * write may or may not have been made, or too much waits already (nothing was written), 507 there are as many leases as
 * may be. 401, 408, 413 and 431 come without any proof and without a detail. `GET /healthz` needs none and says `ok`.
 *
 * ## Who is speaking
 *
 * Both sides know a secret with an id. Key = HKDF-SHA256(secret, no salt, info `hotspare-witness-v1`, 32 bytes).
 * A request carries three headers; `|` stands for a line feed, and base64url has no padding:
 *
 * - `hotspare-key`: the id of the secret;
 * - `hotspare-nonce`: 16 random bytes in base64url, new for each request;
 * - `hotspare-mac`: base64url(HMAC-SHA256(key, `hotspare-witness-v1 request|` id `|` nonce `|` method `|` path `|` body)).
 *
 * An answer carries `hotspare-mac`: base64url(HMAC-SHA256(key, `hotspare-witness-v1 answer|` mac of the request `|`
 * status `|` body)). The mac of the request covers its nonce, so an answer counts for one request and for no other:
 * one that was forged, or recorded earlier, is not believed. Neither side needs a clock for this.
 *
 * ## Requests that are repeated by somebody else
 *
 * The witness keeps no nonces: a request that was recorded and is sent again, at any time, changes nothing that a
 * packet which was late could not have changed.
 * - A swap replaces one revision. No revision is ever used twice, so once it was replaced the same swap fails for good.
 * - A creation (`expected` null) asks that there be no record. Records are never deleted, so it succeeds at most once.
 * - A swap that was held back and never arrived may be let through later, while the record is still the one that it
 *   expects. It is then a write whose outcome its sender did not know: a right is counted from the start of a call that
 *   was answered, the right of whoever sent a release had ended before, and a challenger compares too.
 * - A read changes nothing, and its answer is worth something only to whoever waits for this nonce.
 * What is left to somebody in the middle is to withhold, which makes rights end, and to read along, which TLS prevents.
 *
 * All this rests on the file of the witness never going back. When it was lost, or an old copy was put in its place,
 * recorded requests could be played to it from there on: give it a new secret then.
 */

export const READ_PATH = '/v1/read'
export const SWAP_PATH = '/v1/swap'
export const HEALTH_PATH = '/healthz'

export const KEY_HEADER = 'hotspare-key'
export const NONCE_HEADER = 'hotspare-nonce'
export const MAC_HEADER = 'hotspare-mac'

/** Twice what the longest names need. */
export const LARGEST_BODY_BYTES = 4_096

export const NONCE_BYTES = 16

/** The same in every request of this version. */
const PURPOSE = 'hotspare-witness-v1'

export interface SignedRequest {
  readonly nonce: string
  readonly method: string
  readonly path: string
  readonly body: Uint8Array
}

export interface SignedAnswer {
  readonly requestMac: string
  readonly status: number
  readonly body: Uint8Array
}

/** No part but the last can hold a line feed, so no two requests have the same text. */
export function requestMac({ id, key }: WitnessKey, { nonce, method, path, body }: SignedRequest): string {
  return createHmac('sha256', key).update(`${PURPOSE} request\n${id}\n${nonce}\n${method}\n${path}\n`).update(body).digest('base64url')
}

export function answerMac({ key }: WitnessKey, { requestMac: asked, status, body }: SignedAnswer): string {
  return createHmac('sha256', key).update(`${PURPOSE} answer\n${asked}\n${status}\n`).update(body).digest('base64url')
}

/** Takes as long for a mac that is almost right as for one that is all wrong. */
export function isSameMac(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

export function isNonce(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text)
}

export interface ReadRequest {
  readonly name: string
}

export interface SwapRequest {
  readonly name: string
  /** The revision of what is to be replaced; null where nothing may be. */
  readonly expected: string | null
  /** Not yet known to be a record. */
  readonly next: unknown
}

export interface ReadAnswer {
  /** Not yet known to be a record. */
  readonly record: object | null
}

export type SwapAnswer = { readonly swapped: true } | { readonly swapped: false; readonly current: object | null }

const namePart = z.string().refine((text) => leaseNameProblem(text) === undefined)

const readRequestSchema: z.ZodType<ReadRequest> = z.strictObject({ name: namePart })
const swapRequestSchema: z.ZodType<SwapRequest> = z.strictObject({ name: namePart, expected: namePart.nullable(), next: z.looseObject({}) })

/** A record, or what may be one. */
const recordPart = z.looseObject({}).nullable()
const readAnswerSchema: z.ZodType<ReadAnswer> = z.object({ record: recordPart })
const swapAnswerSchema: z.ZodType<SwapAnswer> = z.union([
  z.object({ swapped: z.literal(true) }),
  z.object({ swapped: z.literal(false), current: recordPart }),
])
const errorAnswerSchema = z.object({ error: z.string() })

export function encodeRead(name: string): Buffer {
  return Buffer.from(JSON.stringify({ name }))
}

export function encodeSwap(name: string, expected: LeaseRecord | null, { holder, token, ttlMs, revision }: LeaseRecord): Buffer {
  return Buffer.from(JSON.stringify({ name, expected: expected?.revision ?? null, next: { holder, token, ttlMs, revision } }))
}

/** Each of these: undefined for anything else. */
export const decodeReadRequest = (body: Uint8Array): ReadRequest | undefined => decode(readRequestSchema, body)
export const decodeSwapRequest = (body: Uint8Array): SwapRequest | undefined => decode(swapRequestSchema, body)
export const decodeReadAnswer = (body: Uint8Array): ReadAnswer | undefined => decode(readAnswerSchema, body)
export const decodeSwapAnswer = (body: Uint8Array): SwapAnswer | undefined => decode(swapAnswerSchema, body)
export const decodeErrorAnswer = (body: Uint8Array): string | undefined => decode(errorAnswerSchema, body)?.error

function decode<T>(schema: z.ZodType<T>, body: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).data
  } catch {
    return undefined
  }
}
