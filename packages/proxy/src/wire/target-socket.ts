import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How to reach a target. */
export interface TargetAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

export function targetAddress(url: string): TargetAddress {
  const { protocol, hostname, port } = new URL(url)
  const tls = protocol === 'https:'
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? (tls ? 443 : 80) : Number(port), tls }
}

/** @param connected is called once the target can be written to, its certificate checked */
export function openSocket({ host, port, tls }: TargetAddress, connected: () => void): Socket {
  if (!tls) return connect({ host, port, noDelay: true }, connected)
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...name }, connected).setNoDelay(true)
}
