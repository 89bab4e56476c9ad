import type { TLSSocket } from 'node:tls'
import type { ClientSocket } from '../wire/client-socket.ts'
import type { WireContext } from '../wire/context.ts'
import { ResponseHeadReader } from '../wire/response-head.ts'
import { Spares } from '../wire/spares.ts'
import { type Http2Context, Http2Session } from './session.ts'

/** All connections of HTTP/2. */
export class Http2Front {
  readonly #context: Http2Context
  readonly #sessions = new Set<Http2Session>()

  /** @param accept takes a stream for a connection of HTTP/1.1 */
  constructor(wire: WireContext, maxConcurrentStreams: number, accept: (stream: ClientSocket) => void) {
    // What the engine adds to a target's head must find room.
    const limits = { maxHeaderBytes: 2 * wire.settings.maxHeaderBytes, maxFields: MOST_FIELDS }
    this.#context = { wire, maxConcurrentStreams, accept, readers: new Spares(() => new ResponseHeadReader(limits)) }
  }

  get size(): number {
    return this.#sessions.size
  }

  take(socket: TLSSocket): void {
    this.#sessions.add(new Http2Session(this.#context, socket, this.#closed))
  }

  /** Those with streams under way answer them, and then end as well. */
  endAll(): void {
    for (const session of this.#sessions) session.end()
  }

  cut(): void {
    for (const session of this.#sessions) session.cut()
  }

  readonly #closed = (session: Http2Session): void => void this.#sessions.delete(session)
}

const MOST_FIELDS = 200
