import { isIP } from 'node:net'

/** An IP address and a port. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
  readonly family: 4 | 6
}

/**
 * Reads `10.0.0.1:7401` or `[fd00::1]:7401`. Addresses only: a name would put a resolver on the beat's way.
 *
 * @returns undefined for anything else
 */
export function parseAddress(text: string): SocketAddress | undefined {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]{2,64})\]|([\d.]{7,15})):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? bare ?? ''
  const family = isIP(host)
  const port = Number(digits)
  if (family !== (bracketed === undefined ? 4 : 6) || port > 65_535) return undefined
  return { host, port, family }
}
