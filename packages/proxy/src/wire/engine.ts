import { createServer, type Server, type Socket } from 'node:net'
import type { Engine, EngineContext } from '../engine.ts'
import { ClientConnection } from './client-connection.ts'
import { chunkedLimits, requestReaders, responseReaders, type TargetContext, type WireContext } from './context.ts'
import { Deadlines, tickOf } from './deadlines.ts'
import { Targets } from './targets.ts'

/** HTTP/1.1 in front and behind, straight on sockets. */
export class WireEngine implements Engine {
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

  get active(): number {
    return this.#active
  }

  get connections(): number {
    return this.#connections.size
  }

  abandon(targetId: string, because: string): void {
    this.#context.targets.abandon(targetId, because)
  }

  stopListening(closed: () => void): void {
    this.server.close(closed)
    for (const connection of this.#connections) if (connection.idle) connection.end()
  }

  cut(): void {
    for (const connection of this.#connections) connection.cut()
  }

  closeTargets(): Promise<void> {
    this.#context.targets.close()
    return Promise.resolve()
  }

  #accept(socket: Socket): void {
    this.#connections.add(new ClientConnection(this.#context, socket, this.#closed))
  }

  readonly #closed = (connection: ClientConnection): void => void this.#connections.delete(connection)
}
