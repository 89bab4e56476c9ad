import type { Server, Socket } from 'node:net'
import { type Clock, errorText, type Logger, type Timer } from '@hotspare/core'
import type { Counts } from './counts.ts'
import type { Responder } from './responder.ts'
import type { Tail } from './tail-writer.ts'
import { type ConnectionContext, TcpConnection } from './tcp-connection.ts'
import { transferTails } from './transfer.ts'
import type { ZoneImage } from './zone-image.ts'

export interface TcpSideOptions {
  readonly responder: Responder
  readonly counts: Counts
  readonly clock: Clock
  readonly logger: Logger
  readonly idleMs: number
  readonly connections: number
  readonly connectionsPerClient: number
  readonly questionBytes: number
  readonly unsentBytes: number
  readonly questionsPerTurn: number
  readonly transfers: number
  readonly onTransferred: (zone: string, serial: number, to: string) => void
  readonly onRefused: (zone: string, to: string, because: string) => void
}

/** With the questions of each, a turn takes less than a millisecond. */
const CONNECTIONS_PER_TURN = 16

/** Answers by TCP: bounded connections, of which the most silent one makes room for a new one. */
export class TcpSide {
  readonly #options: TcpSideOptions
  readonly #context: ConnectionContext
  /** When each last made progress; the most silent one first. */
  readonly #lastMs = new Map<TcpConnection, number>()
  readonly #perClient = new Map<string, number>()
  readonly #transferring = new Set<TcpConnection>()
  /** The records of each version, made when somebody first asks for it. */
  readonly #tails = new WeakMap<ZoneImage, readonly Tail[]>()
  #sweep: Timer | undefined
  /** Connections that go on when the others have had their turn. */
  #waiting: (() => void)[] = []

  constructor(options: TcpSideOptions) {
    this.#options = options
    const { responder, counts, questionBytes, unsentBytes, questionsPerTurn } = options
    this.#context = {
      responder,
      questionBytes,
      unsentBytes,
      questionsPerTurn,
      later: (work) => this.#later(work),
      onAnswer: (rcode) => {
        counts.tcpQuestions += 1
        counts.answers[rcode]! += 1
      },
      onProgress: (connection) => this.#touch(connection),
      beginTransfer: (connection, image) => this.#beginTransfer(connection, image),
      onTransferred: (connection, image) => {
        this.#transferring.delete(connection)
        counts.transfers += 1
        options.onTransferred(image.zone, image.serial, connection.address)
      },
      onRefused: (connection, because) => options.onRefused(responder.zone?.name ?? '', connection.address, because),
    }
  }

  get connections(): number {
    return this.#lastMs.size
  }

  attach(server: Server): void {
    server.on('connection', (socket: Socket) => this.#accept(socket))
    server.on('error', (error) => this.#options.logger.error({ error: errorText(error) }, 'a listening socket of the dns server failed'))
  }

  /** Closes every connection. */
  stop(): void {
    this.#sweep?.cancel()
    this.#sweep = undefined
    for (const connection of this.#lastMs.keys()) this.#drop(connection)
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress
    const open = this.#perClient.get(address ?? '') ?? 0
    if (address === undefined || open >= this.#options.connectionsPerClient) return void socket.destroy()
    const [mostSilent] = this.#lastMs.keys()
    if (this.#lastMs.size >= this.#options.connections && mostSilent) this.#drop(mostSilent)
    const connection = new TcpConnection(socket, this.#context)
    this.#perClient.set(address, open + 1)
    this.#lastMs.set(connection, this.#options.clock.monotonicMs())
    socket.once('close', () => this.#forget(connection))
    this.#sweep ??= this.#options.clock.schedule(this.#options.idleMs, () => this.#closeSilent(), { unref: true })
  }

  #drop(connection: TcpConnection): void {
    this.#forget(connection)
    connection.close()
  }

  #forget(connection: TcpConnection): void {
    if (!this.#lastMs.delete(connection)) return
    this.#transferring.delete(connection)
    const { address } = connection
    const left = (this.#perClient.get(address) ?? 1) - 1
    if (left > 0) this.#perClient.set(address, left)
    else this.#perClient.delete(address)
  }

  #touch(connection: TcpConnection): void {
    // Deleted and set again, it is the last one.
    if (this.#lastMs.delete(connection)) this.#lastMs.set(connection, this.#options.clock.monotonicMs())
  }

  /** One timer for all: when the most silent one falls due, or later. */
  #closeSilent(): void {
    const { clock, idleMs } = this.#options
    const nowMs = clock.monotonicMs()
    this.#sweep = undefined
    for (const [connection, lastMs] of this.#lastMs) {
      const leftMs = lastMs + idleMs - nowMs
      if (leftMs > 0) {
        this.#sweep = clock.schedule(leftMs, () => this.#closeSilent(), { unref: true })
        return
      }
      this.#drop(connection)
    }
  }

  /** A few at a time, and then the sockets: questions by UDP are among them. */
  #later(work: () => void): void {
    if (this.#waiting.push(work) === 1) setImmediate(() => this.#turn())
  }

  #turn(): void {
    const now = this.#waiting.splice(0, CONNECTIONS_PER_TURN)
    if (this.#waiting.length > 0) setImmediate(() => this.#turn())
    for (const work of now) work()
  }

  #beginTransfer(connection: TcpConnection, image: ZoneImage): readonly Tail[] | undefined {
    if (this.#transferring.size >= this.#options.transfers && !this.#transferring.has(connection)) return undefined
    const tails = this.#tails.get(image) ?? transferTails(image)
    this.#tails.set(image, tails)
    this.#transferring.add(connection)
    return tails
  }
}
