import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  type Clock,
  Emitter,
  errorCode,
  errorText,
  type EventSource,
  HotspareError,
  type Listener,
  RetryBudget,
  sleep,
  systemClock,
  type Logger,
  silentLogger,
} from '@hotspare/core'
import { Exchange } from './exchange.ts'
import { parseSettings, type ProxyOptions, type ProxySettings } from './options.ts'
import type { RequestContext } from './request-record.ts'
import { Tunnel } from './tunnel.ts'
import type { ProxyEvent } from './types.ts'
import { Upstreams } from './upstreams.ts'

/** How often a draining proxy looks whether the last request is through. */
const DRAIN_LOOK_MS = 20

export interface ProxyStartOptions {
  /** A bound socket instead of `host` and `port`: what came with a message of the parent process, or `{ fd }`. */
  readonly socket?: object | undefined
  readonly signal?: AbortSignal | undefined
}

/** A reverse proxy; made by {@link createProxy}. */
export interface Proxy extends EventSource<ProxyEvent>, AsyncDisposable {
  /**
   * Listens: at `host` and `port`, or on a socket that another process has bound and handed down. A second call has no effect.
   *
   * @throws HotspareError `HOTSPARE_PROXY_LISTEN` when the address is in use, not ours, or not allowed;
   * `HOTSPARE_PROXY_STOPPED` after `stop`: create a new one
   */
  start(options?: ProxyStartOptions): Promise<void>
  /**
   * Stops without an error for clients that behave: answers on open connections with `Connection: close` for
   * `lameDuckMs`, then stops listening, lets requests finish for `drainTimeoutMs`, then cuts what is left.
   * The signal ends the waiting at once.
   */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Where it listens: the port that was taken when 0 was asked for. Undefined before `start`. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /** Requests and WebSockets under way. */
  readonly active: number
  /** Takes every attempt at this target back that can safely be repeated, and repeats it elsewhere. */
  abandon(targetId: string, because: string): void
}

/**
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option
 */
export function createProxy(options: ProxyOptions): Proxy {
  const { pick, clock, logger, ...settings } = options
  return new HttpProxy(parseSettings(settings), pick, clock ?? systemClock, logger ?? silentLogger)
}

class HttpProxy implements Proxy {
  readonly #settings: ProxySettings
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #events: Emitter<ProxyEvent>
  readonly #upstreams: Upstreams
  readonly #server: Server
  readonly #context: RequestContext
  readonly #tunnels = new Set<Tunnel>()
  /** Sockets that Node has given away with an upgrade that was not made; its server does not close them. */
  readonly #detached = new Set<Socket>()
  #exchanges = 0
  #connections = 0
  #state: 'new' | 'listening' | 'draining' | 'stopped' = 'new'
  #stopping: Promise<void> | undefined

