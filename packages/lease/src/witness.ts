import { randomBytes } from 'node:crypto'
import { type Dispatcher, request } from 'undici'
import { witnessDefaults } from './defaults.ts'
import { refusedError } from './errors.ts'
import { parseOptions } from './parse-options.ts'
import { toRecord } from './record.ts'
import { openConnections, readBounded } from './http-client.ts'
import { registerCall } from './register-call.ts'
import type { LeaseRegister, RegisterCallOptions } from './register.ts'
import {
  answerMac,
  decodeErrorAnswer,
  decodeReadAnswer,
  decodeSwapAnswer,
  encodeRead,
  encodeSwap,
  isSameMac,
  KEY_HEADER,
  MAC_HEADER,
  NONCE_BYTES,
  NONCE_HEADER,
  READ_PATH,
  requestMac,
  SWAP_PATH,
} from './witness/protocol.ts'
import { type WitnessRegisterOptions, witnessRegisterOptionsSchema } from './witness/register-options.ts'
import { type WitnessKey, witnessKey } from './witness/secret.ts'

export { witnessRegisterOptionsSchema } from './witness/register-options.ts'
export type { ClientTlsOptions } from './schema-parts.ts'
export type { ResolvedWitnessRegisterOptions, WitnessRegisterOptions } from './witness/register-options.ts'
export type { WitnessSecret } from './witness/secret.ts'

/** Whom a call goes to, and as whom. */
interface Link {
  readonly who: string
  readonly url: string
  readonly key: WitnessKey
  readonly dispatcher: Dispatcher
}

/**
 * The register of a witness, `@hotspare/lease/witness-server`. An answer counts only with the proof that it was made
 * for this very call, by somebody who knows the secret; TLS is not needed for that. A 401 carries no such proof:
 * whether a write has arrived is as unknown after it as after any other failure.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS`
 */
export function witnessRegister(options: WitnessRegisterOptions): LeaseRegister {
  const { url, secret, tls, dispatcher, clock } = parseOptions('witness register', witnessRegisterOptionsSchema, options)
  const who = `witness at ${url}`
  const connections = openConnections({ dispatcher, tls, connections: witnessDefaults.connections })
  const link = { who, url, key: witnessKey(secret), dispatcher: connections.dispatcher }
  let closed = false

  async function call<T>(
    path: string,
    body: Uint8Array,
    decode: (content: Uint8Array) => T | undefined,
    callOptions?: RegisterCallOptions,
  ): Promise<T> {
    return registerCall({ who, what: `POST ${path}`, clock, options: callOptions }, async (signal) => {
      if (closed) throw new Error('the register was closed')
      const decoded = decode(await exchange(link, path, body, signal))
      if (decoded === undefined) throw new Error(`POST ${path}: the answer is not understood`)
      return decoded
    })
  }

  return {
    description: who,
    async read(name, callOptions) {
      const { record } = await call(READ_PATH, encodeRead(name), decodeReadAnswer, callOptions)
      return record && toRecord(record, `${who}: ${name}`)
    },
    async compareAndSwap(name, expected, next, callOptions) {
      const result = await call(SWAP_PATH, encodeSwap(name, expected, next), decodeSwapAnswer, callOptions)
      if (result.swapped) return { swapped: true }
      return { swapped: false, current: result.current && toRecord(result.current, `${who}: ${name}`) }
    },
    async close() {
      closed = true
      await connections.close()
    },
  }
}

/**
 * @returns the body of an answer that has proven itself
 * @throws HotspareError `HOTSPARE_LEASE_REFUSED`; Error for an answer that is of no use; whatever the connection meets
 */
async function exchange(link: Link, path: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const { who, url, key, dispatcher } = link
  const nonce = randomBytes(NONCE_BYTES).toString('base64url')
  const mac = requestMac(key, { nonce, method: 'POST', path, body })
  const headers = { 'content-type': 'application/json', [KEY_HEADER]: key.id, [NONCE_HEADER]: nonce, [MAC_HEADER]: mac }
  const answer = await request(`${url}${path}`, { method: 'POST', headers, body, signal, dispatcher })
  const status = answer.statusCode
  const content = await readBounded(answer.body, witnessDefaults.maxAnswerBytes)
  if (status === 401) throw refusedError(who, `it does not accept key "${key.id}": compare the secret and its id on both sides`)
  const proof = answer.headers[MAC_HEADER]
  if (typeof proof !== 'string' || !isSameMac(proof, answerMac(key, { requestMac: mac, status, body: content }))) {
    throw new Error(`the answer does not prove that it is from the witness (status ${status})`)
  }
  if (status === 200) return content
  const said = decodeErrorAnswer(content) ?? `status ${status}`
  throw status === 507 ? refusedError(who, said) : new Error(said)
}
