import { z } from 'zod'
import { etcdDefaults } from '../defaults.ts'

/** Codes of gRPC, as the gateway repeats them in the body of an error. */
export const grpcCode: Readonly<Record<'invalidArgument' | 'permissionDenied' | 'failedPrecondition' | 'unauthenticated', number>> =
  Object.freeze({
    /** A wrong password; no token where one is needed; a token from before the users were last changed. */
    invalidArgument: 3,
    permissionDenied: 7,
    /** To a request for a token: authentication is switched off. */
    failedPrecondition: 9,
    /** A token that this member does not know (any more). */
    unauthenticated: 16,
  })

/** What came back over HTTP, before anyone asked what it means. */
export type EtcdReply =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly code: number | undefined; readonly text: string }

/** How a transaction ended, and what was found where it did not fit. */
export type EtcdSwap = { readonly swapped: true } | { readonly swapped: false; readonly found: Buffer | null }

export interface EtcdAnswer<T> {
  /** Every answer of a cluster bears the same. */
  readonly clusterId: string
  readonly value: T
}

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Linearizable, as etcd answers unless it is asked for less. */
export function rangeRequest(key: string): object {
  return { key: base64(key) }
}

/**
 * One transaction: puts `next` if the value is `expected`, byte for byte, or if there is no key for null; and else gives
 * what is there. The value alone is compared, and no revision of etcd's: a value is never written twice, since it holds
 * the revision of its record, whereas etcd's own revisions begin anew in a store that was wiped or restored. etcd decides
 * a transaction that may put through its log, so the answer to one that did not fit is linearizable too.
 */
export function swapRequest(key: string, expected: Uint8Array | null, next: Uint8Array): object {
  const target = expected === null ? { target: 'CREATE', create_revision: '0' } : { target: 'VALUE', value: base64(expected) }
  return {
    compare: [{ key: base64(key), result: 'EQUAL', ...target }],
    success: [{ request_put: { key: base64(key), value: base64(next) } }],
    failure: [{ request_range: { key: base64(key) } }],
  }
}

// Tolerant of what a later etcd may add. Zero, false and empty are left out by the gateway (proto3), so the header is
// what tells etcd's "nothing there" from the `{}` of some other server.
const headerSchema = z.object({ cluster_id: z.string().min(1), revision: z.string().regex(/^\d+$/) })
const kvsSchema = z
  .array(z.object({ key: z.string(), value: z.base64().default('') }))
  .max(1)
  .default([])
const rangeSchema = z.object({ header: headerSchema, kvs: kvsSchema })
const swapSchema = z.discriminatedUnion('succeeded', [
  z.object({ header: headerSchema, succeeded: z.literal(true), responses: z.tuple([z.object({ response_put: z.object({}) })]) }),
  z.object({
    header: headerSchema,
    succeeded: z.literal(false).default(false),
    responses: z.tuple([z.object({ response_range: z.object({ kvs: kvsSchema }) })]),
  }),
])
const tokenSchema = z.object({
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .max(etcdDefaults.maxTokenCharacters),
})
const errorSchema = z.object({ code: z.int(), message: z.string().optional(), error: z.string().optional() })

/** @throws Error when it is no answer of etcd to {@link rangeRequest} */
export function readRange(body: unknown, key: string): EtcdAnswer<Buffer | null> {
  const { header, kvs } = understand(rangeSchema, body)
  return { clusterId: header.cluster_id, value: onlyValue(kvs, key) }
}

/** @throws Error when it is no answer of etcd to {@link swapRequest} */
export function readSwap(body: unknown, key: string): EtcdAnswer<EtcdSwap> {
  const answer = understand(swapSchema, body)
  const value: EtcdSwap = answer.succeeded
    ? { swapped: true }
    : { swapped: false, found: onlyValue(answer.responses[0].response_range.kvs, key) }
  return { clusterId: answer.header.cluster_id, value }
}

/** @throws Error, which does not repeat what was said: it may be a token in another wrapping */
export function readToken(body: unknown): string {
  return understand(tokenSchema, body).token
}

/** @throws Error when a success is not JSON; what an error says is for people, and its code decides */
export function readReply(status: number, text: string): EtcdReply {
  const body = parseJson(text)
  if (status === 200) {
    if (body === undefined) throw new Error('the answer is not JSON')
    return { ok: true, body }
  }
  const error = errorSchema.safeParse(body)
  if (!error.success) return { ok: false, code: codeOfStatus(status), text: `status ${status}: ${text}` }
  const { code, message, error: said } = error.data
  return { ok: false, code, text: `status ${status}, code ${code}: ${message ?? said ?? 'no reason given'}` }
}

/** For a proxy in front of etcd that has no code to give. */
function codeOfStatus(status: number): number | undefined {
  if (status === 401) return grpcCode.unauthenticated
  return status === 403 ? grpcCode.permissionDenied : undefined
}

function onlyValue(kvs: z.infer<typeof kvsSchema>, key: string): Buffer | null {
  const [kv] = kvs
  if (kv && kv.key !== base64(key)) throw new Error('the answer is about another key')
  return kv ? Buffer.from(kv.value, 'base64') : null
}

function understand<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path.map(String).join('.')
  throw new Error(`the answer is not one of etcd${path ? `: ${path}` : ''}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
