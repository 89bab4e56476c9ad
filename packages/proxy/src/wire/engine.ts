import { createServer, type Server, type Socket } from 'node:net'
import { ClientConnection } from './client-connection.ts'
import { chunkedLimits, type EngineContext, requestReaders, responseReaders, type TargetContext, type WireContext } from './context.ts'
import { Deadlines, tickOf } from './deadlines.ts'
import { Targets } from './targets.ts'

/** HTTP/1.1 in front and behind, straight on sockets. */
export class WireEngine {
  /** Listens when it is told to, and not before. */
  readonly server: Server
  readonly #context: WireContext
  readonly #connections = new Set<ClientConnection>()
  #active = 0

  constructor(shared: EngineContext) {
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
      begun: () => {
        this.#active += 1
        return this.#active <= settings.maxRequests
      },
      finished: () => {
        this.#active -= 1
      },
    }
    this.server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
    this.server.maxConnections = settings.maxConnections
  }

  /** Requests and WebSockets under way. */
  get active(): number {
    return this.#active
  }

  /** Open connections of clients. */
  get connections(): number {
    return this.#connections.size
  }

  abandon(targetId: string, because: string): void {
    this.#context.targets.abandon(targetId, because)
  }

  /** Takes no more connections, and ends those that are idle. @param closed is called when the last one has ended */
  stopListening(closed: () => void): void {
    this.server.close(closed)
    for (const connection of this.#connections) if (connection.idle) connection.end()
  }

  /** Ends every connection of a client at once. */
  cut(): void {
    for (const connection of this.#connections) connection.cut()
  }

  closeTargets(): void {
    this.#context.targets.close()
  }

  #accept(socket: Socket): void {
    this.#connections.add(new ClientConnection(this.#context, socket, this.#closed))
  }

  readonly #closed = (connection: ClientConnection): void => void this.#connections.delete(connection)
}
