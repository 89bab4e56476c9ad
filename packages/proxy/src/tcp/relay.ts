import type { Socket } from 'node:net'
import { behindAll, endBehind, reset } from './sockets.ts'

export type Side = 'client' | 'target'

/** Who is told what happens between the two sides. */
export interface RelayOwner {
  /** A byte has gone on, or a side that was full takes more. */
  moved(): void
  /** This side has said all. */
  ended(side: Side): void
  /** This side has torn the connection down. */
  broke(side: Side, error: Error): void
  /** Both sockets are closed. @param memory nobody needs any more */
  gone(memory: Buffer): void
}

/**
 * Moves bytes between a client and its target, each way on its own. What one side does not take at once is not read from the
 * other: one read (64 KiB) waits to be written, and of the client one more that its stream had begun.
 */
export class Relay {
  bytesToTarget = 0
  bytesToClient = 0
  readonly #client: Socket
  readonly #target: Socket
  /** What the target's socket reads into. */
  readonly #memory: Buffer
  readonly #owner: RelayOwner
  #closed = 0

  constructor(client: Socket, target: Socket, memory: Buffer, owner: RelayOwner) {
    this.#client = client
    this.#target = target
    this.#memory = memory
    this.#owner = owner
  }

  /**
   * @param first for the target: what the client has sent so far
   * @param header goes before it, and is not the client's
   * @param ended the client has said all already
   */
  begin(first: readonly Buffer[], header: Buffer | undefined, ended: boolean): void {
    const [client, target] = [this.#client, this.#target]
    client.on('data', this.#fromClient).on('end', this.#clientEnded).on('drain', this.#clientDrained)
    client.on('error', (error) => this.#owner.broke('client', error)).on('close', this.#oneClosed)
    target.on('end', this.#targetEnded).on('drain', this.#targetDrained)
    target.on('error', (error) => this.#owner.broke('target', error)).on('close', this.#oneClosed)
    if (header || first.length > 0) {
      target.cork()
      if (header) target.write(header)
      for (const piece of first) {
        this.bytesToTarget += piece.length
        target.write(piece)
      }
      target.uncork()
    }
    if (ended) this.#clientEnded()
    else if (target.writableLength > 0) this.#stopClient(true)
    else client.resume()
  }

  /**
   * So many bytes have come from the target, into the memory that it reads into. What the kernel does not take at once is
   * written from there, and nothing more is read until that is done.
   *
   * @returns whether more may be read
   */
  fromTarget(bytes: number): boolean {
    const client = this.#client
    this.bytesToClient += bytes
    const room = client.write(this.#memory.subarray(0, bytes))
    this.#owner.moved()
    if (client.writableLength === 0) return true
    // A small rest is no reason for the stream to tell when it is gone.
    if (room) behindAll(client, this.#clientDrained)
    return false
  }

  /** Tears both sides down. */
  reset(): void {
    reset(this.#client)
    reset(this.#target)
  }

  readonly #fromClient = (piece: Buffer): void => {
    const target = this.#target
    this.bytesToTarget += piece.length
    const room = target.write(piece)
    this.#owner.moved()
    if (target.writableLength > 0) this.#stopClient(room)
  }

  /** @param untold the stream will not tell by itself when all is written: it is too little for that */
  #stopClient(untold: boolean): void {
    this.#client.pause()
    if (untold) behindAll(this.#target, this.#targetDrained)
  }

  readonly #clientDrained = (): void => {
    this.#target.resume()
    this.#owner.moved()
  }

  readonly #targetDrained = (): void => {
    if (!this.#client.isPaused()) return
    this.#client.resume()
    this.#owner.moved()
  }

  readonly #clientEnded = (): void => {
    endBehind(this.#target)
    this.#owner.ended('client')
  }

  readonly #targetEnded = (): void => {
    endBehind(this.#client)
    this.#owner.ended('target')
  }

  readonly #oneClosed = (): void => {
    this.#closed += 1
    if (this.#closed === 2) this.#owner.gone(this.#memory)
  }
}
