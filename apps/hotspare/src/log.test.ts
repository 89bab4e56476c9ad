import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Logger } from '@hotspare/core'
import { recordingLogger } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { LogConfig } from './config/config.ts'
import { Redactor } from './config/redactor.ts'
import { createLogger, followingLogger } from './log.ts'

interface Logged {
  readonly logger: Logger
  readonly redactor: Redactor
  /** What has been written so far. */
  readonly text: () => Promise<string>
}

function logOf(config: Partial<LogConfig> = {}, isTTY?: boolean): Logged {
  let text = ''
  const output = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk)
        done()
      },
    }),
    { isTTY },
  )
  const redactor = new Redactor()
  const logger = createLogger({ level: 'info', format: 'json', ...config, output, redactor, node: 'web-1' })
  const settled = async () => {
    for (let turns = 0; turns < 10; turns++) await turn()
    return text
  }
  return { logger, redactor, text: settled }
}

describe('the log in JSON', () => {
  it('is a line for each call, with the node, the time and the fields', async () => {
    const { logger, text } = logOf()
    logger.info({ targetId: 'shop/a', event: { type: 'target-down' } }, 'shop/a is down\nsince now')
    logger.warn({}, 'second')
    const lines = (await text()).split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      node: 'web-1',
      targetId: 'shop/a',
      event: { type: 'target-down' },
      msg: 'shop/a is down\nsince now',
    })
  })

  it('holds no secret: not in the message, not in a field, however deep, not in an error', async () => {
    const { logger, redactor, text } = logOf()
    redactor.add('hunter2"\n')
    redactor.add('open sesame')
    logger.error({ error: 'hunter2"\n was wrong', deep: [{ url: 'https://x/?key=open%20sesame' }] }, 'said open sesame')
    logger.error({ err: new Error('open sesame') }, 'an error object')
    const lines = (await text()).trim().split('\n')
    expect(lines.join('\n')).not.toMatch(/hunter2|sesame/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: '[redacted] was wrong',
      deep: [{ url: 'https://x/?key=[redacted]' }],
      msg: 'said [redacted]',
    })
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ err: { message: '[redacted]' } })
  })

  // Once the mask was put into the finished line, wherever the secret's characters turned up.
  it.each(['1700', 'level', '"info', 'web-', '":{"'])('stays JSON with a secret like %s', async (secret) => {
    const { logger, redactor, text } = logOf()
    redactor.add(secret)
    logger.info({ event: { at: 1_700_000_000_000, because: `told ${secret}` } }, 'info')
    const lines = (await text()).split('\n')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 30, event: { at: 1_700_000_000_000, because: 'told [redacted]' } })
  })
})

describe('the log for people', () => {
  it('is a line with the time, the level and the message', async () => {
    const { logger, text } = logOf({ format: 'pretty' })
    logger.info({ event: { type: 'target-down', sequence: 7 } }, 'shop/a is down')
    expect(await text()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: shop\/a is down\n$/)
  })

  it('holds no secret', async () => {
    const { logger, redactor, text } = logOf({ format: 'pretty' })
    redactor.add('hunter2"x')
    logger.error({ error: 'hunter2"x was wrong' }, 'said hunter2"x')
    expect(await text()).toMatch(/ERROR: said \[redacted\]\n.*error: "\[redacted\] was wrong"/)
  })

  it.each([
    ['auto', true, true],
    ['auto', false, false],
    ['auto', undefined, false],
    ['pretty', false, true],
    ['json', true, false],
  ] as const)('is written for format %s where the output is a terminal: %s -> %s', async (format, isTTY, readable) => {
    const { logger, text } = logOf({ format }, isTTY)
    logger.info({}, 'hello')
    expect((await text()).startsWith('{')).toBe(!readable)
  })

  it('has colours on a terminal alone', async () => {
    for (const isTTY of [true, false]) {
      const { logger, text } = logOf({ format: 'pretty' }, isTTY)
      logger.info({}, 'hello')
      expect((await text()).includes('\u001B[')).toBe(isTTY)
    }
  })
})

describe('the level', () => {
  const levels = ['debug', 'info', 'warn', 'error'] as const

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('%s lets %i of the four through, in either format', async (level, count) => {
    for (const format of ['json', 'pretty'] as const) {
      const { logger, text } = logOf({ level, format })
      for (const each of levels) logger[each]({}, `line of ${each}`)
      expect((await text()).match(/line of/g) ?? []).toHaveLength(count)
    }
  })
})

it('a log that follows writes into the next one from then on', () => {
  const [first, second] = [recordingLogger(), recordingLogger()]
  const { logger, follow } = followingLogger(first)
  logger.warn({}, 'one')
  follow(second)
  logger.error({}, 'two')
  expect([first, second].map(({ records }) => records.map(({ message }) => message))).toEqual([['one'], ['two']])
})
