import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentInput, OPTION_VALUE } from './agent/input.ts'
import { readMetadata, unknownOptions } from './agent/metadata.ts'
import { judgeOff } from './agent/verdict.ts'
import { blankSecrets } from './blank-secrets.ts'
import { mayPet, watchdogProblem } from './watchdog/timing.ts'

describe('what an agent reads', () => {
  it('is one line for each option, and no value makes another one', () => {
    const value = fc.string({ unit: 'binary' }).filter((text) => OPTION_VALUE.test(text))
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value), (options) => {
        const { action: _, ...rest } = options
        const lines = agentInput('status', rest).split('\n')
        expect(lines).toHaveLength(Object.keys(rest).length + 2)
        expect(lines.filter((line) => line.startsWith('action='))).toEqual(['action=status'])
      }),
    )
  })
})

describe('blankSecrets', () => {
  it('leaves no form of a secret, whatever stands around it', () => {
    const secret = fc.string({ minLength: 3, maxLength: 20 }).filter((text) => !/^\**$/.test(text))
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (hidden, before, after) => {
        for (const form of [hidden, encodeURIComponent(hidden), Buffer.from(hidden).toString('base64')]) {
          expect(blankSecrets(`${before} ${form} ${after}`, [hidden])).not.toContain(` ${form} `)
        }
      }),
    )
  })
})

describe('judgeOff', () => {
  const done = { ok: true, detail: 'done' } as const
  const failed = { ok: false, because: 'failed', retryable: true } as const
  it.each([
    [done, 'off', true],
    [done, 'on', false],
    [done, 'unknown', false],
    [failed, 'off', true],
    [failed, 'on', false],
    [failed, 'unknown', false],
  ] as const)('%j and then %s', (order, state, ok) => {
    expect(judgeOff({ order, power: { state, because: state } }, false).ok).toBe(ok)
  })

  it('takes a word for a proof only where nothing speaks against it', () => {
    expect(judgeOff({ order: done, power: { state: 'unknown', because: '' } }, true).ok).toBe(true)
    expect(judgeOff({ order: done, power: { state: 'on', because: '' } }, true).ok).toBe(false)
    expect(judgeOff({ order: failed, power: { state: 'unknown', because: '' } }, true).ok).toBe(false)
  })
})

describe('readMetadata', () => {
  it.each([
    '',
    'no XML',
    '<html/>',
    '<resource-agent/>',
    '<!DOCTYPE x [<!ENTITY a "aaaa">]><resource-agent name="&a;"><parameters><parameter/></parameters></resource-agent>',
  ])('takes %j for none', (xml) => {
    expect(readMetadata(xml)).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (xml) => {
        expect(() => readMetadata(`<resource-agent name="x">${xml}`)).not.toThrow()
      }),
    )
  })

  it('reads one parameter as well as many, and the old names of options', () => {
    const metadata = readMetadata(
      '<resource-agent name="x" shortdesc="X"><parameters><parameter name="plug" required="1"><shortdesc lang="en">Plug</shortdesc></parameter></parameters><actions><action name="off"/></actions></resource-agent>',
    )
    expect(metadata).toEqual({
      name: 'x',
      description: 'X',
      parameters: [{ name: 'plug', required: true, description: 'Plug' }],
      actions: ['off'],
    })
    expect(metadata && unknownOptions(metadata, ['port', 'plug', 'slug'])).toEqual(['slug'])
  })
})

describe('the times of a watchdog', () => {
  it('a pet never puts the reset off past the end of the right', () => {
    const ms = fc.nat(100_000)
    fc.assert(
      fc.property(ms, ms, ms, ms, (atMs, untilMs, timeoutMs, marginMs) => {
        const firesMs = mayPet(atMs, untilMs, { timeoutMs, marginMs }) ? atMs + timeoutMs + marginMs : -Infinity
        expect(firesMs).toBeLessThanOrEqual(untilMs)
      }),
    )
  })

  it('a lease that is too short for it is told with the sum', () => {
    const times = { timeoutMs: 5_000, petMs: 1_000, marginMs: 1_000 }
    expect(watchdogProblem(times, { rightMs: 1_600, renewMs: 333 })).toContain('take 7333 ms, and a right lasts 1600 ms')
    expect(watchdogProblem(times, { rightMs: 8_000, renewMs: 1_000 })).toBeUndefined()
  })
})
