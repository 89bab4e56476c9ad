import type { Socket } from 'node:net'
import { OPT_BYTES, RCODE, TYPE } from './protocol.ts'
import type { Responder } from './responder.ts'
import { isNewerSerial } from '../serial.ts'
import type { Tail } from './tail-writer.ts'
import { mayHave } from './transfer.ts'
import type { ZoneImage } from './zone-image.ts'

const LENGTH_BYTES = 2
const LONGEST_MESSAGE = 65_535

/** What a connection needs of the server. */
export interface ConnectionContext {
  readonly responder: Responder
  readonly questionBytes: number
  readonly unsentBytes: number
  /** Of one connection without a pause, before others have their turn. */
  readonly questionsPerTurn: number
  /** Does it when all others have had their turn. */
  readonly later: (work: () => void) => void
  readonly onAnswer: (rcode: number) => void
  /** A whole question came, or answers were taken: the connection is alive. */
  readonly onProgress: (connection: TcpConnection) => void
  /** @returns the records of the zone; undefined where too many others have it now */
  readonly beginTransfer: (connection: TcpConnection, image: ZoneImage) => readonly Tail[] | undefined
  readonly onTransferred: (connection: TcpConnection, image: ZoneImage) => void
  readonly onRefused: (connection: TcpConnection, because: string) => void
}

/** Where answers by TCP are written before they are copied; one for all connections, since nothing waits between the two. */
const scratch = Buffer.allocUnsafeSlow(LENGTH_BYTES + LONGEST_MESSAGE)
const scratchMessage = scratch.subarray(LENGTH_BYTES)

