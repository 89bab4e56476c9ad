import { HotspareError } from '@hotspare/core'
import { type Libc, systemError } from './libc.ts'
import { decodeMessages, encodeMessage, errnoOf, joined, type NetlinkMessage, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from './message.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2_000_000
/** What the kernel fills at once when it lists something. */
const RECEIVE_BYTES = 65_536
/** Messages of one answer: some ten thousand addresses fit into far fewer reads. */
const MAX_READS = 4_096
/** A list that changed while it was read is read again, as iproute2 does. */
const MAX_ATTEMPTS = 4

interface NetlinkAnswer {
  /** 0 is done. */
  readonly errno: number
  readonly answers: readonly NetlinkMessage[]
}

/**
 * A netlink socket that is spoken to synchronously: the kernel does the work inside `send`, and the answer is there when it
 * returns. That is microseconds, unless somebody else holds the kernel's own lock.
 */
export class NetlinkSocket {
  readonly #libc: Libc
  readonly #descriptor: number
  readonly #buffer = new Uint8Array(RECEIVE_BYTES)
  #sequence = 1

  constructor(libc: Libc, protocol: number) {
    this.#libc = libc
    this.#descriptor = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
    if (this.#descriptor < 0) throw systemError('open a netlink socket', libc.errno())
  }

  /**
   * Sends one message with a request for an answer, and reads it.
   *
   * @returns the errno of an acknowledgement (0 is done), and what came before it
   */
  ask(message: Omit<NetlinkMessage, 'sequence'>): NetlinkAnswer {
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const { interrupted, ...answer } = this.#askOnce(message)
      if (!interrupted) return answer
    }
    throw new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: 'vip: netlink: the answer changes while it is read', retryable: true })
  }

  /**
   * Sends a transaction whose edits each ask for an acknowledgement.
   *
   * @param build makes the messages, given the first sequence number
   * @returns the first errno that is not 0, or 0
   */
  transact(build: (firstSequence: number) => readonly NetlinkMessage[]): number {
    const first = this.#sequence
    const messages = build(first)
    this.#sequence += messages.length
    this.#send(joined(messages.map(encodeMessage)))
    let acknowledged = 0
    // The messages that begin and end a batch are not acknowledged.
    const expected = messages.length - 2
    while (acknowledged < expected) {
      for (const answer of this.#receive()) {
        if (answer.type !== NLMSG_ERROR || answer.sequence < first) continue
        const errno = errnoOf(answer.body) ?? 0
        if (errno !== 0) {
          this.#drain()
          return errno
        }
        acknowledged++
      }
    }
    return 0
  }

  close(): void {
    this.#libc.close(this.#descriptor)
  }

  #askOnce(message: Omit<NetlinkMessage, 'sequence'>): NetlinkAnswer & { readonly interrupted: boolean } {
    const sequence = this.#sequence++
    this.#send(encodeMessage({ ...message, sequence }))
    const answers: NetlinkMessage[] = []
    let interrupted = false
    for (let reads = 0; reads < MAX_READS; reads++) {
      for (const answer of this.#receive()) {
        // An answer to an earlier question that failed half-way.
        if (answer.sequence !== sequence) continue
        const isLast = answer.type === NLMSG_ERROR || answer.type === NLMSG_DONE
        interrupted ||= answer.type !== NLMSG_ERROR && (answer.flags & NLM_F_DUMP_INTR) !== 0
        // The end of a list says whether that is its end.
        if (isLast) return { errno: errnoOf(answer.body) ?? 0, answers, interrupted }
        answers.push(answer)
      }
    }
    throw new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: 'vip: netlink: the answer does not end', retryable: true })
  }

  #send(bytes: Uint8Array): void {
    if (this.#libc.send(this.#descriptor, bytes) < 0) throw systemError('send to the kernel', this.#libc.errno())
  }

  #receive(): readonly NetlinkMessage[] {
    const length = this.#libc.receive(this.#descriptor, this.#buffer)
    if (length <= 0) throw systemError('read the answer of the kernel', this.#libc.errno())
    return decodeMessages(this.#buffer.subarray(0, length))
  }

  /** The other answers to a transaction that failed. */
  #drain(): void {
    for (let reads = 0; reads < MAX_READS; reads++) {
      if (this.#libc.receive(this.#descriptor, this.#buffer) <= 0) return
    }
  }
}
