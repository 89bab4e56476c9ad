import type { Socket } from 'node:net'
import { type Deadlines, NEVER, type Timed } from '../deadlines.ts'

/** A client that has to be told something gets this long to read it. */
const LINGER_MS = 1_000

/** A connection of which it is not known yet what it will be. */
export class Handshake implements Timed {
  readonly socket: Socket
  dueMs: number
  /** Under which it is found again once it has begun. */
  key: string | undefined
  readonly place: number
  readonly #deadlines: Deadlines

  constructor(socket: Socket, deadlines: Deadlines, timeoutMs: number) {
    this.socket = socket
    this.#deadlines = deadlines
    this.dueMs = deadlines.after(timeoutMs)
    this.place = deadlines.add(this)
  }

  expired(): void {
    this.socket.destroy()
  }

  /** Says this, and nothing more. */
  endWith(text: string): void {
    this.socket.end(text, 'latin1')
    this.socket.resume()
    this.dueMs = this.#deadlines.after(LINGER_MS)
  }
}

export interface HandshakeLimits {
  readonly handshakeTimeoutMs: number
  readonly maxHandshakes: number
}

/**
 * All handshakes in progress. Past the limit, a client that has said nothing yet makes room for one that may; where all
 * are at it, the newcomer has to go.
 */
export class Handshakes {
  readonly #deadlines: Deadlines
  readonly #limits: HandshakeLimits
  readonly #all = new Set<Handshake>()
  readonly #silent = new Set<Handshake>()
  readonly #begun = new Map<string, Handshake>()

  constructor(deadlines: Deadlines, limits: HandshakeLimits) {
    this.#deadlines = deadlines
    this.#limits = limits
  }

  get size(): number {
    return this.#all.size
  }

  /** @returns undefined where there is no room: the socket is closed then */
  add(socket: Socket): Handshake | undefined {
    if (this.#all.size >= this.#limits.maxHandshakes) {
      const [oldest] = this.#silent
      if (!oldest) return void socket.destroy()
      this.#forget(oldest)
      oldest.socket.destroy()
    }
    const handshake = new Handshake(socket, this.#deadlines, this.#limits.handshakeTimeoutMs)
    this.#all.add(handshake)
    this.#silent.add(handshake)
    socket.once('close', () => this.#forget(handshake))
    return handshake
  }

  /** The client has said something. */
  begun(handshake: Handshake): void {
    this.#silent.delete(handshake)
    handshake.key = endsOf(handshake.socket)
    this.#begun.set(handshake.key, handshake)
  }

  /** @param secure what the handshake has made @returns the socket beneath; undefined where that is gone */
  finished(secure: Socket): Socket | undefined {
    const handshake = this.#begun.get(endsOf(secure))
    if (handshake) this.#forget(handshake)
    return handshake?.socket
  }

  cut(): void {
    for (const { socket } of this.#all) socket.destroy()
  }

  #forget(handshake: Handshake): void {
    if (!this.#all.delete(handshake)) return
    this.#deadlines.remove(handshake.place)
    handshake.dueMs = NEVER
    this.#silent.delete(handshake)
    if (handshake.key !== undefined && this.#begun.get(handshake.key) === handshake) this.#begun.delete(handshake.key)
  }
}

/** Both ends of a connection: there is no other with the same ones. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
