import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseOptions } from '../options.ts'
import { systemProbeOptionsSchema } from '../system.ts'
import { phaseMeasures, probeMeasures, systemMeasures } from './measure-names.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..')
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.(?:test|fixture)\.ts$|testing|measure-names/.test(file))
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n')

const named = [...Object.values(probeMeasures), ...Object.values(systemMeasures)].flat().filter((name) => !phaseMeasures.includes(name))

describe('the names of what is measured', () => {
  it.each([...new Set(named)])('%s is measured by something', (name) => {
    expect(sources).toContain(`'${name}'`)
  })

  it('are all there are: no number with a unit in its name is measured under another one', () => {
    const units = 'seconds|bytes|ratio|count|days|lag|inodes|per-processor|celsius|hours|sectors|connections|per-second|[a-z0-9]+-ms'
    const keys = [...sources.matchAll(new RegExp(`'([a-z0-9]+(?:-[a-z0-9]+)*-(?:${units}))'`, 'g'))].map(([, name]) => name)
    // What every probe measures, and what is no name of a measure.
    const others = new Set(['duration-ms', ...phaseMeasures])
    expect(keys.length).toBeGreaterThan(20)
    expect([...new Set(keys)].filter((name) => name !== undefined && !named.includes(name) && !others.has(name))).toEqual([])
  })

  it.each(Object.keys(systemMeasures))('there is a system check of %s', (what) => {
    const extra = { pressure: { resource: 'cpu' }, network: { interface: 'lo' }, smart: { device: '/dev/sda' } }
    expect(() => parseOptions('it', systemProbeOptionsSchema, { what, ...Object(extra)[what] })).not.toThrow()
  })
})