  constructor(settings: ProxySettings, pick: ProxyOptions['pick'], clock: Clock, logger: Logger) {
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
    this.#events = new Emitter({ logger })
    this.#upstreams = new Upstreams(settings)
    this.#context = {
      settings,
      pick,
      upstreams: this.#upstreams,
      budget: new RetryBudget({ ratio: settings.retryRatio, minimumPerSecond: settings.minimumRetriesPerSecond, clock }),
      events: this.#events,
      clock,
      draining: () => this.#state === 'draining',
    }
    this.#server = createServer({
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      headersTimeout: settings.headersTimeoutMs,
      // An upload may take as long as it goes on; silence is what ends it, below.
      requestTimeout: 0,
      maxHeaderSize: settings.maxHeaderBytes,
      noDelay: true,
      requireHostHeader: true,
    })
    this.#server.maxConnections = settings.maxConnections
    // A client may be silent for as long as its request may take, and no longer.
    this.#server.timeout = Math.max(settings.idleTimeoutMs, settings.attempts * (settings.connectTimeoutMs + settings.firstByteTimeoutMs))
    this.#server.on('connection', (socket) => {
      this.#connections += 1
      socket.once('close', () => (this.#connections -= 1))
    })
    this.#server.on('request', (request, response) => this.#serve(request, response))
    this.#server.on('connect', (_request, socket) => {
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => socket.destroy())
    })
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    const address = this.#server.address()
    return isAddressInfo(address) ? { host: address.address, port: address.port } : undefined
  }

  get active(): number {
    return this.#exchanges + this.#tunnels.size
  }

  subscribe(listener: Listener<ProxyEvent>): () => void {
    return this.#events.subscribe(listener)
  }

  async start(options?: ProxyStartOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    if (this.#state === 'listening') return
    if (this.#state !== 'new')
      throw new HotspareError({ code: 'HOTSPARE_PROXY_STOPPED', message: 'proxy: start after stop: create a new one' })
    this.#state = 'listening'
    const { host, port } = this.#settings
    try {
      this.#server.listen(options?.socket ?? { host, port })
      await once(this.#server, 'listening')
    } catch (error) {
      this.#state = 'new'
      throw listenError(host, port, error)
    }
    this.#server.on('error', (error) => this.#logger.error({ error: errorText(error) }, 'the listening socket failed'))
    this.#logger.debug({ address: this.address }, 'the proxy listens')
  }

  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    this.#stopping ??= this.#drain(options?.signal)
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  abandon(targetId: string, because: string): void {
    this.#upstreams.abandon(targetId, because)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#exchanges += 1
    const exchange = new Exchange(this.#context, request, response, () => (this.#exchanges -= 1))
    if (this.#exchanges > this.#settings.maxRequests) exchange.refuse(503, `${this.#settings.maxRequests} requests are under way`)
    else exchange.begin()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!asksForWebSocket(request) && isWithoutBody(request)) return this.#serveWithoutUpgrade(request, socket)
    const tunnel = new Tunnel(this.#context, request, socket, head, () => this.#tunnels.delete(tunnel))
    this.#tunnels.add(tunnel)
    if (!isWithoutBody(request)) tunnel.refuse(501, 'an upgrade with a body')
    else if (this.active > this.#settings.maxRequests) tunnel.refuse(503, `${this.#settings.maxRequests} requests are under way`)
    else tunnel.begin()
  }

  /** A server may ignore an upgrade (RFC 9110, 7.8), and one to HTTP/2 is ignored: curl asks for it. Node has given the socket away, so it is the last answer on it. */
  #serveWithoutUpgrade(request: IncomingMessage, socket: Duplex): void {
    if (!(socket instanceof Socket)) return void socket.destroy()
    socket.on('error', () => socket.destroy())
    this.#detached.add(socket)
    socket.once('close', () => this.#detached.delete(socket))
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    response.shouldKeepAlive = false
    response.once('finish', () => socket.destroySoon())
    this.#serve(request, response)
  }

  async #drain(signal: AbortSignal | undefined): Promise<void> {
    const wasListening = this.#state === 'listening'
    this.#state = 'draining'
    const { lameDuckMs, drainTimeoutMs } = this.#settings
    const pause = async (delayMs: number) => sleep(delayMs, { clock: this.#clock, signal }).catch(() => {})
    if (wasListening) {
      if (this.#connections > 0) await pause(lameDuckMs)
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
      const deadlineMs = this.#clock.monotonicMs() + drainTimeoutMs
      const mayWait = () => signal?.aborted !== true && this.#clock.monotonicMs() < deadlineMs
      while (this.active > 0 && mayWait()) await pause(DRAIN_LOOK_MS)
      this.#cutWhatIsLeft()
      await closed
    }
    await this.#upstreams.close()
    this.#state = 'stopped'
  }

  #cutWhatIsLeft(): void {
    if (this.active > 0) this.#logger.warn({ active: this.active }, 'requests were cut at the end of the drain')
    for (const tunnel of this.#tunnels) tunnel.cut('the proxy has stopped')
    for (const socket of this.#detached) socket.destroy()
    this.#server.closeAllConnections()
  }
}

/** RFC 6455, 4.1: a GET of HTTP/1.1; of HTTP/1.0 an upgrade is ignored (RFC 9110, 7.8). */
function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  return method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket'
}

function isWithoutBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

function listenError(host: string, port: number, error: unknown): HotspareError {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process listens there; stop it or choose another port',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'ports below 1024 need the right CAP_NET_BIND_SERVICE',
  }
  const hint = hints[errorCode(error) ?? ''] ?? errorText(error)
  return new HotspareError({ code: 'HOTSPARE_PROXY_LISTEN', message: `proxy: cannot listen on ${host}:${port}: ${hint}`, cause: error })
}
