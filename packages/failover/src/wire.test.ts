import { HotspareError } from '@hotspare/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { report } from './facts.fixture.ts'
import {
  MOST_IDENTITIES,
  readCommandRequest,
  readCommandResult,
  readPerformAnswer,
  readPerformRequest,
  readReport,
  wireText,
} from './wire.ts'

const request = { service: 'shop', run: 'a-1', action: { type: 'prepare' }, allowedMs: 1_000, untilNextMs: 0, last: false }
const readers = { readReport, readPerformRequest, readCommandRequest, readCommandResult, readPerformAnswer }

const isOurs = (thrown: unknown): thrown is HotspareError => HotspareError.is(thrown) && thrown.code === 'HOTSPARE_FAILOVER_MESSAGE'

function thrownBy(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error ?? new Error('nothing was thrown')
  }
}

describe('what peers say', () => {
  it.each<[string, () => unknown]>([
    [
      'a report of a role that nobody has',
      () => readReport({ ...report(), services: { shop: { ...report().services['shop'], role: 'king' } } }),
    ],
    [
      'a report with too many identities',
      () => readReport(report({}, { identities: Array.from({ length: MOST_IDENTITIES + 1 }, () => 'x') })),
    ],
    ['a step that nobody knows', () => readPerformRequest({ ...request, action: { type: 'explode' } })],
    ['a resource without a name', () => readPerformRequest({ ...request, action: { type: 'acquire' } })],
    ['a step without a time', () => readPerformRequest({ ...request, allowedMs: 0 })],
    ['a step that takes for ever', () => readPerformRequest({ ...request, allowedMs: 1e9 })],
    ['a command that nobody knows', () => readCommandRequest({ service: 'shop', command: { type: 'panic' } })],
    ['an outcome that is neither', () => readPerformAnswer({ ok: 'maybe' })],
    ['nothing', () => readCommandResult(undefined)],
  ])('is refused: %s', (_, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'HOTSPARE_FAILOVER_MESSAGE' }))
  })

  it('may be more than we know', () => {
    const more = { ...report({ role: 'active', token: 7 }), colour: 'blue' }
    expect(readReport({ ...more, services: { shop: { ...more.services['shop'], mood: 'good' } } })).toEqual(
      report({ role: 'active', token: 7 }),
    )
    expect(readPerformRequest({ ...request, urgent: true })).toEqual(request)
    expect(readPerformAnswer({ ok: true, detail: 'done', tookMs: 5 })).toEqual({ ok: true, detail: 'done' })
  })

  it('is kept and shown in a few lines, however long it is', () => {
    const long = 'x'.repeat(100_000)
    expect(readReport(report({ unfit: long })).services['shop']?.unfit).toBe(`${'x'.repeat(497)}...`)
    expect(readPerformAnswer({ ok: false, because: long, retryable: true })).toMatchObject({ because: wireText(long) })
    expect(wireText('short')).toBe('short')
  })

  it('survives the way as JSON', () => {
    const said = report({ unfit: 'failed' }, { hold: { since: 1, because: 'x' }, maintenance: 'y' })
    expect(readReport(JSON.parse(JSON.stringify(said)))).toEqual(said)
  })

  it('never makes a reader throw anything but its own short error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), fc.constantFrom(...Object.values(readers)), (body, read) => {
        const thrown = thrownBy(() => read(body))
        expect(thrown === undefined || (isOurs(thrown) && thrown.message.length < 400)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('never makes a reader throw anything else for what is nearly right', () => {
    const near = fc.record(
      { hold: fc.anything(), identities: fc.array(fc.string()), services: fc.dictionary(fc.string(), fc.anything()) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(near, (body) => {
        const thrown = thrownBy(() => readReport(body))
        expect(thrown === undefined || isOurs(thrown)).toBe(true)
      }),
    )
  })
})
