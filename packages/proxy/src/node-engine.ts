import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Engine, EngineContext } from './engine.ts'
import { Exchange } from './exchange.ts'
import type { RequestContext } from './request-record.ts'
import { Tunnel } from './tunnel.ts'
import { Upstreams } from './upstreams.ts'

/** Node's HTTP server in front, undici behind. */
export class NodeEngine implements Engine {
  readonly server: Server
  readonly #context: RequestContext
  readonly #tunnels = new Set<Tunnel>()
  /** Sockets that Node has given away with an upgrade that was not made; its server does not close them. */
  readonly #detached = new Set<Socket>()
  #exchanges = 0
  #connections = 0

  constructor(shared: EngineContext) {
    const { settings } = shared
    this.#context = { ...shared, upstreams: new Upstreams(settings) }
    const server = createServer({
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      headersTimeout: settings.headersTimeoutMs,
      // An upload may take as long as it goes on; silence is what ends it, below.
      requestTimeout: 0,
      maxHeaderSize: settings.maxHeaderBytes,
      noDelay: true,
      requireHostHeader: true,
    })
    this.server = server
    server.maxConnections = settings.maxConnections
    // A client may be silent for as long as its request may take, and no longer.
    server.timeout = Math.max(settings.idleTimeoutMs, settings.attempts * (settings.connectTimeoutMs + settings.firstByteTimeoutMs))
    server.on('connection', (socket) => {
      this.#connections += 1
      socket.once('close', () => (this.#connections -= 1))
    })
    server.on('request', (request, response) => this.#serve(request, response))
    server.on('connect', (_request, socket) => {
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => socket.destroy())
    })
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  get active(): number {
    return this.#exchanges + this.#tunnels.size
  }

  get connections(): number {
    return this.#connections
  }

  abandon(targetId: string, because: string): void {
    this.#context.upstreams.abandon(targetId, because)
  }

  stopListening(closed: () => void): void {
    this.server.close(closed)
  }

  cut(): void {
    for (const tunnel of this.#tunnels) tunnel.cut('the proxy has stopped')
    for (const socket of this.#detached) socket.destroy()
    this.server.closeAllConnections()
  }

  closeTargets(): Promise<void> {
    return this.#context.upstreams.close()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { settings } = this.#context
    this.#exchanges += 1
    const exchange = new Exchange(this.#context, request, response, () => (this.#exchanges -= 1))
    if (this.#exchanges > settings.maxRequests) exchange.refuse(503, `${settings.maxRequests} requests are under way`)
    else exchange.begin()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { settings } = this.#context
    if (!asksForWebSocket(request) && isWithoutBody(request)) return this.#serveWithoutUpgrade(request, socket)
    const tunnel = new Tunnel(this.#context, request, socket, head, () => this.#tunnels.delete(tunnel))
    this.#tunnels.add(tunnel)
    if (!isWithoutBody(request)) tunnel.refuse(501, 'an upgrade with a body')
    else if (this.active > settings.maxRequests) tunnel.refuse(503, `${settings.maxRequests} requests are under way`)
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
}

/** RFC 6455, 4.1: a GET of HTTP/1.1; of HTTP/1.0 an upgrade is ignored (RFC 9110, 7.8). */
function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  return method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket'
}

function isWithoutBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
}
