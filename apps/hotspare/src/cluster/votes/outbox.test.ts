import { HotspareError, silentLogger } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { MOST_VOTES, type OwnVote, type VotesBody, votesMethod } from './message.ts'
import { VotesOutbox } from './outbox.ts'

/** An outbox whose peer answers when the test says so. */
function makeOutbox(logger = silentLogger) {
  const clock = new TestClock()
  const asked: { readonly body: VotesBody; readonly signal: AbortSignal | undefined; readonly settle: (error?: Error) => void }[] = []
  const outbox = new VotesOutbox({
    peer: 'web-2',
    clock,
    logger,
    peers: {
      request(peer, method, body, { signal, timeoutMs }) {
        expect([peer, method, timeoutMs]).toEqual(['web-2', votesMethod, 1_000])
        return new Promise((resolve, reject) => {
          asked.push({ body: body as VotesBody, signal, settle: (error) => (error ? reject(error) : resolve({ believed: true })) })
        })
      },
    },
  })
  const settle = async (error?: Error) => {
    asked.at(-1)?.settle(error)
    await clock.advance(0)
  }
  return { clock, outbox, asked, settle }
}

const unreachable = new HotspareError({
  code: 'HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE',
  message: 'web-2 is not connected',
  retryable: true,
})
const many = (count: number, state: OwnVote['state'] = 'up') =>
  Array.from({ length: count }, (_, index): OwnVote => ({ key: `k${index}`, state }))

describe('votes for a peer', () => {
  it('that cannot be reached are lost, and the next ones are tried again', async () => {
    const logger = recordingLogger()
    const { outbox, asked, settle } = makeOutbox(logger)
    outbox.tell(many(1))
    await settle(unreachable)
    outbox.tell(many(1, 'down'))
    await settle(unreachable)
    outbox.tell(many(1, 'up'))
    await settle()
    expect(asked.map(({ body }) => body.votes[0]?.[1])).toEqual(['up', 'down', 'up'])
    expect(logger.records.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'debug: votes do not reach the peer',
      'debug: votes reach the peer again',
    ])
  })

  it('go out one message at a time, and what waits meanwhile is the newest there is, with its age', async () => {
    const { clock, outbox, asked, settle } = makeOutbox()
    outbox.tell([{ key: 'a', state: 'up' }])
    outbox.tell([{ key: 'a', state: 'down' }])
    await clock.advance(300)
    outbox.tell([{ key: 'a', state: 'degraded' }])
    outbox.tell([{ key: 'b', state: 'up' }])
    await clock.advance(200)
    expect(asked).toHaveLength(1)
    await settle()
    expect(asked.map(({ body }) => body.votes)).toEqual([
      [['a', 'up', 0]],
      [
        ['a', 'degraded', 200],
        ['b', 'up', 200],
      ],
    ])
  })

  it('are spread over messages that are never too large', async () => {
    const { outbox, asked, settle } = makeOutbox()
    outbox.tell(many(2 * MOST_VOTES + 1))
    for (let message = 0; message < 3; message++) await settle()
    expect(asked.map(({ body }) => body.votes.length)).toEqual([MOST_VOTES, MOST_VOTES, 1])
    expect(new Set(asked.flatMap(({ body }) => body.votes.map(([key]) => key))).size).toBe(2 * MOST_VOTES + 1)
  })

  it('take no memory without end while the peer does not answer', async () => {
    const { outbox, asked, settle } = makeOutbox()
    outbox.tell(many(1))
    outbox.tell(many(20_000))
    for (let message = 0; message < 30; message++) await settle()
    expect(asked.slice(1).reduce((sum, { body }) => sum + body.votes.length, 0)).toBe(10_000)
  })

  it('end with it: what is under way is cancelled, and nothing follows', async () => {
    const { outbox, asked, settle } = makeOutbox()
    outbox.tell(many(1))
    outbox.tell(many(2))
    outbox.stop()
    expect(asked[0]?.signal?.aborted).toBe(true)
    await settle(new Error('aborted'))
    outbox.tell(many(3))
    expect(asked).toHaveLength(1)
  })
})
