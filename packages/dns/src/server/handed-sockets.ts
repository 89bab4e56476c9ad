import { createSocket, Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, Server } from 'node:net'
import { errorText } from '@hotspare/core'
import { dnsError } from '../errors.ts'
import { serverDefaults } from './defaults.ts'

/** A socket that answers, and whether it sends at once: one that looks addresses up has not sent yet when `send` returns. */
export interface UdpPort {
  readonly socket: UdpSocket
  readonly sendsAtOnce: boolean
}

/**
 * Takes over a socket for UDP that another process has bound: as Node hands it to a message, or the bare handle, which nobody reads from
 * before.
 *
 * @throws HotspareError `HOTSPARE_DNS_LISTEN`
 */
export async function adoptUdp(given: object): Promise<UdpPort> {
  try {
    const adopted =
      given instanceof UdpSocket ? { socket: given, sendsAtOnce: false } : { socket: await socketOf(given), sendsAtOnce: true }
    adopted.socket.setRecvBufferSize(serverDefaults.receiveBufferBytes)
    return adopted
  } catch (error) {
    throw refuse('UDP', error)
  }
}

/** A socket around a handle. */
async function socketOf(handle: object): Promise<UdpSocket> {
  const family = familyOf(handle)
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, callback) => callback(null, host, family),
  })
  const listening = once(socket, 'listening')
  // As `bind` of Node takes it, and its types do not say.
  const bind: unknown = Reflect.get(socket, 'bind')
  if (typeof bind === 'function') Reflect.apply(bind, socket, [handle])
  await listening
  return socket
}

/** The same for TCP. @throws HotspareError `HOTSPARE_DNS_LISTEN` */
export async function adoptTcp(given: object): Promise<Server> {
  if (given instanceof Server) return given
  const server = createServer({ noDelay: true })
  try {
    server.listen(given)
    await once(server, 'listening')
    return server
  } catch (error) {
    throw refuse('TCP', error)
  }
}

function familyOf(handle: object): 4 | 6 {
  const name: { family?: string } = {}
  const ask: unknown = Reflect.get(handle, 'getsockname')
  if (typeof ask !== 'function') throw new Error('it is neither a socket nor a handle of one')
  Reflect.apply(ask, handle, [name])
  return name.family === 'IPv6' ? 6 : 4
}

function refuse(kind: string, cause: unknown): Error {
  return dnsError('HOTSPARE_DNS_LISTEN', `dns server: a socket for ${kind} that was handed in cannot be used: ${errorText(cause)}`, {
    cause,
  })
}
