import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDuration } from '@hotspare/core'
import { detectionBoundMs } from '@hotspare/health'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HealthConfig } from '../config/config.ts'
import { ConfigError } from '../config/problem.ts'
import { check, detectionBoundOf } from './check.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'
import { schema } from './schema.ts'

function fileOf(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-check-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hotspare.yaml')
  writeFileSync(file, yaml)
  return file
}

const health = (intervalMs: number, timeoutMs: number, fall: number): HealthConfig => ({
  type: 'tcp',
  intervalMs,
  timeoutMs,
  fall,
  rise: 2,
  trafficFailures: 5,
})

describe('the bound of detection', () => {
  it.each([
    [1_000, 500, 3, 3_500, '1s + 2 * 1s + 500ms'],
    [1_000, 2_000, 3, 7_000, '1s + 2 * 2s + 2s'],
    [250, 250, 1, 500, '250ms + 0 * 250ms + 250ms'],
  ])('of interval %i, timeout %i and fall %i is %i = %s', (intervalMs, timeoutMs, fall, worstCaseMs, formula) => {
    expect(detectionBoundOf(health(intervalMs, timeoutMs, fall))).toEqual({ worstCaseMs, formula })
  })

  it('is what its formula says, and what the monitor keeps to', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 3_600_000 }),
        fc.integer({ min: 10, max: 60_000 }),
        fc.integer({ min: 1, max: 100 }),
        (intervalMs, timeoutMs, fall) => {
          const { worstCaseMs, formula } = detectionBoundOf(health(intervalMs, timeoutMs, fall))
          const [, first = '', times = '', step = '', last = ''] = /^(\S+) \+ (\d+) \* (\S+) \+ (\S+)$/.exec(formula) ?? []
          expect(parseDuration(first) + Number(times) * parseDuration(step) + parseDuration(last)).toBe(worstCaseMs)
          expect(worstCaseMs).toBe(detectionBoundMs({ intervalMs, timeoutMs, fall }))
        },
      ),
    )
  })
})

describe('check', () => {
  it('says what it understood', async () => {
    const file = fileOf('pools: { shop: { targets: [http://10.0.0.1] } }\nproxies: [{ listen: ":8080", pool: shop }]')
    const context = contextOf()
    expect(await check({ config: file }, context)).toBe(0)
    expect(context.out()).toContain(`${file} is in order\n`)
    expect(context.out()).toContain('a dead target is down within 3.5s = 1s + 2 * 1s + 500ms')
    expect(context.err()).toBe('')
  })

  it('says what is doubtful beside it, as text or as data', async () => {
    const file = fileOf('pools: { shop: { targets: [http://10.0.0.1] } }')
    const text = contextOf()
    expect(await check({ config: file }, text)).toBe(0)
    expect(text.err()).toMatch(/^warning: .*hotspare\.yaml:1:\d+: pools\.shop: no proxy uses this pool/)
    const data = contextOf()
    expect(await check({ config: file, json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toMatchObject({ ok: true, warnings: [{ message: 'no proxy uses this pool' }] })
    expect(data.err()).toBe('')
  })

  it.each(['pools: {', 'pools: {}', 'poolz: {}', '', 'pools: { a: { targets: [http://a], health: { type: http, intervall: 1s } } }'])(
    'refuses %j with the code for wrong usage, and prints nothing of its own',
    async (yaml) => {
      const context = contextOf()
      const error: unknown = await check({ config: fileOf(yaml) }, context).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ConfigError)
      expect(exitCodeOf(error)).toBe(2)
      expect(context.out()).toBe('')
    },
  )

  it('shows no secret', async () => {
    const file = fileOf('api: { token: "${env:TOKEN}" }\npools: { shop: { targets: [http://10.0.0.1] } }')
    for (const json of [true, false]) {
      const context = contextOf({ env: { TOKEN: 'hunter2' } })
      expect(await check({ config: file, json }, context)).toBe(0)
      expect(context.out() + context.err()).not.toContain('hunter2')
    }
  })
})

it('schema prints a JSON Schema', () => {
  const context = contextOf()
  expect(schema(context)).toBe(0)
  expect(JSON.parse(context.out())).toMatchObject({ type: 'object', properties: { pools: {} } })
})
