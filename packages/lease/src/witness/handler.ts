import { type Clock, errorCode, withDeadline } from '@hotspare/core'
import { toRecord } from '../record.ts'
import type { LeaseRecord } from '../register.ts'
import {
  answerMac,
  decodeReadRequest,
  decodeSwapRequest,
  isNonce,
  isSameMac,
  READ_PATH,
  requestMac,
  SWAP_PATH,
  type SwapRequest,
} from './protocol.ts'
import type { WitnessKey } from './secret.ts'
import { failureText, type SwapFailure, type WitnessStore } from './store.ts'

/** Why a request did not get what it asked for, in one word; what a witness counts. */
export type WitnessFailure =
  /** No HTTP, or not in time, or a head that is too large, or cut off. */
  | 'malformed'
  | 'too-many-connections'
  | 'body-too-large'
  /** Without the three headers of a signature. */
  | 'unsigned'
  | 'unknown-key'
  | 'wrong-mac'
  /** Of a client that has the secret. */
  | 'unknown-call'
  | 'bad-body'
  | SwapFailure

/** What a call that was answered has done. */
export type WitnessCall = 'reads' | 'swaps' | 'mismatches'

/** A request, as far as it matters. */
export interface WitnessRequest {
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  readonly nonce: string | undefined
  readonly mac: string | undefined
  readonly body: Uint8Array
}

export interface WitnessAnswer {
  readonly status: number
  readonly body: Uint8Array
  /** Left out where nobody has shown to know a secret. */
  readonly mac?: string | undefined
  readonly failure?: WitnessFailure | undefined
}

export interface WitnessContext {
  readonly store: WitnessStore
  readonly keys: ReadonlyMap<string, WitnessKey>
  readonly writeTimeoutMs: number
  readonly clock: Clock
  /** Called for each answer to a call. */
  readonly count: (call: WitnessCall) => void
}

interface Reply {
  readonly status: number
  readonly value: unknown
  readonly failure?: WitnessFailure | undefined
}

const NOTHING = new Uint8Array()

/** What the witness says to a request: nothing at all to whoever cannot sign it. */
export async function answerRequest(context: WitnessContext, request: WitnessRequest): Promise<WitnessAnswer> {
  const known = authenticate(context.keys, request)
  if ('failure' in known) return { status: 401, body: NOTHING, failure: known.failure }
  const { status, value, failure } = await route(context, request)
  const body = Buffer.from(JSON.stringify(value))
  return { status, body, mac: answerMac(known.key, { requestMac: known.mac, status, body }), failure }
}

type Authenticated = { readonly key: WitnessKey; readonly mac: string } | { readonly failure: WitnessFailure }

function authenticate(keys: WitnessContext['keys'], { method, path, key: id, nonce, mac, body }: WitnessRequest): Authenticated {
  if (id === undefined || nonce === undefined || mac === undefined || !isNonce(nonce)) return { failure: 'unsigned' }
  const key = keys.get(id)
  if (!key) return { failure: 'unknown-key' }
  return isSameMac(mac, requestMac(key, { nonce, method, path, body })) ? { key, mac } : { failure: 'wrong-mac' }
}

async function route(context: WitnessContext, { method, path, body }: WitnessRequest): Promise<Reply> {
  if (method === 'POST' && path === READ_PATH) return read(context, body)
  if (method === 'POST' && path === SWAP_PATH) return swap(context, body)
  return { status: 404, value: { error: `there are POST ${READ_PATH} and POST ${SWAP_PATH}` }, failure: 'unknown-call' }
}

function read({ store, count }: WitnessContext, body: Uint8Array): Reply {
  const asked = decodeReadRequest(body)
  if (!asked) return badBody(READ_PATH)
  count('reads')
  return { status: 200, value: { record: store.read(asked.name) } }
}

async function swap({ store, writeTimeoutMs, clock, count }: WitnessContext, body: Uint8Array): Promise<Reply> {
  const asked = decodeSwapRequest(body)
  const next = asked && nextRecord(asked)
  if (!asked || !next) return badBody(SWAP_PATH)
  const change = { name: asked.name, expected: asked.expected, next }
  const outcome = await withDeadline('swap', writeTimeoutMs, (signal) => store.swap(change, signal), { clock }).catch((error: unknown) => {
    if (errorCode(error) !== 'HOTSPARE_CORE_TIMEOUT') throw error
    return { failed: 'write-failed' } as const
  })
  if ('failed' in outcome) {
    return { status: outcome.failed === 'full' ? 507 : 503, value: { error: failureText(outcome.failed) }, failure: outcome.failed }
  }
  count(outcome.swapped ? 'swaps' : 'mismatches')
  return { status: 200, value: outcome }
}

function nextRecord({ name, next }: SwapRequest): LeaseRecord | undefined {
  try {
    return toRecord(next, name)
  } catch {
    return undefined
  }
}

function badBody(path: string): Reply {
  return { status: 400, value: { error: `the body is not what ${path} takes` }, failure: 'bad-body' }
}
