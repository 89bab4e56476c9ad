import { describe, expect, it } from 'vitest'
import type { Libc } from './libc.ts'
import { encodeMessage, joined, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, words } from './message.ts'
import { NetlinkSocket } from './netlink-socket.ts'

const EAGAIN = 11

/** A kernel that answers the n-th question with the n-th list of messages; each is one read. */
function kernel(...answers: readonly (readonly { readonly type: number; readonly flags?: number; readonly body?: Uint8Array }[])[]) {
  const reads: Uint8Array[] = []
  let questions = 0
  const libc: Libc = {
    socket: () => 3,
    bind: () => 0,
    attachFilter: () => 0,
    send(_descriptor, bytes) {
      const sequence = new DataView(bytes.buffer).getUint32(8, true)
      for (const { type, flags = 0, body = new Uint8Array() } of answers[questions++] ?? []) {
        reads.push(encodeMessage({ type, flags, sequence, body }))
      }
      return bytes.length
    },
    receive(_descriptor, into) {
      const next = reads.shift()
      if (!next) return -1
      into.set(next)
      return next.length
    },
    close: () => 0,
    errno: () => EAGAIN,
  }
  return { socket: new NetlinkSocket(libc, 0), questions: () => questions }
}

const question = { type: 18, flags: 0x301, body: new Uint8Array(16) }
const done = { type: NLMSG_DONE, body: words(0) }

describe('a netlink socket', () => {
  it('says so when the kernel does not answer', () => {
    expect(() => kernel([]).socket.ask(question)).toThrow('vip: read the answer of the kernel: EAGAIN')
  })

  it('reads a list to its end, and hands back why it was refused', () => {
    expect(kernel([{ type: 16 }, { type: 16 }, done]).socket.ask(question)).toMatchObject({
      errno: 0,
      answers: [{ type: 16 }, { type: 16 }],
    })
    expect(kernel([{ type: NLMSG_ERROR, body: words(-1 >>> 0) }]).socket.ask(question)).toEqual({ errno: 1, answers: [] })
  })

  // An error that ended a list was taken for its end: an address that was not listed would have counted as absent.
  it('hands back why a list ended early', () => {
    expect(kernel([{ type: 16 }, { type: NLMSG_DONE, body: words(-12 >>> 0) }]).socket.ask(question).errno).toBe(12)
  })

  // Something may be missing in such a list.
  it('reads a list again that has changed while it was read, a few times', () => {
    const changed = { type: 16, flags: NLM_F_DUMP_INTR }
    const twice = kernel([changed, done], [{ type: 16 }, done])
    expect(twice.socket.ask(question).answers).toMatchObject([{ type: 16, flags: 0 }])
    expect(twice.questions()).toBe(2)
    const atTheEnd = kernel([{ type: 16 }, { ...done, flags: NLM_F_DUMP_INTR }], [done])
    expect(atTheEnd.socket.ask(question).answers).toEqual([])
    const always = kernel(...Array.from({ length: 9 }, () => [changed, done]))
    expect(() => always.socket.ask(question)).toThrow('the answer changes while it is read')
    expect(always.questions()).toBeLessThan(9)
  })

  it('is given several answers in one read', () => {
    const { socket } = kernel([{ type: 16, body: joined([words(1), words(2)]) }, done])
    expect(socket.ask(question).answers[0]?.body).toHaveLength(8)
  })
})