/** Questions of one client by TCP, as many as it likes, one after the other (RFC 7766). */
export class TcpConnection {
  readonly address: string
  readonly #socket: Socket
  readonly #context: ConnectionContext
  /** What has come of a question that is not whole yet. */
  #rest: Buffer | undefined
  #isPaused = false
  #isWaiting = false
  #isTransferring = false

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket
    this.#context = context
    this.address = socket.remoteAddress ?? ''
    socket.on('data', (bytes: Buffer) => this.#hear(bytes))
    socket.on('drain', () => this.#drained())
    socket.on('error', () => socket.destroy())
  }

  close(): void {
    this.#socket.destroy()
  }

  #hear(bytes: Buffer): void {
    const all = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes])
    this.#rest = undefined
    this.#take(all)
  }

  #take(all: Buffer): void {
    const { questionBytes, unsentBytes, questionsPerTurn } = this.#context
    let at = 0
    let taken = 0
    this.#socket.cork()
    while (all.length - at >= LENGTH_BYTES) {
      const length = all.readUInt16BE(at)
      // Nobody asks so much: it is no DNS that comes.
      if (length > questionBytes) return this.close()
      if (all.length - at - LENGTH_BYTES < length) break
      // What a client does not take must not pile up here; and a transfer is not interrupted.
      if (this.#isTransferring || this.#socket.writableLength > unsentBytes) {
        this.#pause()
        break
      }
      // Whoever sends thousands in one piece does not make everybody else wait.
      if (taken >= questionsPerTurn) {
        this.#pause()
        this.#waitForTurn()
        break
      }
      taken += 1
      at += LENGTH_BYTES
      if (!this.#answer(all.subarray(at, at + length))) return this.close()
      at += length
      this.#context.onProgress(this)
    }
    this.#socket.uncork()
    const rest = all.subarray(at)
    // A little of what has come does not keep all of it; what has its turn soon is not copied each time.
    if (rest.length > 0) this.#rest = at === 0 || this.#isWaiting ? rest : Buffer.from(rest)
  }

  #pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  #waitForTurn(): void {
    this.#isWaiting = true
    this.#context.later(() => {
      this.#isWaiting = false
      this.#goOn()
    })
  }

  #drained(): void {
    this.#context.onProgress(this)
    if (!this.#isWaiting) this.#goOn()
  }

  #goOn(): void {
    if (!this.#isPaused || this.#isTransferring || this.#socket.destroyed) return
    this.#isPaused = false
    const rest = this.#rest
    this.#rest = undefined
    if (rest) this.#take(rest)
    if (!this.#isPaused) this.#socket.resume()
  }

  /** @returns false where it was no question, and the connection is not worth keeping */
  #answer(question: Buffer): boolean {
    const { responder } = this.#context
    const finding = responder.look(question, question.length)
    if (finding === 'nothing') return false
    if (finding === 'transfer' && this.#transfer(question)) return true
    const length = responder.write(scratchMessage, LONGEST_MESSAGE)
    scratch.writeUInt16BE(length, 0)
    this.#context.onAnswer(responder.rcode)
    this.#socket.write(Buffer.from(scratch.subarray(0, LENGTH_BYTES + length)))
    return true
  }

  /** @returns whether it was answered with the zone; else the responder has what to say */
  #transfer(question: Buffer): boolean {
    const { responder, beginTransfer, onTransferred, onRefused, onAnswer } = this.#context
    if (!mayHave(responder, this.address)) {
      responder.refuse(RCODE.REFUSED)
      onRefused(this, 'it is not among those who may have it, or asked for a name within it')
      return false
    }
    const { image } = responder.zone ?? {}
    if (!image) return false
    const { type, heldSerial, end } = responder.question
    // It has this version already, or a newer one from elsewhere. RFC 1995, 2.
    if (type === TYPE.IXFR && heldSerial !== undefined && !isNewerSerial(image.serial, heldSerial)) {
      responder.answerSoa()
      return false
    }
    const tails = beginTransfer(this, image)
    if (!tails) {
      responder.refuse(RCODE.REFUSED)
      onRefused(this, 'too many transfers are under way')
      return false
    }
    onAnswer(RCODE.NOERROR)
    this.#isTransferring = true
    const opt = Buffer.alloc(responder.question.edns ? OPT_BYTES : 0)
    if (opt.length > 0) responder.writeOpt(opt, 0)
    this.#send({ question: Buffer.from(question.subarray(0, end)), opt }, tails, 0, () => {
      this.#isTransferring = false
      onTransferred(this, image)
      this.#drained()
    })
    return true
  }

  /** One message after the other, so that each shows whether the client takes them. */
  #send(frame: TransferFrame, tails: readonly Tail[], index: number, done: () => void): void {
    const tail = tails[index]
    if (tail === undefined) return done()
    this.#socket.write(transferMessage(frame, tail), (error) => {
      if (error) return
      this.#context.onProgress(this)
      this.#send(frame, tails, index + 1, done)
    })
  }
}

/** What is before and behind the records of each message of a transfer. */
interface TransferFrame {
  /** Header and question as they came. */
  readonly question: Buffer
  /** Empty for those who do not speak EDNS. */
  readonly opt: Buffer
}

/** One message of a transfer: AA, and RD as it came. The question is in each, since names are shortened by pointers to it. */
function transferMessage({ question, opt }: TransferFrame, tail: Tail): Buffer {
  const length = question.length + tail.bytes.length + opt.length
  const message = Buffer.allocUnsafe(LENGTH_BYTES + length)
  message.writeUInt16BE(length, 0)
  question.copy(message, LENGTH_BYTES)
  message.set(tail.bytes, LENGTH_BYTES + question.length)
  opt.copy(message, LENGTH_BYTES + question.length + tail.bytes.length)
  message.writeUInt16BE(0x8400 | (question.readUInt16BE(2) & 0x0100), LENGTH_BYTES + 2)
  message.writeUInt16BE(tail.count, LENGTH_BYTES + 6)
  message.writeUInt16BE(0, LENGTH_BYTES + 8)
  message.writeUInt16BE(opt.length > 0 ? 1 : 0, LENGTH_BYTES + 10)
  return message
}
