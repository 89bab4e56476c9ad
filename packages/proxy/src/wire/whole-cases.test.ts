import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProxy, type Proxy, type ProxyEvent } from '../index.ts'
import { findProgram } from './oracles.fixture.ts'
import { requestCases } from './request-cases.fixture.ts'
import { type WholeCase, wholeCases } from './whole-cases.fixture.ts'
import { type Front, haproxyFront, nginxFront } from './whole-fronts.fixture.ts'
import { next, type RecordingOrigin, recordingOrigin, say } from './whole-run.fixture.ts'
import { otherVerdicts, otherVersions } from './whole-verdicts.fixture.ts'

let origin: RecordingOrigin
let proxy: Proxy
let port = 0
const events: ProxyEvent[] = []

beforeAll(async () => {
  origin = await recordingOrigin()
  proxy = createProxy({ port: 0, lameDuckMs: 0, pick: () => ({ target: origin, reason: 'the only one', done: () => {} }) })
  proxy.subscribe((event) => events.push(event))
  await proxy.start()
  port = proxy.address?.port ?? 0
})

afterAll(async () => {
  await proxy.stop()
  await origin.close()
})

interface Outcome {
  readonly answers: string
  readonly arrives: readonly string[]
  /** What the next client hears, on a connection of its own: not the answer to somebody else's request. */
  readonly next: string
}

async function outcome(
  front: number,
  { bytes, alone, answers: expected }: Pick<WholeCase, 'bytes' | 'alone' | 'answers'>,
): Promise<Outcome> {
  origin.take()
  const answers = await say(front, bytes, { alone: alone === true, waits: expected.endsWith('waits') })
  const heard = await next(front)
  return { answers, next: heard, arrives: origin.take().filter((line) => line !== 'GET /end' && line !== 'GET /next') }
}

describe('what a client says, an origin hears', () => {
  it.each(wholeCases)('$name: $answers', async (one) => {
    events.length = 0
    expect(await outcome(port, one)).toEqual({ answers: one.answers, arrives: one.arrives, next: '<GET /next>' })
    expect(proxy.active).toBe(0)
    // Each request is in the record, with the status that its client saw.
    const finished = events.filter((event) => event.type === 'request-finished')
    const seen = finished.filter(({ outcome: how }) => how !== 'client-gone').map(({ status }) => status)
    expect(seen.join(' ')).toBe(`${one.answers.replace(/ ?waits/, '')} 200`.trim())
  })

  it('names each case once', () => {
    expect(new Set(wholeCases.map(({ name }) => name)).size).toBe(wholeCases.length)
    expect(wholeCases.length).toBeGreaterThan(80)
  })
})

/** Sound, but not for any target. */
const NOT_PASSED: Readonly<Record<string, string>> = { 'the asterisk with OPTIONS': '400 200', CONNECT: '405' }
const LAST: ReadonlySet<string> = new Set([
  'the last request of a connection, and more',
  'no Host in HTTP/1.0',
  'a POST with a body in HTTP/1.0',
])

describe('each case of the table of the parser, through the whole proxy', () => {
  // The origin is Node's server, which knows a list of methods.
  const whole = requestCases.filter(({ verdict, name }) => verdict !== 'incomplete' && name !== 'a method that nobody knows')

  it.each(whole)('$name: $verdict', async ({ name, bytes, verdict }) => {
    const { answers, arrives, next: heard } = await outcome(port, { bytes, answers: '' })
    const passed = verdict === 'ok 2' ? 2 : verdict === 'ok' && !NOT_PASSED[name] ? 1 : 0
    const last = LAST.has(name) || name.startsWith('a WebSocket')
    const passedAnswers = Array.from({ length: last ? passed : passed + 1 }, () => '200').join(' ')
    expect({ answers, heard, arrived: arrives.length }).toEqual({
      answers: NOT_PASSED[name] ?? /^\d{3}/.exec(verdict)?.[0] ?? passedAnswers,
      heard: '<GET /next>',
      arrived: passed,
    })
  })
})

describe.each([
  ['nginx', nginxFront],
  ['haproxy', haproxyFront],
] as const)('the same bytes to %s', (name, start) => {
  it('are judged as recorded, and we let nothing through that it refuses', async (context) => {
    const program = findProgram(name)
    if (!program) return context.skip(`not installed: ${name}`)
    const front: Front = await start(program, origin.port)
    try {
      const found: Record<string, string> = {}
      for (const one of wholeCases) {
        const recorded = otherVerdicts[name][one.name] ?? one.answers
        const { answers, arrives, next: heard } = await outcome(front.port, { ...one, answers: recorded })
        expect({ name: one.name, heard }).toEqual({ name: one.name, heard: '<GET /next>' })
        // Who refuses and closes with something unread resets, and that may overtake what was said before.
        if (answers === '' && /^[45]/.test(recorded) && one.bytes.length > 50_000) found[one.name] = recorded
        else if (answers !== one.answers || arrives.join() !== one.arrives.join()) {
          found[one.name] = arrives.length === 0 ? answers : `${answers} > ${arrives.join(', ')}`.trim()
        }
      }
      // It was there, and told good from bad.
      expect(Object.keys(found).length).toBeLessThan(wholeCases.length / 2)
      const stricter = wholeCases.filter((one) => one.answers.startsWith('200') && !(found[one.name] ?? one.answers).startsWith('200'))
      expect(stricter.map((one) => one.name)).toEqual(name === 'nginx' ? ['a path out of the root'] : [])
      expect(found).toEqual(front.version === otherVersions[name] ? otherVerdicts[name] : found)
    } finally {
      await front.close()
    }
  }, 60_000)
})
