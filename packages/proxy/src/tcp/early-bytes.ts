import type { Socket } from 'node:net'
import type { ClientHello } from './hello-body.ts'
import { HelloReader } from './hello-reader.ts'

/** What a client sends before there is a target to take it is kept up to here, and one read more; then it has to wait. */
const MOST_BYTES = 65_536

/** What the beginning of a client's connection may bring. */
export interface EarlyListener {
  helloRead(): void
  helloRefused(because: string): void
  /** The client has said all before its hello was whole. */
  helloMissed(): void
  clientBroke(error: Error): void
}

/** What a client says while there is no target yet: its hello, if that is to be read, and all that comes with it. */
export class EarlyBytes {
  readonly #client: Socket
  readonly #listener: EarlyListener
  #reader: HelloReader | undefined
  #pieces: Buffer[] = []
  #bytes = 0
  /** Undefined where it is not read, or not read yet. */
  hello: ClientHello | undefined
  /** The client has said all. */
  ended = false

  constructor(client: Socket, readHello: boolean, listener: EarlyListener) {
    this.#client = client
    this.#listener = listener
    this.#reader = readHello ? new HelloReader() : undefined
    client.on('data', this.#received).on('end', this.#ended).on('error', this.#broke)
  }

  /** Gives what has come, in order; from now on the client's socket is somebody else's. */
  take(): readonly Buffer[] {
    this.#client.off('data', this.#received).off('end', this.#ended).off('error', this.#broke)
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  readonly #received = (piece: Buffer): void => {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#reader) this.#readHello(this.#reader, piece)
    else if (this.#bytes >= MOST_BYTES) this.#client.pause()
  }

  /** While the hello is read, its reader is what bounds the bytes: one that is whole is no longer than that. */
  #readHello(reader: HelloReader, piece: Buffer): void {
    const reading = reader.read(piece)
    if (reading.kind === 'incomplete') return
    this.#reader = undefined
    if (reading.kind === 'refused') return this.#listener.helloRefused(reading.because)
    this.hello = reading.hello
    if (this.#bytes >= MOST_BYTES) this.#client.pause()
    this.#listener.helloRead()
  }

  readonly #ended = (): void => {
    this.ended = true
    if (this.#reader) this.#listener.helloMissed()
  }

  readonly #broke = (error: Error): void => this.#listener.clientBroke(error)
}
