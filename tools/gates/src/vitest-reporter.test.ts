import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './root.ts'

const SUITES = {
  'good.test.js': `
    import { describe, it } from 'vitest'
    it('passes', () => {})
    it('skips with a reason', (context) => context.skip('nginx is missing'))
    it.skip('skips without one', () => {})
    it.todo('is not written yet')
    describe('a suite', () => it('passes too', () => {}))`,
  'bad.test.js': `
    import { beforeAll, describe, it } from 'vitest'
    it('fails', () => { throw new Error('no') })
    describe('a suite whose hook breaks', () => { beforeAll(() => { throw new Error('no') }); it('never runs', () => {}) })`,
  'unloadable.test.js': `import './does-not-exist.js'`,
  'unhandled.test.js': `
    import { it } from 'vitest'
    it('leaves a rejection behind', () => { void Promise.reject(new Error('nobody looks')) })`,
}

/** A real run of vitest in a project of its own. */
describe('the report of a run', () => {
  let folder: string
  let report: { passed: number; failed: number; skipped: { name: string; because: string }[] }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hotspare-reporter-'))
    for (const [name, code] of Object.entries(SUITES)) writeFileSync(join(folder, name), code)
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const file = join(folder, 'report.json')
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VITEST|^TEST$|^NODE_ENV$/.test(name)))
    spawnSync(process.execPath, [vitest, 'run', `--reporter=${join(import.meta.dirname, 'vitest-reporter.ts')}`], {
      cwd: folder,
      env: { ...environment, HOTSPARE_TEST_REPORT: file },
    })
    report = JSON.parse(readFileSync(file, 'utf8'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('counts a failed test, a broken hook, a file that does not load and an unhandled rejection as failures', () => {
    expect(report.failed).toBe(4)
  })

  it('counts what passed', () => {
    expect(report.passed).toBe(3)
  })

  it('names what was skipped, with its file and its reason', () => {
    expect(report.skipped.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual([
      { name: 'bad.test.js: a suite whose hook breaks > never runs', because: '' },
      { name: 'good.test.js: is not written yet', because: '' },
      { name: 'good.test.js: skips with a reason', because: 'nginx is missing' },
      { name: 'good.test.js: skips without one', because: '' },
    ])
  })
})
