const DOT = 0x2e
const COLON = 0x3a
const ZERO = 0x30
const MAPPED = '::ffff:'

const groups: Uint16Array = new Uint16Array(8)

/**
 * A number for the network that an address is in: its /24, or its /56 with IPv6, because whoever has one address there has all of them.
 *
 * @param address as the kernel writes it
 * @param seed another one in each process, so that nobody can choose networks that share a number
 */
export function prefixHash(address: string, seed: number): number {
  if (!address.includes(':')) return textHash(address, 0, address.lastIndexOf('.'), seed)
  // What came by IPv4 on a socket for both.
  if (address.startsWith(MAPPED) && address.includes('.')) return textHash(address, MAPPED.length, address.lastIndexOf('.'), seed)
  readGroups(address)
  let hash = seed
  for (let index = 0; index < 3; index++) hash = mix(hash, groups[index]!)
  return mix(hash, groups[3]! & 0xff00)
}

/** One step of a hash of 32 bits (MurmurHash3's finaliser, shortened). */
export function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85eb_ca6b)
  return mixed ^ (mixed >>> 13)
}

function textHash(text: string, from: number, to: number, seed: number): number {
  let hash = seed
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    hash = mix(hash, code === DOT ? 0xff : code - ZERO)
  }
  return hash
}

/** Groups of 16 bits; those that `::` stands for are zero. */
function readGroups(address: string): void {
  groups.fill(0)
  let group = 0
  let gapAt = -1
  let value = 0
  let digits = 0
  for (let at = 0; at <= address.length; at++) {
    const code = at < address.length ? address.charCodeAt(at) : COLON
    const digit = hexDigit(code)
    if (digit >= 0) {
      value = ((value << 4) | digit) & 0xffff
      digits += 1
      continue
    }
    if (digits > 0 && group < 8) {
      groups[group] = value
      group += 1
    } else if (code === COLON && at > 0 && at < address.length) {
      gapAt = group
    }
    value = 0
    digits = 0
    // A zone (`fe80::1%eth0`) is no part of it.
    if (code !== COLON) break
  }
  if (gapAt < 0 || group === 8) return
  const tail = group - gapAt
  groups.copyWithin(8 - tail, gapAt, group)
  groups.fill(0, gapAt, 8 - tail)
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
