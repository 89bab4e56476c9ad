import { describe, expect, it } from 'vitest'
import { failureId } from './failure.ts'
import { forecastsOf } from './forecasts.ts'
import { formatMatrix, formatRefutations } from './format.ts'
import type { Matrix } from './matrix.ts'
import { configOf, fileOf, type Reference, references } from './reference.fixture.ts'
import type { MatrixRow } from './row.ts'

const services = async (reference: Reference) => (await configOf(fileOf(reference))).services

async function matrixOf(reference: Reference, change: (row: MatrixRow) => Partial<MatrixRow> = () => ({})): Promise<Matrix> {
  const config = await configOf(fileOf(reference))
  const rows = forecastsOf(config).map((forecast): MatrixRow => {
    const row = { ...forecast, seen: { runs: 20, noticedMs: 1_600, unservedMs: 2_345.6, twoHoldersMs: 0 }, refutations: [] }
    return { ...row, ...change(row) }
  })
  return { runs: 500, clockRateError: 0.0834, rows, leftOut: [] }
}

describe('the matrix for people', () => {
  it('names what was refuted, and the schedule that shows it again', async () => {
    const { rows } = await matrixOf({}, ({ failure }) =>
      failureId(failure) === 'power web-1'
        ? {
            refutations: [
              { seed: 7, what: 'nobody served for 4s', schedule: { seed: 7 } },
              { seed: 9, what: 'worse', schedule: { seed: 9 } },
            ],
          }
        : {},
    )
    expect(formatRefutations(rows)).toEqual([
      'WRONG: shop, web-1 loses power, seed 7 (and 1 more): nobody served for 4s',
      '  the schedule that shows it: {"seed":7}',
    ])
    expect(formatRefutations((await matrixOf({})).rows)).toEqual([])
  })

  it.each(Object.keys(references))('fits into a hundred columns: %s', async (name) => {
    const reference = references[name] ?? {}
    const lines = formatMatrix(await matrixOf(reference), await services(reference))
    expect(lines.filter((line) => line.length > 100)).toEqual([])
  })

  it('fits into a hundred columns with three members of long names', async () => {
    const long = { 'web-1': 'db-frankfurt-01', 'web-2': 'db-frankfurt-02' }
    const renamed = (text: string) => long[text as keyof typeof long] ?? text
    const matrix = await matrixOf({ onControlLoss: 'release' }, ({ movesTo }) => ({
      movesTo: movesTo.length === 0 ? [] : [...movesTo.map(renamed), 'db-amsterdam-01'],
    }))
    const [service] = await services({})
    const members = ['db-frankfurt-01', 'db-frankfurt-02', 'db-amsterdam-01']
    const lines = formatMatrix(matrix, [{ ...service, name: 'shop', members, onControlLoss: 'release' }])
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    const power = lines.findIndex((line) => line.includes('web-1 loses power'))
    expect(lines[power]).toMatch(/db-frankfurt-02, +1\.75s/)
    expect(lines[power + 1]).toMatch(/^ +db-amsterdam-01$/)
  })

  it('shows bound and worst beside each other, and each note once', async () => {
    const lines = formatMatrix(await matrixOf({ onControlLoss: 'release' }), await services({}))
    expect(lines.find((line) => line.includes('web-1 loses power'))).toMatch(/web-1 loses power +web-2 +1\.75s +3\.41s, 2\.35s +never +1$/)
    expect(lines.find((line) => line.includes('arbiter dead'))).toContain('UNTIL MENDED')
    expect(lines.filter((line) => line.includes('it serves on until its gate shuts'))).toHaveLength(1)
  })

  it('shouts where two nodes may have it for as long as nobody mends it', async () => {
    const lines = formatMatrix(await matrixOf({}), await services({}))
    expect(lines.find((line) => line.includes('cut off from all but clients'))).toMatch(/never +UNTIL MENDED/)
    expect(lines.join('\n')).toContain('web-1 cannot know that another one')
  })

  it('says what it leaves out, and why', async () => {
    const matrix = { ...(await matrixOf({})), rows: [], leftOut: [{ service: 'shop', because: 'it is fenced' }] }
    expect(formatMatrix(matrix, await services({}))[0]).toBe('service shop: left out: it is fenced')
    expect(formatMatrix(matrix, await services({})).join('\n')).not.toContain('what fails')
    expect(formatMatrix(matrix, await services({})).join('\n')).not.toContain('simulated')
  })

  it('says nothing of what was seen where nothing was simulated', async () => {
    const lines = formatMatrix(await matrixOf({}, () => ({ seen: undefined })), await services({}))
    expect(lines.find((line) => line.includes('web-1 loses power'))).toMatch(/ 3\.41s +never/)
  })
})
