import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIP, type Server } from 'node:net'
import { errorCode, errorText, type HotspareError } from '@hotspare/core'
import { dnsError } from '../errors.ts'
import { serverDefaults } from './defaults.ts'
import type { ListenSettings } from './options.ts'

/** A port that is free for UDP may be taken for TCP. */
const TRIES = 10

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'ports below 1024 need the right CAP_NET_BIND_SERVICE',
}

/** One address, by both ways. */
export interface BoundPair {
  readonly udp: UdpSocket
  readonly tcp: Server
}

/**
 * Binds both sockets of an address, to the same port.
 *
 * @throws HotspareError `HOTSPARE_DNS_LISTEN` that says what to do
 */
export async function bindPair(listen: ListenSettings): Promise<BoundPair> {
  for (let left = TRIES; ; left--) {
    const udp = await bindUdp(listen).catch((error: unknown) => {
      throw refuse(listen, error)
    })
    const tcp = createServer({ noDelay: true })
    try {
      tcp.listen({ host: listen.address, port: udp.address().port, ipv6Only: true, reusePort: listen.shared })
      await once(tcp, 'listening')
      return { udp, tcp }
    } catch (error) {
      udp.close()
      if (listen.port !== 0 || left <= 1 || errorCode(error) !== 'EADDRINUSE') throw refuse(listen, error)
    }
  }
}

function bindUdp({ address, port, shared }: ListenSettings): Promise<UdpSocket> {
  const family = isIP(address)
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // So that 0.0.0.0 and :: can be listened on side by side.
    ipv6Only: family === 6,
    reusePort: shared,
    recvBufferSize: serverDefaults.receiveBufferBytes,
    // Every address is one already: no resolver, and the bytes are with the kernel when `send` returns.
    lookup: (host, _options, callback) => callback(null, host, family),
  })
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      socket.close()
      reject(error)
    }
    socket.once('error', onError)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

function refuse({ address, port }: ListenSettings, cause: unknown): HotspareError {
  const hint = HINTS[errorCode(cause) ?? ''] ?? errorText(cause)
  return dnsError('HOTSPARE_DNS_LISTEN', `dns server: cannot listen on ${address} port ${port}: ${hint}`, { cause })
}
