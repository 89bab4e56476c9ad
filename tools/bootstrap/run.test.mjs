import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** A fresh checkout in which nothing is installed, with a blank and other letters in its path. */
describe('the bootstrap', () => {
  let checkout
  beforeAll(() => {
    checkout = mkdtempSync(join(tmpdir(), 'hotspare ünfertig-'))
    for (const path of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.node-version', 'tools/bootstrap']) {
      cpSync(join(root, path), join(checkout, path), { recursive: true })
    }
  })
  afterAll(() => rmSync(checkout, { recursive: true, force: true }))

  const run = (...bootstrapArguments) =>
    spawnSync(process.execPath, [join(checkout, 'tools/bootstrap/run.mjs'), ...bootstrapArguments], {
      encoding: 'utf8',
      env: { ...process.env, npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' },
    })

  it('refuses a task that it does not know, with exit code 2', () => {
    const { status, stderr } = run('fly')

    expect(status).toBe(2)
    expect(stderr).toMatch(/^usage: run\.mjs start\|test\|.* \[arguments\]\n$/)
  })

  it('says in one error that the registry cannot be reached, with exit code 1', () => {
    const { status, stderr, stdout } = run('test')

    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/failed: the package registry cannot be reached\n {2}Check the network/)
    expect(stderr).toContain('ECONNREFUSED')
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
