/** A to Z become a to z; all else stays, the lengths of labels (below 64) included. RFC 4343, 3. */
export const LOWER: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte))

const FNV_START = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193

/** FNV-1a, backwards: the hash of a name is on the way to that of each name below it. */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME)
}

export const HASH_START: number = FNV_START

/** A name without the root, as {@link NameTable} keeps it. */
export function hashName(name: Uint8Array): number {
  let hash = FNV_START
  for (let at = name.length - 1; at >= 0; at--) hash = hashStep(hash, name[at]!)
  return hash
}

/** Labels with their lengths in front, without the root at their end. The name is in the spelling of `canonicalName`. */
export function wireName(name: string): Uint8Array {
  const bytes = Buffer.allocUnsafe(name.length + 1)
  let at = 0
  for (const label of name.split('.')) {
    bytes[at] = label.length
    at += 1 + bytes.write(label, at + 1, 'latin1')
  }
  return bytes
}

/** Names that contain this one, itself first, the root left out. */
export function* selfAndAncestors(name: string): Generator<string> {
  for (let rest = name; ; rest = rest.slice(rest.indexOf('.') + 1)) {
    yield rest
    if (!rest.includes('.')) return
  }
}
