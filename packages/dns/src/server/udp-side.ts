import type { RemoteInfo, Socket } from 'node:dgram'
import { type Clock, errorText, type Logger } from '@hotspare/core'
import type { Counts } from './counts.ts'
import { PLAIN_UDP_BYTES, RCODE, TC, TYPE } from './protocol.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Responder } from './responder.ts'
import { mayHave } from './transfer.ts'

export interface UdpSideOptions {
  readonly responder: Responder
  readonly rateLimit: RateLimit | undefined
  readonly counts: Counts
  readonly clock: Clock
  readonly logger: Logger
  readonly payloadBytes: number
  readonly amplification: number
  readonly queueBytes: number
  /** What is no question: answers to messages of our own come here too. */
  readonly onOther: (bytes: Uint8Array, from: RemoteInfo) => void
}

/** A buffer for one answer, with a view for each length: to send one, nothing has to be made. */
class Outbox {
  readonly bytes: Buffer
  readonly #views: (Buffer | undefined)[]

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.#views = Array.from({ length: size + 1 }, () => undefined)
  }

  upTo(length: number): Buffer {
    return (this.#views[length] ??= this.bytes.subarray(0, length))
  }
}

/** Answers questions by UDP: the hot path. For a question it allocates nothing of its own. */
export class UdpSide {
  readonly #options: UdpSideOptions
  #outbox: Outbox
  /** The kernel did not take an answer at once, and what waits has not been looked at since. */
  #isBehind = false

  constructor(options: UdpSideOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.payloadBytes)
  }

  /** @param sendsAtOnce false where it looks addresses up, and so sends only after `send` has returned */
  attach(socket: Socket, sendsAtOnce: boolean): void {
    const { logger } = this.#options
    socket.on('error', (error) => logger.debug({ error: errorText(error) }, 'a socket of the dns server reports an error'))
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => this.#hear(socket, bytes, from, sendsAtOnce))
  }

  #hear(socket: Socket, bytes: Buffer, from: RemoteInfo, sendsAtOnce: boolean): void {
    const { responder, counts } = this.#options
    if (this.#isBehind && this.#isFull(socket)) {
      counts.overrun += 1
      return
    }
    const finding = responder.look(bytes, bytes.length)
    if (finding === 'nothing') {
      counts.ignored += 1
      return this.#options.onOther(bytes, from)
    }
    counts.udpQuestions += 1
    // Nobody has port 0; whoever claims to has made it up.
    if (from.port === 0) return
    if (finding === 'transfer') this.#answerTransfer(from.address)
    const length = this.#write(bytes.length, from.address)
    if (length === 0) return
    const view = this.#outbox.upTo(length)
    counts.answers[responder.rcode]! += 1
    if ((view[2]! & TC) !== 0) counts.truncated += 1
    socket.send(sendsAtOnce ? view : Buffer.from(view), from.port, from.address)
    // What the kernel did not take at once is read from the buffer later: it is not ours to write any more.
    if (socket.getSendQueueSize() > 0) {
      this.#isBehind = true
      this.#outbox = new Outbox(this.#options.payloadBytes)
    }
  }

  #isFull(socket: Socket): boolean {
    const bytes = socket.getSendQueueSize()
    this.#isBehind = bytes > 0
    return bytes > this.#options.queueBytes
  }

  /** @returns how much is to be sent of what was written; 0: nothing */
  #write(asked: number, address: string): number {
    const { responder, rateLimit, counts, clock, payloadBytes, amplification } = this.#options
    const out = this.#outbox.bytes
    const admission = rateLimit === undefined ? 'send' : rateLimit.admit(address, responder.account, clock.monotonicMs())
    if (admission !== 'send') {
      counts.limited += 1
      return admission === 'slip' ? responder.writeTruncated(out) : 0
    }
    const { edns, payloadBytes: theirs } = responder.question
    const fits = edns ? Math.min(theirs, payloadBytes) : PLAIN_UDP_BYTES
    return responder.write(out, Math.min(fits, Math.floor(asked * amplification)))
  }

  /** A zone does not fit into a datagram: who may have it is told its serial, and asks by TCP. RFC 1995, 2; RFC 5936, 4.2. */
  #answerTransfer(address: string): void {
    const { responder } = this.#options
    if (responder.question.type === TYPE.IXFR && mayHave(responder, address)) responder.answerSoa()
    else responder.refuse(RCODE.REFUSED)
  }
}
