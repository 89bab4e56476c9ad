/** How to reach a target. */
export interface TcpAddress {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

const USUAL_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** @returns undefined for a text without a host or a port: `tcp://host:port` has both */
export function tcpAddress(url: string): TcpAddress | undefined {
  const parsed = URL.parse(url)
  if (!parsed) return undefined
  const port = parsed.port === '' ? USUAL_PORTS[parsed.protocol] : Number(parsed.port)
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  return host === '' || !port ? undefined : { host, port }
}
