/** The checksum of the internet (RFC 1071) over some bytes, the field itself counting as 0 where it lies at `fieldAt`. */
export function checksum(parts: readonly Uint8Array[], fieldAt: number): number {
  let sum = 0
  for (const [index, part] of parts.entries()) {
    const isMessage = index === parts.length - 1
    for (let at = 0; at < part.length; at += 2) {
      if (isMessage && at === fieldAt) continue
      // An odd byte at the end is followed by a zero.
      sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0)
    }
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** What is summed up before a message of VRRP version 3: RFC 8200 section 8.1 for IPv6, and in the same way for IPv4. */
export function pseudoHeader(source: Uint8Array, destination: Uint8Array, messageBytes: number, protocol: number): Uint8Array {
  const tail =
    source.length === 4
      ? [0, protocol, messageBytes >> 8, messageBytes & 0xff]
      : [0, 0, messageBytes >> 8, messageBytes & 0xff, 0, 0, 0, protocol]
  return Uint8Array.from([...source, ...destination, ...tail])
}
