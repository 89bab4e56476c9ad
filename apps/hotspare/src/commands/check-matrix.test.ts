import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { forecastsOf } from '../matrix/forecasts.ts'
import type { MatrixRow } from '../matrix/row.ts'
import { configOf, fileOf } from '../matrix/reference.fixture.ts'
import { check } from './check.ts'
import { matrixExit, printMatrix } from './check-matrix.ts'
import { contextOf, outputOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'

function written(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-matrix-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hotspare.yaml')
  writeFileSync(file, yaml)
  return file
}

async function rows(): Promise<readonly MatrixRow[]> {
  const config = await configOf(fileOf())
  return forecastsOf(config).map((forecast) => ({ ...forecast, seen: undefined, refutations: [] }))
}

describe('check --matrix', () => {
  it.each([
    ['pools: { shop: { targets: [http://10.0.0.1] } }', 'it has no cluster'],
    [`${fileOf().replace(/^services:[^]*$/m, '')}\npools: { shop: { targets: [http://10.0.0.1] } }`, 'its cluster has no services'],
  ])('says of a file without services that there is nothing to say (case %#)', async (yaml, lacks) => {
    const context = contextOf()
    const error: unknown = await check({ config: written(yaml), matrix: true }, context).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain(`services that move between nodes, and this file has none: ${lacks}`)
    expect(exitCodeOf(error)).toBe(2)
    expect(context.out()).toBe('')
  })

  it('takes no number of phases where nothing is simulated', async () => {
    await expect(check({ config: written(fileOf()), phases: '5' }, contextOf())).rejects.toThrow('--phases: it is for --matrix')
  })

  it.each(['many', '-1', '1.5', '1001'])('takes no %s for a number of phases', async (phases) => {
    await expect(check({ config: written(fileOf()), matrix: true, phases }, contextOf())).rejects.toThrow('--phases')
  })

  it('exits with 1, and prints the schedule, when a run went beyond its bound', async () => {
    const refutation = { seed: 7, what: 'nobody served for 4s', schedule: { seed: 7 } }
    const matrix = {
      runs: 1,
      clockRateError: 0.08,
      leftOut: [],
      rows: (await rows()).map((row) => ({ ...row, refutations: [refutation] })),
    }
    expect(matrixExit(matrix)).toBe(1)
    const context = contextOf()
    printMatrix(matrix, (await configOf(fileOf())).services, context)
    expect(context.out()).toContain('WRONG: shop, web-1 loses power, seed 7: nobody served for 4s')
    expect(context.out()).toContain('{"seed":7}')
    expect(context.out()).toContain('an error of Hotspare')
  })

  it('prints the table, and how far it is only on a terminal', async () => {
    const [file, quiet, watched] = [written(fileOf()), contextOf(), outputOf(true)]
    expect(await check({ config: file, matrix: true, phases: '0' }, quiet)).toBe(0)
    expect(quiet.out()).toMatch(/^service shop: active on web-1, then web-2; keep\n {2}what fails, alone /)
    expect(quiet.err()).toBe('')
    expect(await check({ config: file, matrix: true, phases: '0' }, contextOf({ stderr: watched.stream }))).toBe(0)
    expect(watched.text()).toContain('\u001B[2K')
  })

  it('is the same as data, without a secret', async () => {
    const context = contextOf()
    expect(await check({ config: written(fileOf()), matrix: true, json: true, phases: '0' }, context)).toBe(0)
    const printed = JSON.parse(context.out())
    expect(printed).toMatchObject({ ok: true, services: [{ name: 'shop' }], matrix: { runs: 0, clockRateError: 0.0834 } })
    expect(printed.matrix.rows).toHaveLength(27)
    expect(printed.matrix.rows[0]).toMatchObject({
      service: 'shop',
      failure: { kind: 'power', node: 'web-1' },
      role: 'active',
      movesTo: ['web-2'],
      outage: { type: 'bounded', formula: expect.stringContaining('lease 2s') },
    })
    expect(context.out()).not.toContain('swordfish')
  })
})
