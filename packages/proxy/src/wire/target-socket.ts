import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How to reach a target. */
export interface TargetAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

/** @returns undefined for what is no URL of HTTP */
export function targetAddress(url: string): TargetAddress | undefined {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') return undefined
  const { protocol, hostname, port } = parsed
  const tls = protocol === 'https:'
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? (tls ? 443 : 80) : Number(port), tls }
}

/** @param connected is called once the target can be written to, its certificate checked */
export function openSocket({ host, port, tls }: TargetAddress, connected: () => void): Socket {
  if (!tls) return connect({ host, port, noDelay: true }, connected)
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...name }, connected).setNoDelay(true)
  // Node resets plain sockets alone. Bodies are framed, so a target sees all the same that one is not whole.
  socket.resetAndDestroy = () => socket.destroy()
  return socket
}
