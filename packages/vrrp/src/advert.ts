import { addressText } from './address.ts'
import { checksum, pseudoHeader } from './checksum.ts'

/** The number of VRRP among the protocols of IP. */
export const VRRP_PROTOCOL = 112
const ADVERTISEMENT = 1
const HEADER_BYTES = 8
const CHECKSUM_AT = 6
/** Of version 2, after the addresses; a password lies in there, and is never looked at. */
const AUTHENTICATION_BYTES = 8

/** What the header of IP says of a message. */
export interface AdvertEnvelope {
  /** 4 or 16 bytes. */
  readonly source: Uint8Array
  readonly destination: Uint8Array
  /** The time to live, or the hop limit. */
  readonly ttl: number
  /** Whether it came inside an authentication header (RFC 2402), as keepalived's `auth_type AH` has it. */
  readonly authenticationHeader?: boolean | undefined
}

/** An advertisement of VRRP: "I am the master of this virtual router". */
export interface Advert {
  readonly version: 2 | 3
  readonly family: 4 | 6
  /** Who speaks, by its own address. */
  readonly source: string
  readonly destination: string
  readonly ttl: number
  /** Of the virtual router, 1 to 255. */
  readonly routerId: number
  /** 255 owns the addresses, 0 resigns. */
  readonly priority: number
  /** How often the speaker says so, in milliseconds. */
  readonly intervalMs: number
  readonly addresses: readonly string[]
  /** How it proves who it is; the proof itself is nowhere. */
  readonly authentication: 'none' | 'password' | 'header' | 'other'
  /**
   * How the checksum was made: over the message alone; with a pseudo-header; or without what follows the addresses. `wrong` where
   * it is none of these.
   */
  readonly checksum: 'message' | 'pseudo-header' | 'without-trailer' | 'wrong'
}

export type AdvertResult = { readonly ok: true; readonly advert: Advert } | { readonly ok: false; readonly because: string }

/**
 * Reads a message of VRRP version 2 (RFC 3768) or 3 (RFC 5798, RFC 9568).
 *
 * @param message what follows the header of IP, with or without bytes behind its end
 * @returns the advert, whether or not its checksum is right; or why it is none
 */
export function parseAdvert(message: Uint8Array, envelope: AdvertEnvelope): AdvertResult {
  if (message.length < HEADER_BYTES) return refused(`${message.length} bytes are no message of VRRP`)
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const version = view.getUint8(0) >> 4
  const type = view.getUint8(0) & 0x0f
  if (version !== 2 && version !== 3) return refused(`version ${version} of VRRP is not known`)
  if (type !== ADVERTISEMENT) return refused(`type ${type} of VRRP is not known`)
  const routerId = view.getUint8(1)
  if (routerId === 0) return refused('0 is no virtual router')
  const addressBytes = envelope.source.length
  if ((addressBytes !== 4 && addressBytes !== 16) || envelope.destination.length !== addressBytes) return refused('it came by no IP')

  const count = view.getUint8(3)
  const end = HEADER_BYTES + count * addressBytes
  if (end > message.length) return refused(`${count} addresses do not fit into ${message.length} bytes`)
  const addresses = Array.from({ length: count }, (_, index) => {
    const at = HEADER_BYTES + index * addressBytes
    return addressText(message.subarray(at, at + addressBytes))
  })
  // Seconds in version 2; hundredths of them, in 12 bits, in version 3.
  const intervalMs = version === 2 ? view.getUint8(5) * 1_000 : (view.getUint16(4) & 0x0fff) * 10
  const advert: Advert = {
    version,
    family: addressBytes === 4 ? 4 : 6,
    source: addressText(envelope.source),
    destination: addressText(envelope.destination),
    ttl: envelope.ttl,
    routerId,
    priority: view.getUint8(2),
    intervalMs,
    addresses,
    authentication: authenticationOf(version, view.getUint8(4), envelope),
    checksum: checksumOf(version, message, end, envelope),
  }
  return { ok: true, advert }
}

function authenticationOf(version: 2 | 3, type: number, envelope: AdvertEnvelope): Advert['authentication'] {
  if (envelope.authenticationHeader) return 'header'
  if (version === 3 || type === 0) return 'none'
  return type === 1 ? 'password' : type === 2 ? 'header' : 'other'
}

function checksumOf(version: 2 | 3, message: Uint8Array, end: number, { source, destination }: AdvertEnvelope): Advert['checksum'] {
  const field = ((message[CHECKSUM_AT] ?? 0) << 8) | (message[CHECKSUM_AT + 1] ?? 0)
  const whole = message.subarray(0, version === 2 ? Math.min(message.length, end + AUTHENTICATION_BYTES) : message.length)
  const bare = message.subarray(0, end)
  const isWith = (part: Uint8Array) =>
    checksum([pseudoHeader(source, destination, part.length, VRRP_PROTOCOL), part], CHECKSUM_AT) === field
  const isOver = (part: Uint8Array) => checksum([part], CHECKSUM_AT) === field
  if (isOver(whole)) return 'message'
  if (version === 3 && isWith(whole)) return 'pseudo-header'
  if (bare.length < whole.length && (isOver(bare) || (version === 3 && isWith(bare)))) return 'without-trailer'
  return 'wrong'
}

function refused(because: string): AdvertResult {
  return { ok: false, because }
}
