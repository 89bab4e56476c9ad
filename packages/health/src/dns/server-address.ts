import { isIPv6 } from 'node:net'

/** A name server, as it is asked. */
export interface DnsServer {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

export const DNS_PORT = 53

/**
 * Reads a server as people write it: `ns2.example.com`, `192.0.2.2:5353`, `2001:db8::2`, `[2001:db8::2]:5353`.
 *
 * @returns undefined where the text cannot be read
 */
export function parseServer(text: string): DnsServer | undefined {
  if (isIPv6(text)) return { host: text, port: DNS_PORT }
  const match = /^(?:\[([^\]\s]{2,60})\]|([^\s:[\]]{1,253}))(?::(\d{1,5}))?$/.exec(text)
  if (!match) return undefined
  const [, bracketed, plain, portText] = match
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined
  const host = bracketed ?? plain ?? ''
  const port = portText === undefined ? DNS_PORT : Number(portText)
  return port >= 1 && port <= 65_535 ? { host, port } : undefined
}
