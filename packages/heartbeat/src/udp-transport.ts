import { createSocket, type Socket } from 'node:dgram'
import { errorCode, errorText, HotspareError, type Timer } from '@hotspare/core'
import { parseAddress, type SocketAddress } from './address.ts'
import { heartbeatDefaults } from './defaults.ts'
import type { DatagramTransport, TransportHandlers, TransportOptions } from './transport.ts'

/** One socket for each address of ours. */
interface Listener {
  readonly listen: string
  readonly address: SocketAddress
  socket: Socket | undefined
  /** Why there is no socket. */
  fault: Error
  retry: Timer | undefined
  /** Since when nothing can be sent from it because its address is gone. */
  uselessFromMs: number | undefined
}

/** What sending meets when the address or the interface of the socket is gone; one that is made anew is another to the kernel. */
const ADDRESS_GONE: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EINVAL', 'ENODEV'])

/**
 * UDP, IPv4 and IPv6. An address that is not there yet (a link that is down when the machine boots) is tried again until it
 * is, as long as another one works; any other failure to bind is the operator's to mend. One that goes away later (an interface that
 * is made anew) is bound anew.
 */
export function udpTransport({ listen, receiveBufferBytes, clock, logger }: TransportOptions): DatagramTransport {
  const listeners = listen.map((text): Listener => ({
    listen: text,
    address: addressOf(text),
    socket: undefined,
    fault: new Error('not bound yet'),
    retry: undefined,
    uselessFromMs: undefined,
  }))
  const bySource = new Map(listeners.map((listener) => [listener.listen, listener]))
  const targets = new Map<string, SocketAddress>()
  let handlers: TransportHandlers | undefined
  let closed = false

  const bind = async (listener: Listener): Promise<void> => {
    const socket = await boundSocket(listener.address, receiveBufferBytes)
    if (closed) return closeSocket(socket)
    socket.on('message', (bytes) => handlers?.onPacket(bytes, listener.listen))
    socket.on('error', (error) => logger.warn({ listen: listener.listen, error: errorText(error) }, 'a heartbeat socket reports an error'))
    listener.socket = socket
  }
  const bindOrRetry = (listener: Listener): void => {
    bind(listener).catch((error: unknown) => {
      if (!closed) bindLater(listener, error)
    })
  }
  const bindLater = (listener: Listener, error: unknown): void => {
    listener.fault = asError(error)
    listener.retry = clock.schedule(heartbeatDefaults.bindRetryMs, () => bindOrRetry(listener))
  }
  const bindAnew = (listener: Listener, error: Error): void => {
    logger.warn({ listen: listener.listen, error: errorText(error) }, 'a heartbeat address has gone; its socket is bound anew')
    const { socket } = listener
    listener.socket = undefined
    listener.uselessFromMs = undefined
    listener.fault = error
    if (socket) void closeSocket(socket).then(() => closed || bindOrRetry(listener))
  }
  const noteSent = (listener: Listener, socket: Socket, error: Error | undefined): void => {
    // Closed meanwhile, or another one by now.
    if (closed || listener.socket !== socket) return
    if (!error || !ADDRESS_GONE.has(errorCode(error))) return void (listener.uselessFromMs = undefined)
    listener.uselessFromMs ??= clock.monotonicMs()
    if (clock.monotonicMs() - listener.uselessFromMs >= heartbeatDefaults.bindAnewMs) bindAnew(listener, error)
  }

  return {
    async open(given) {
      handlers = given
      const outcomes = await Promise.allSettled(listeners.map((listener) => bind(listener)))
      const failures = outcomes.flatMap((outcome, index) => {
        const listener = listeners[index]
        return outcome.status === 'rejected' && listener ? [{ listener, error: outcome.reason as unknown }] : []
      })
      const deaf = failures.length === listeners.length
      const fatal = failures.find(({ error }) => deaf || errorCode(error) !== 'EADDRNOTAVAIL')
      if (fatal) throw listenError(fatal.listener.listen, fatal.error)
      for (const { listener, error } of failures) {
        logger.warn({ listen: listener.listen, error: errorText(error) }, 'a heartbeat address is not there yet')
        if (!closed) bindLater(listener, error)
      }
    },
    send(packet, { from, to }, done) {
      const listener = bySource.get(from)
      const socket = listener?.socket
      if (!socket) return done(listener?.fault ?? new Error(`${from} is not listened on`))
      const target = targets.get(to) ?? addressOf(to)
      targets.set(to, target)
      try {
        socket.send(packet, target.port, target.host, (error) => {
          noteSent(listener, socket, error ?? undefined)
          done(error ?? undefined)
        })
      } catch (error) {
        done(asError(error))
      }
    },
    async close() {
      closed = true
      await Promise.all(
        listeners.map(async (listener) => {
          listener.retry?.cancel()
          const { socket } = listener
          listener.socket = undefined
          if (socket) await closeSocket(socket)
        }),
      )
    },
  }
}

function boundSocket({ host, port, family }: SocketAddress, receiveBufferBytes: number): Promise<Socket> {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    // So that 0.0.0.0 and :: can be listened on side by side.
    ipv6Only: family === 6,
    recvBufferSize: receiveBufferBytes,
    // Every address is one already: no resolver, and no thread of the pool, for a beat.
    lookup: (address, _options, callback) => callback(null, address, family),
  })
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      socket.close()
      reject(error)
    }
    socket.once('error', onError)
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.removeAllListeners('message')
    socket.close(() => resolve())
  })
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(errorText(thrown))
}

function addressOf(text: string): SocketAddress {
  const address = parseAddress(text)
  if (!address) throw new HotspareError({ code: 'HOTSPARE_HEARTBEAT_OPTIONS', message: `heartbeat: "${text}" is no address with a port` })
  return address
}

function listenError(listen: string, cause: unknown): HotspareError {
  const message = `heartbeat: cannot listen on ${listen}: ${errorText(cause)}`
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_LISTEN', message, retryable: true, cause })
}
