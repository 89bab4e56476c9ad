import { timingSafeEqual } from 'node:crypto'
import { DnsParseError } from '../errors.ts'
import type { TsigRecord } from '../message.ts'
import { writeNumber } from '../wire-writer.ts'
import { type TsigAlgorithm, tsigAlgorithms, type TsigKey } from './algorithms.ts'
import { type FoundTsig, findTsig } from './find.ts'
import { usableKey } from './key.ts'
import { computeMac } from './mac.ts'

const ADDITIONAL_COUNT_AT = 10
/** Of a hash, less is never enough (RFC 8945, 5.2.2.1). */
const LEAST_MAC_BYTES = 10

export interface VerifyingOptions {
  /** Those that are believed. */
  readonly keys: readonly TsigKey[]
  /** Seconds since 1970. */
  readonly atSeconds: number
  /** Of the request, where this is an answer to one. */
  readonly requestMac?: Uint8Array | undefined
  /** Takes a signature of which only a part was sent, down to this. Default: as the algorithm has it */
  readonly leastMacBytes?: number | undefined
}

/** What the signature of a message is worth. */
export type TsigVerdict =
  /** It was signed with this key, lately. */
  | {
      readonly kind: 'verified'
      readonly key: TsigKey
      /** Its error is about the signature of the request: `NOERROR`, or `BADTIME` or `BADTRUNC`, which come signed. */
      readonly tsig: TsigRecord
    }
  | { readonly kind: 'unsigned' }
  /** The other side could not verify ours, so it did not sign either (RFC 8945, 5.3.2): anybody may have said so. */
  | { readonly kind: 'unsigned-error'; readonly tsig: TsigRecord }
  /** What to answer it with, NOTAUTH being the rcode (RFC 8945, 5.2). */
  | {
      readonly kind: 'rejected'
      readonly error: 'BADSIG' | 'BADKEY' | 'BADTIME' | 'BADTRUNC'
      readonly because: string
      readonly tsig: TsigRecord
    }
  /** To be answered with FORMERR. */
  | { readonly kind: 'malformed'; readonly because: string }

/**
 * Verifies a message in the order of RFC 8945, 5.2: key, signature, time, length. Takes the same time whatever is wrong with the signature.
 *
 * @throws DnsValueError where one of the keys cannot be used, and nothing else
 */
export function verifyMessage(bytes: Uint8Array, options: VerifyingOptions): TsigVerdict {
  const keys = options.keys.map((key) => ({ key, ...usableKey(key) }))
  let found: FoundTsig | undefined
  try {
    found = findTsig(bytes)
  } catch (error) {
    if (error instanceof DnsParseError) return { kind: 'malformed', because: error.message }
    throw error
  }
  if (!found) return { kind: 'unsigned' }
  const { tsig } = found
  if (tsig.mac.length === 0 && tsig.error !== 'NOERROR') return { kind: 'unsigned-error', tsig }
  const known = keys.find(({ key, name }) => name === tsig.name && tsigAlgorithms[key.algorithm].wireName === tsig.algorithm)
  if (!known) return { kind: 'rejected', error: 'BADKEY', because: 'it is signed with a key or an algorithm that is not known here', tsig }
  const { key, secret } = known
  const { algorithm } = key
  const size = sizeFault(algorithm, tsig.mac.length)
  if (size !== undefined) return { kind: 'malformed', because: size }
  const whole = computeMac(algorithm, secret, { message: signedPart(bytes, found), requestMac: options.requestMac, tsig })
  if (!timingSafeEqual(whole.subarray(0, tsig.mac.length), tsig.mac)) {
    return { kind: 'rejected', error: 'BADSIG', because: 'its signature is not that of the key', tsig }
  }
  const offSeconds = Math.abs(options.atSeconds - tsig.atSeconds)
  if (offSeconds > tsig.fudgeSeconds) {
    return { kind: 'rejected', error: 'BADTIME', because: `it was signed ${offSeconds} s from now by the clock here`, tsig }
  }
  if (tsig.mac.length < (options.leastMacBytes ?? tsigAlgorithms[algorithm].macBytes)) {
    return { kind: 'rejected', error: 'BADTRUNC', because: `only ${tsig.mac.length} bytes of its signature were sent`, tsig }
  }
  return { kind: 'verified', key, tsig }
}

/** RFC 8945, 5.2.2.1. */
function sizeFault(algorithm: TsigAlgorithm, bytes: number): string | undefined {
  const { hashBytes, macBytes } = tsigAlgorithms[algorithm]
  if (bytes > macBytes) return 'its signature is longer than the hash'
  return bytes < Math.max(LEAST_MAC_BYTES, hashBytes / 2) ? 'its signature is shorter than half of the hash' : undefined
}

/** The message as it was before the signature, and before a forwarder gave it another id (RFC 8945, 4.3.2). */
function signedPart(bytes: Uint8Array, { tsig, offset }: FoundTsig): Uint8Array {
  const message = new Uint8Array(bytes.subarray(0, offset))
  writeNumber(message, 0, tsig.originalId, 2)
  const additional = (message[ADDITIONAL_COUNT_AT] ?? 0) * 256 + (message[ADDITIONAL_COUNT_AT + 1] ?? 0)
  writeNumber(message, ADDITIONAL_COUNT_AT, additional - 1, 2)
  return message
}
