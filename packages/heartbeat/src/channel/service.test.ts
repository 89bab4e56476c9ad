import { HotspareError } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { PeerHandler } from './options.ts'
import { type Asker, PeerService } from './service.ts'
import type { ErrorFrame, RequestFrame, ResponseFrame } from './frame.ts'

function service(handlers: Record<string, PeerHandler>, more: { maxRequests?: number; maxRequestMs?: number } = {}) {
  const clock = new TestClock()
  const logger = recordingLogger()
  const options = { peer: 'b', maxRequests: 2, maxRequestMs: 10_000, handlers: new Map(Object.entries(handlers)), clock, logger, ...more }
  return { service: new PeerService(options), clock, logger }
}

function asker(): Asker & { readonly answers: (ResponseFrame | ErrorFrame)[] } {
  const answers: (ResponseFrame | ErrorFrame)[] = []
  return { session: 's', protocol: 1, answers, answer: async (frame) => answers.push(frame) > 0 }
}

const request = (id: number, method: string, remainingMs = 1_000): RequestFrame => ({ type: 'request', id, method, remainingMs, body: id })
const forever: PeerHandler = () => new Promise(() => {})

describe('what a peer asks', () => {
  it('is refused when there is no such method, one of the prototype included', async () => {
    const { service: asked } = service({})
    const who = asker()
    await asked.serve(who, request(1, 'constructor'))
    await asked.serve(who, request(2, 'no\nline'))
    expect(who.answers).toEqual([
      { type: 'error', id: 1, reason: 'unknown-method', message: 'it knows no method constructor', retryable: false },
      { type: 'error', id: 2, reason: 'unknown-method', message: 'it knows no method no line', retryable: false },
    ])
  })

  it('is turned away beyond the limit, and handlers that ignore their signal count until they end, across connections', async () => {
    const ends: (() => void)[] = []
    const { service: asked, clock } = service({
      slow: () =>
        new Promise<void>((resolve) => {
          ends.push(resolve)
        }),
    })
    const [one, other] = [asker(), asker()]
    void asked.serve(one, request(1, 'slow'))
    void asked.serve(one, request(2, 'slow'))
    asked.abandon(one, 'lost')
    await clock.advance(5_000)
    expect(asked.taken).toBe(2)
    expect(await asked.serve(other, request(1, 'slow'))).toBe(false)
    expect(other.answers).toMatchObject([{ reason: 'busy', retryable: true }])
    for (const end of ends) end()
    await clock.advance(0)
    expect(asked.taken).toBe(0)
    expect(one.answers).toEqual([])
  })

  it('gets the message of what a handler throws, cut short and on one line, and no stack', async () => {
    const { service: asked, logger } = service({
      throws: async () => {
        throw new Error(`first\nsecond ${'x'.repeat(1_000)}`)
      },
    })
    const who = asker()
    await asked.serve(who, request(1, 'throws'))
    const [answer] = who.answers
    expect(answer).toMatchObject({ type: 'error', reason: 'failed', retryable: false })
    expect(JSON.stringify(answer)).not.toContain('channel/service')
    expect((answer as ErrorFrame).message).toMatch(/^first second x{380,}\.\.\.$/)
    expect((answer as ErrorFrame).message.length).toBeLessThanOrEqual(400)
    expect(logger.records).toMatchObject([{ level: 'warn', fields: { peer: 'b', method: 'throws' } }])
  })

  it('gets code and retryable of a HotspareError, also of one that is thrown before the first await', async () => {
    const { service: asked } = service({
      throws: () => {
        throw new HotspareError({ code: 'HOTSPARE_LEASE_REGISTER', message: 'etcd: no answer', retryable: true })
      },
    })
    const who = asker()
    await asked.serve(who, request(1, 'throws'))
    expect(who.answers).toMatchObject([{ code: 'HOTSPARE_LEASE_REGISTER', message: 'etcd: no answer', retryable: true }])
  })

  it('is aborted at its deadline, at ours if that is earlier, by its cancelling, and when nobody is left to answer to', async () => {
    const reasons: unknown[] = []
    const watched: PeerHandler = (_, { signal }) => {
      signal.addEventListener('abort', () => reasons.push((signal.reason as HotspareError).code))
      return forever(_, {} as never)
    }
    const { service: asked, clock } = service({ watched }, { maxRequests: 4, maxRequestMs: 3_000 })
    const [one, other] = [asker(), asker()]
    void asked.serve(one, request(1, 'watched', 1_000))
    void asked.serve(one, request(2, 'watched', 60_000))
    void asked.serve(one, request(3, 'watched', 60_000))
    void asked.serve(other, request(3, 'watched', 60_000))
    await clock.advance(999)
    expect(reasons).toEqual([])
    await clock.advance(1)
    asked.cancel(one, 3)
    asked.cancel(one, 77)
    asked.abandon(other, 'the connection was lost')
    await clock.advance(2_000)
    expect(reasons).toEqual([
      'HOTSPARE_CORE_TIMEOUT',
      'HOTSPARE_HEARTBEAT_CHANNEL_CANCELLED',
      'HOTSPARE_HEARTBEAT_CHANNEL_ORPHANED',
      'HOTSPARE_CORE_TIMEOUT',
    ])
    expect(clock.pendingTimers).toBe(0)
    expect(one.answers.map(({ id }) => id)).toEqual([1, 2])
  })

  it('is told when the answer cannot be sent', async () => {
    const { service: asked } = service({ echo: async (body) => body })
    const answers: (ResponseFrame | ErrorFrame)[] = []
    const who: Asker = { session: 's', protocol: 1, answer: async (frame) => frame.type === 'error' && answers.push(frame) > 0 }
    expect(await asked.serve(who, request(1, 'echo'))).toBe(true)
    expect(answers).toMatchObject([{ reason: 'body', retryable: false }])
  })

  // What broke: answers had left their place when they were handed over, so a slow reader had any number of them waiting.
  it('keeps its place until the answer has left', async () => {
    const { service: asked, clock } = service({ echo: async (body) => body })
    const leave: (() => void)[] = []
    const refusals: (ResponseFrame | ErrorFrame)[] = []
    const slow: Asker = {
      session: 's',
      protocol: 1,
      answer: (frame) =>
        frame.type === 'error'
          ? Promise.resolve(refusals.push(frame) > 0)
          : new Promise((resolve) => {
              leave.push(() => resolve(true))
            }),
    }
    void asked.serve(slow, request(1, 'echo'))
    void asked.serve(slow, request(2, 'echo'))
    await clock.advance(0)
    expect(asked.taken).toBe(2)
    expect(await asked.serve(slow, request(3, 'echo'))).toBe(false)
    expect(refusals).toMatchObject([{ id: 3, reason: 'busy' }])
    for (const each of leave) each()
    await clock.advance(0)
    expect(asked.taken).toBe(0)
  })

  // What broke: reading such an error threw, the rejection ended the process, and the asker waited for its deadline.
  it.each<readonly [string, () => unknown]>([
    ['an error whose message throws', () => Object.defineProperty(new Error('x'), 'message', { get: () => raise() })],
    ['an error whose message is no text', () => Object.assign(new Error('x'), { message: { length: 3 } })],
    ['an object that throws at every touch', () => new Proxy({}, { has: raise, get: raise, getPrototypeOf: raise })],
    ['what only looks like a HotspareError', () => ({ [Symbol.for('hotspare.error')]: true, code: 7, retryable: 'yes' })],
  ])('is answered at once whatever a handler throws: %s', async (_, thrown) => {
    const { service: asked } = service({
      throws: async () => {
        throw thrown()
      },
    })
    const who = asker()
    expect(await asked.serve(who, request(1, 'throws'))).toBe(true)
    expect(who.answers).toEqual([
      { type: 'error', id: 1, reason: 'failed', message: expect.any(String), retryable: false, code: undefined },
    ])
  })
})

function raise(): never {
  throw new Error('touched')
}
