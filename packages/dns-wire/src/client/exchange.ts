import { assertNever, type Clock } from '@hotspare/core'
import type { Message } from '../message.ts'
import type { TsigVerdict } from '../tsig/verify.ts'
import { askTcp } from './ask-tcp.ts'
import { askUdp } from './ask-udp.ts'
import type { Calls } from './calls.ts'
import { disbelief, judgeReply, type Reply } from './judge.ts'
import type { Run } from './way.ts'

/** A message that is to be sent. */
export interface Request {
  readonly bytes: Uint8Array
  /** What the signature of an answer is worth; undefined where none is demanded. */
  readonly verify?: ((answer: Uint8Array) => TsigVerdict) | undefined
}

export interface Answer {
  readonly message: Message
  readonly verdict: TsigVerdict | undefined
  readonly overTcp: boolean
}

export interface ExchangeOptions {
  readonly server: { readonly address: string; readonly port: number }
  readonly timeoutMs: number
  readonly attempts: number
  readonly clock: Clock
  readonly calls: Calls
}

/** Sends a message to a server, and takes the answer to it. */
export class Exchange {
  readonly #options: ExchangeOptions

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /**
   * On a connection of our own there is no answer for somebody else, and room for every answer.
   *
   * @throws DnsClientError `HOTSPARE_DNS_WIRE_ANSWER`; what Node reports
   */
  async overTcp(request: Request, run: Run): Promise<Answer> {
    const { server, calls } = this.#options
    const bytes = await askTcp(request.bytes, { server, run })
    const reply = judgeReply(request.bytes, bytes)
    switch (reply.kind) {
      case 'answer':
        return { message: reply.message, verdict: request.verify?.(bytes), overTcp: true }
      case 'stray':
        throw calls.error('ANSWER', 'an answer over TCP that does not fit the question')
      case 'truncated':
        throw calls.error('ANSWER', 'an answer that is truncated over TCP too')
      case 'malformed':
        throw calls.error('ANSWER', `an answer that cannot be read: ${reply.because}`)
      default:
        return assertNever(reply)
    }
  }

  /**
   * Over TCP too, where the answer is truncated, or lost in a flood of others.
   *
   * @throws DnsClientError `HOTSPARE_DNS_WIRE_ANSWER`; what Node reports
   */
  async overUdp(request: Request, run: Run): Promise<Answer> {
    const { server, timeoutMs, attempts, clock, calls } = this.#options
    let verdict: TsigVerdict | undefined
    const judge = (bytes: Uint8Array): Reply => {
      const reply = judgeReply(request.bytes, bytes)
      if (reply.kind !== 'answer') return reply
      verdict = request.verify?.(bytes)
      // RFC 8945, 5.3: what is not signed is left aside, for a good answer may still come.
      return verdict && disbelief(reply.message, verdict) ? { kind: 'stray' } : reply
    }
    const reply = await askUdp(request.bytes, judge, { server, run, attempts, resendMs: timeoutMs / attempts, clock })
    switch (reply.kind) {
      case 'answer':
        return { message: reply.message, verdict, overTcp: false }
      case 'truncated':
      case 'flooded':
        return this.overTcp(request, run)
      case 'malformed':
        throw calls.error('ANSWER', `an answer that cannot be read: ${reply.because}`)
      default:
        return assertNever(reply)
    }
  }
}
