import { HEADER_BYTES } from '../decode-message.ts'
import { DnsValueError } from '../errors.ts'
import { writeTsig } from '../meta-records.ts'
import { WireReader } from '../wire-reader.ts'
import { WireWriter, writeNumber } from '../wire-writer.ts'
import { tsigAlgorithms, type TsigKey } from './algorithms.ts'
import { usableKey } from './key.ts'
import { computeMac } from './mac.ts'

/** RFC 8945, 10: the clocks of two machines are rarely further apart. */
const FUDGE_SECONDS = 300
const ADDITIONAL_COUNT_AT = 10

export interface SigningOptions {
  readonly key: TsigKey
  /** Seconds since 1970. */
  readonly atSeconds: number
  /** How far the clock of who reads it may be off. Default: 300 */
  readonly fudgeSeconds?: number | undefined
  /** Of the request, where this is an answer. */
  readonly requestMac?: Uint8Array | undefined
  /** What was wrong with the signature of the request: `BADTIME`, ... Default: NOERROR */
  readonly error?: string | undefined
  /** With BADTIME: our own time. Default: nothing */
  readonly other?: Uint8Array | undefined
  /** How much of the hash is sent. Default: as the algorithm has it */
  readonly macBytes?: number | undefined
}

export interface Signed {
  readonly bytes: Uint8Array
  /** What the answer has to be verified with. */
  readonly mac: Uint8Array
}

/**
 * Signs a message (RFC 8945, 5.1 and 5.3.1).
 *
 * @param bytes a message without a signature
 * @throws DnsValueError where the key cannot be used, or there is no room
 */
export function signMessage(bytes: Uint8Array, options: SigningOptions): Signed {
  const { key, atSeconds, fudgeSeconds = FUDGE_SECONDS, requestMac, error = 'NOERROR', other = new Uint8Array(0) } = options
  const { wireName, hashBytes, macBytes } = tsigAlgorithms[key.algorithm]
  const { name, secret } = usableKey(key)
  if (bytes.length < HEADER_BYTES) throw new DnsValueError('what has no header cannot be signed')
  const sent = options.macBytes ?? macBytes
  if (sent > hashBytes) throw new DnsValueError(`a signature of ${key.algorithm} has ${hashBytes} bytes at most`)
  const header = new WireReader(bytes)
  const originalId = header.number(2)
  const tsig = { name, algorithm: wireName, atSeconds, fudgeSeconds, error, other }
  const mac = computeMac(key.algorithm, secret, { message: bytes, requestMac, tsig }).slice(0, sent)
  const to = new WireWriter()
  to.bytes(bytes)
  writeTsig({ ...tsig, mac, originalId }, to)
  const signed = to.take()
  header.number(4)
  header.number(4)
  writeNumber(signed, ADDITIONAL_COUNT_AT, header.number(2) + 1, 2)
  return { bytes: signed, mac }
}
