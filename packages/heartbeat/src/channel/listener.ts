import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Clock, Logger, Timer } from '@hotspare/core'
import { clipDetail, errorCode, errorText } from '@hotspare/core'
import { channelDefaults } from './defaults.ts'
import { listenError } from './errors.ts'
import type { PairKey, PairKeys } from './keys.ts'
import { makeRoom, networkOf } from './make-room.ts'
import { SECURE_OPTIONS, type StrangerReason, strangerReason } from './secure.ts'

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  /** Those of the present secrets. */
  readonly keys: () => PairKeys
  /** Addresses of the peers, as far as they are known. */
  readonly peerHosts: readonly string[]
  readonly handshakeTimeoutMs: number
  readonly maxUnauthenticated: number
  readonly clock: Clock
  readonly logger: Logger
  /** Somebody has proven a key. */
  readonly onPeer: (socket: TLSSocket, key: PairKey) => void
  readonly onStranger: (reason: StrangerReason, detail: string) => void
}

interface Stranger {
  readonly key: string
  readonly socket: Socket
  readonly address: string
  readonly network: string
  named: boolean
  readonly timer: Timer
}

/** Takes connections, and lets those through that prove a key. */
export class ChannelListener {
  readonly #options: ListenerOptions
  readonly #server: Server
  /** Connections without a proof, by the addresses and ports of both ends; the oldest first. */
  readonly #strangers = new Map<string, Stranger>()
  /** What a connection called itself, and our key for it, as long as nobody else holds the connection. */
  readonly #named = new WeakMap<TLSSocket, { readonly identity: string; readonly key: PairKey | undefined }>()
  readonly #peerNetworks: ReadonlySet<string>

  constructor(options: ListenerOptions) {
    this.#options = options
    const { keys, peerHosts, handshakeTimeoutMs, logger } = options
    this.#peerNetworks = new Set(peerHosts.map(networkOf))
    this.#server = createServer({
      ...SECURE_OPTIONS,
      // Ours is by the injected clock and comes first; this is only not to be shorter.
      handshakeTimeout: 2 * handshakeTimeoutMs,
      // An exception in here would end the process in some versions of Node: it looks things up and nothing else.
      pskCallback: (socket, identity) => {
        const key = keys().toAccept(identity)
        this.#named.set(socket, { identity, key })
        const stranger = this.#strangers.get(keyOf(socket) ?? '')
        if (key && stranger) stranger.named = true
        return key?.key ?? null
      },
    })
    this.#server.on('connection', (socket) => this.#meet(socket))
    this.#server.on('tlsClientError', (error, socket) => this.#refuse(error, socket))
    this.#server.on('secureConnection', (socket) => this.#accept(socket))
    this.#server.on('error', (error) => logger.error({ error: errorText(error) }, 'the peer channel could not take a connection'))
  }

  get unauthenticated(): number {
    return this.#strangers.size
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    const bound = this.#server.address()
    return bound !== null && typeof bound === 'object' ? { host: bound.address, port: bound.port } : undefined
  }

  /** @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_LISTEN` */
  async listen(): Promise<void> {
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error) => reject(listenError(`${host}:${port}`, error, errorCode(error) ?? errorText(error)))
      this.#server.once('error', failed)
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', failed)
        resolve()
      })
    })
  }

  /** Ends listening and all that have not proven anything; resolves when the port is free. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    for (const [key, { socket }] of this.#strangers) {
      this.#forget(key)
      socket.destroy()
    }
    await closed
  }

  #meet(socket: Socket): void {
    const { clock, handshakeTimeoutMs, maxUnauthenticated } = this.#options
    socket.setNoDelay(true)
    const key = keyOf(socket)
    const address = socket.remoteAddress ?? 'unknown'
    if (key === undefined) return void socket.destroy()
    if (this.#strangers.size >= maxUnauthenticated) this.#makeRoom()
    const timer = clock.schedule(handshakeTimeoutMs, () => this.#drop(key, 'no-handshake', `no handshake within ${handshakeTimeoutMs} ms`))
    this.#strangers.set(key, { key, socket, address, network: networkOf(address), named: false, timer })
    socket.once('close', () => {
      if (this.#forget(key)) this.#tell('no-handshake', address, 'hung up')
    })
  }

  #makeRoom(): void {
    const spared = (network: string) => (this.#peerNetworks.has(network) ? channelDefaults.sparedStrangers : 0)
    const stranger = makeRoom(this.#strangers.values(), spared)
    if (stranger) this.#drop(stranger.key, 'too-many', 'more connections than may be open')
  }

  #drop(key: string, reason: StrangerReason, detail: string): void {
    const stranger = this.#forget(key)
    if (!stranger) return
    stranger.socket.destroy()
    this.#tell(reason, stranger.address, detail)
  }

  #refuse(error: unknown, socket: TLSSocket): void {
    // A connection that was only closed has no address any more here; its `close` tells it.
    const stranger = this.#forget(keyOf(socket))
    if (!stranger) return
    const named = this.#named.get(socket)?.identity
    const reason = strangerReason(error, named)
    this.#tell(reason, stranger.address, named === undefined ? (errorCode(error) ?? errorText(error)) : `as ${named}`)
    socket.destroy()
  }

  #accept(socket: TLSSocket): void {
    this.#forget(keyOf(socket))
    const key = this.#named.get(socket)?.key
    // Its secret may have been taken away during the handshake.
    if (!key || !this.#options.keys().includes(key)) return void socket.destroy()
    this.#options.onPeer(socket, key)
  }

  #forget(key: string | undefined): Stranger | undefined {
    if (key === undefined) return undefined
    const stranger = this.#strangers.get(key)
    stranger?.timer.cancel()
    this.#strangers.delete(key)
    return stranger
  }

  #tell(reason: StrangerReason, address: string, detail: string): void {
    this.#options.onStranger(reason, clipDetail(`${address}: ${detail}`))
  }
}

/** Both ends: where we listen on all addresses, two connections may come from one address and port. */
function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined || remotePort === undefined ? undefined : `${localAddress}|${localPort}|${remoteAddress}|${remotePort}`
}
