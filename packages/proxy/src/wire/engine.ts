import { createServer, type Server } from 'node:net'
import { Deadlines, tickFor } from '../deadlines.ts'
import { Http2Front } from '../http2/front.ts'
import type { ProxySettings } from '../options.ts'
import { TlsFront, type TlsFrontOptions } from '../tls/front.ts'
import type { TlsSettings } from '../tls/options.ts'
import { ClientConnection } from './client-connection.ts'
import type { ClientSocket } from './client-socket.ts'
import { chunkedLimits, type EngineContext, requestReaders, responseReaders, type TargetContext, type WireContext } from './context.ts'
import { HttpDate } from './http-date.ts'
import { Targets } from './targets.ts'

/** HTTP/1.1 in front and behind, straight on sockets; what comes by TLS or by HTTP/2 is unpacked first. */
export class WireEngine {
  /** Listens when it is told to, and not before. */
  readonly server: Server
  /** Undefined where there is no TLS in front. */
  readonly tls: TlsFront | undefined
  readonly #context: WireContext
  readonly #http2: Http2Front | undefined
  readonly #connections = new Set<ClientConnection>()
  #active = 0

  constructor(shared: EngineContext, tls?: TlsSettings) {
    const { settings, clock } = shared
    const targetContext: TargetContext = {
      settings,
      deadlines: new Deadlines(clock, tickOf(settings)),
      chunkedLimits,
      responseReaders: responseReaders(settings),
    }
    this.#context = {
      ...shared,
      ...targetContext,
      targets: new Targets(targetContext),
      requestReaders: requestReaders(settings),
      date: new HttpDate(clock),
      begun: () => {
        this.#active += 1
        return this.#active <= settings.maxRequests
      },
      finished: () => {
        this.#active -= 1
      },
    }
    if (tls) {
      const http2 = new Http2Front(this.#context, tls.maxConcurrentStreams, (stream) => this.#accept(stream, 'https'))
      const accept: TlsFrontOptions['accept'] = (socket, protocol) => {
        if (protocol === 'h2') http2.take(socket)
        else this.#accept(socket, 'https')
      }
      this.#http2 = http2
      this.tls = new TlsFront({ settings: tls, clock, deadlines: targetContext.deadlines, accept })
    }
    this.server = createServer({ noDelay: true }, (socket) => (this.tls ? this.tls.take(socket) : this.#accept(socket, 'http')))
    this.server.maxConnections = settings.maxConnections
  }

  /** Requests and WebSockets under way. */
  get active(): number {
    return this.#active
  }

  /** Open connections of clients. */
  get connections(): number {
    return this.#connections.size + (this.#http2?.size ?? 0) + (this.tls?.size ?? 0)
  }

  /** Whether a connection could bring another request, with none under way. */
  get hasIdle(): boolean {
    for (const connection of this.#connections) if (connection.idle) return true
    return (this.tls?.size ?? 0) > 0
  }

  abandon(targetId: string, because: string): void {
    this.#context.targets.abandon(targetId, because)
  }

  /** Takes no more connections. @param closed is called when the last one has ended */
  stopAccepting(closed: () => void): void {
    this.server.close(closed)
    // A GOAWAY costs no request: the client knows which were taken (RFC 9113, 6.8).
    this.#http2?.endAll()
  }

  /** Ends the connections on which no request is under way. */
  endIdle(): void {
    for (const connection of this.#connections) if (connection.idle) connection.end()
    // Nothing has been asked on these.
    this.tls?.cut()
  }

  /** Ends every connection of a client at once. */
  cut(): void {
    for (const connection of this.#connections) connection.cut()
    this.#http2?.cut()
    this.tls?.cut()
  }

  closeTargets(): void {
    this.#context.targets.close()
  }

  #accept(socket: ClientSocket, protocol: 'http' | 'https'): void {
    this.#connections.add(new ClientConnection(this.#context, socket, protocol, this.#closed))
  }

  readonly #closed = (connection: ClientConnection): void => void this.#connections.delete(connection)
}

function tickOf(settings: ProxySettings): number {
  const {
    connectTimeoutMs,
    firstByteTimeoutMs,
    answerTimeoutMs,
    idleTimeoutMs,
    keepAliveTimeoutMs,
    targetKeepAliveTimeoutMs,
    headersTimeoutMs,
  } = settings
  return tickFor([
    connectTimeoutMs,
    firstByteTimeoutMs,
    answerTimeoutMs,
    idleTimeoutMs,
    keepAliveTimeoutMs,
    targetKeepAliveTimeoutMs,
    headersTimeoutMs,
  ])
}
