import fc from 'fast-check'
import type { Random } from '@hotspare/core'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage } from './encode-message.ts'
import { decodeUpdate } from './encode-update.ts'
import { DnsParseError, DnsValueError } from './errors.ts'
import { message } from './message.fixture.ts'
import { parseValue } from './parse-value.ts'
import { presentValue } from './present-value.ts'
import { verifyMessage } from './tsig/verify.ts'

/** Good messages of every kind to begin with. */
export function goodMessages(count: number, seed: number): readonly Uint8Array[] {
  return fc.sample(message, { numRuns: count, seed }).map((given) => encodeMessage(given))
}

/** @returns the message with some of it changed, cut, doubled, swapped, or led astray */
export function mutated(given: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(given)
  const below = (limit: number) => Math.floor(random.next() * limit)
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(Math.max(1, bytes.length))
    switch (below(8)) {
      case 0:
        bytes[at] = below(256)
        break
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
        break
      case 2:
        bytes = bytes.slice(0, at)
        break
      case 3:
        // A pointer to somewhere before or behind.
        bytes[at] = 0xc0 | below(4)
        if (at + 1 < bytes.length) bytes[at + 1] = below(256)
        break
      case 4:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(below(at + 1), at), ...bytes.subarray(at)])
        break
      case 5:
        // One of the counts.
        if (bytes.length >= 12) bytes[4 + below(8)] = below(8)
        break
      case 6:
        bytes = Uint8Array.from([...bytes, ...Array.from({ length: below(20) }, () => below(256))])
        break
      default:
        bytes[at] = [0, 0xff, 0x3f, 0x40, 0xc0][below(5)] ?? 0
    }
  }
  return bytes
}

const KEYS = [{ name: 'example', algorithm: 'hmac-sha256', secret: 'c2VjcmV0' }] as const

/**
 * What has to hold of any bytes: they are read, or refused with the one error; what was read can be written, and reads the same; each
 * value can be written as text, and read again.
 *
 * @returns whether they are a message
 * @throws what must not happen
 */
export function holds(bytes: Uint8Array): boolean {
  verifyMessage(bytes, { keys: KEYS, atSeconds: 0 })
  refusedOr(() => decodeUpdate(bytes), DnsParseError)
  const read = refusedOr(() => decodeMessage(bytes), DnsParseError)
  if (!read) return false
  // Uncompressed it may have been larger than fits, where names were compressed that we do not compress.
  const written = refusedOr(() => encodeMessage(read), DnsValueError)
  if (written && JSON.stringify(decodeMessage(written)) !== JSON.stringify(read)) throw new Error('it reads otherwise when written again')
  for (const { type, data } of [...read.answers, ...read.authorities, ...read.additionals]) {
    const text = presentValue(type, data)
    // Opaque data of a known type stands in updates alone.
    const again = data.kind === 'opaque' ? refusedOr(() => parseValue(type, text), DnsValueError) : parseValue(type, text)
    const isKnownAgain = data.kind === 'opaque' && again?.kind !== 'opaque'
    if (again && !isKnownAgain && presentValue(type, again) !== text) throw new Error(`"${text}" reads otherwise when written again`)
  }
  return true
}

function refusedOr<T>(work: () => T, refusal: new (why: string) => Error): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof refusal) return undefined
    throw error
  }
}
