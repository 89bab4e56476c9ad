import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { judgeProgram } from './exec/judge.ts'
import { execProbe } from './exec.ts'
import { probeContract } from './testing/index.ts'

const PATIENT_MS = 15_000
const folder = mkdtempSync(join(tmpdir(), 'hotspare-exec-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shell = (script: string, more: object = {}) => execProbe({ file: 'sh', args: ['-c', script], timeoutMs: PATIENT_MS, ...more })
const close = () => Promise.resolve()

function alive(pid: number): boolean {
  try {
    // A zombie that nobody has reaped yet does nothing any more.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function pidIn(file: string): Promise<number> {
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { timeout: 10_000 }).toBe(true)
  return Number(readFileSync(file, 'utf8'))
}

probeContract({
  runner: { describe, it },
  name: 'execProbe',
  healthy: () => Promise.resolve({ probe: shell('echo well'), close }),
  dead: () => Promise.resolve({ probe: execProbe({ file: '/nowhere/check', timeoutMs: PATIENT_MS }), close }),
  silent: () => Promise.resolve({ probe: shell('sleep 60', { timeoutMs: 200, graceMs: 200 }), close }),
})

describe('execProbe', () => {
  it.each([
    { options: { file: '' }, says: 'file' },
    { options: { file: 'a\0b' }, says: 'file' },
    { options: { file: 'true', args: ['\0'] }, says: 'args' },
    { options: { file: 'true', env: { 'A=B': 'x' } }, says: 'env' },
    { options: { file: 'true', graceMs: 0 }, says: 'graceMs' },
    { options: { file: 'true', shell: true }, says: 'shell' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    expect(() => execProbe(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it.each([
    { script: 'exit 0', result: { outcome: 'pass', detail: 'exit code 0' } },
    { script: 'echo; echo "  12 jobs"; echo more', result: { outcome: 'pass', detail: '12 jobs' } },
    { script: 'echo disk is filling >&2; exit 1', result: { outcome: 'degraded', detail: 'exit code 1: disk is filling' } },
    { script: 'echo gone; exit 2', result: { outcome: 'fail', reason: 'exit', detail: 'exit code 2: gone' } },
    { script: 'exit 255', result: { outcome: 'fail', reason: 'exit', detail: 'exit code 255' } },
    { script: 'kill -SEGV $$', result: { outcome: 'fail', reason: 'exit', detail: 'ended by SIGSEGV' } },
    { script: 'printf "\\033[31mred\\001\\377"', result: { outcome: 'pass' } },
  ])('reads `$script`', async ({ script, result }) => {
    const found = await shell(script).run()
    expect(found).toMatchObject(result)
    expect(found.detail).not.toMatch(/\p{Cc}/u)
  })

  it('gives the arguments to the program and to no shell', async () => {
    const result = await execProbe({ file: 'printf', args: ['%s', '$HOME; `id` | x'], timeoutMs: PATIENT_MS }).run()
    expect(result.detail).toBe('$HOME; `id` | x')
  })

  it('passes on no environment but what it was given', async () => {
    process.env['HOTSPARE_TEST_SECRET'] = 'hush'
    const file = join(folder, 'environment')
    await shell(`env >${file}`, { env: { ROLE: 'primary' } }).run()
    delete process.env['HOTSPARE_TEST_SECRET']
    const names = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    // PWD is the shell's own.
    expect(new Set(names)).toEqual(
      new Set(['LC_ALL', 'PATH', 'PWD', 'ROLE', ...names.filter((name) => name === '_' || name === 'OLDPWD' || name === 'SHLVL')]),
    )
  })

  it('shows neither arguments nor environment in address and detail', async () => {
    const probe = execProbe({ file: 'false', args: ['--token=hush'], env: { TOKEN: 'hush' }, timeoutMs: PATIENT_MS })
    const missing = await execProbe({ file: '/nowhere/x', args: ['hush'], timeoutMs: PATIENT_MS }).run()
    expect(JSON.stringify([probe, await probe.run(), missing])).not.toContain('hush')
  })

  it.each([
    ['a program that is not there', '/nowhere/check', /no such program or folder \(ENOENT\)$/],
    ['a folder', '/tmp', /may not be run \(EACCES\)$/],
  ])('%s fails and says so', async (_name, file, detail) => {
    const result = await execProbe({ file, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'error' })
    expect(result.detail).toMatch(detail)
  })

  it.each(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])('a machine that cannot start a program (%s) has not looked', (code) => {
    const error = Object.assign(new Error('spawn'), { code })
    expect(judgeProgram({ kind: 'not-started', error })).toEqual({
      outcome: 'inconclusive',
      detail: `this machine could not start it (${code})`,
    })
  })

  it('a program that writes without end is ended', async () => {
    expect(await shell('yes').run()).toMatchObject({
      outcome: 'fail',
      reason: 'exit',
      detail: 'ended, because it wrote more than 1048576 bytes',
    })
  })

  it('a long line is clipped', async () => {
    const result = await shell('head -c 100000 /dev/zero | tr "\\0" a').run()
    expect(result.detail.length).toBeLessThanOrEqual(200)
  })

  it('the whole process group is ended at the deadline, what ignores SIGTERM after the grace', async () => {
    const file = join(folder, 'stubborn')
    const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$ >${file}; while :; do sleep 1; done' & wait; while :; do sleep 1; done`
    const clock = new TestClock()
    const run = shell(script, { clock, timeoutMs: 300, graceMs: 500 }).run()
    const grandchild = await pidIn(file)
    await clock.advance(300)
    expect(await run).toMatchObject({
      outcome: 'fail',
      reason: 'timeout',
      detail: 'nothing more within 300 ms while the program was running',
    })
    expect(alive(grandchild)).toBe(true)
    await clock.advance(500)
    await expect.poll(() => alive(grandchild), { timeout: 10_000 }).toBe(false)
  })

  it('a program may clean up after SIGTERM', async () => {
    const [file, cleaned] = [join(folder, 'polite'), join(folder, 'cleaned')]
    const clock = new TestClock()
    const script = `trap 'echo done >${cleaned}; exit 0' TERM; echo $$ >${file}; while :; do sleep 0.05; done`
    const run = shell(script, { clock, timeoutMs: 300 }).run()
    await pidIn(file)
    await clock.advance(300)
    expect(await run).toMatchObject({ reason: 'timeout' })
    await expect.poll(() => existsSync(cleaned), { timeout: 10_000 }).toBe(true)
  })

  it('a run waits for the program of an earlier one that is being ended, and never for long', async () => {
    const file = join(folder, 'earlier')
    const clock = new TestClock()
    const probe = shell(`trap '' TERM; echo $$ >${file}; while :; do sleep 1; done`, { clock, timeoutMs: 300, graceMs: 1_000 })
    const first = probe.run()
    const pid = await pidIn(file)
    await clock.advance(300)
    expect(await first).toMatchObject({ reason: 'timeout' })
    const second = probe.run()
    await clock.advance(300)
    expect(await second).toMatchObject({ reason: 'timeout', detail: expect.stringContaining('an earlier run is being ended') })
    expect(Number(readFileSync(file, 'utf8'))).toBe(pid)
    await clock.advance(700)
    await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false)
  })

  it('whoever cancels leaves nothing behind, at once', async () => {
    const file = join(folder, 'cancelled')
    const controller = new AbortController()
    const run = shell(`trap '' TERM; echo $$ >${file}; while :; do sleep 1; done`, { graceMs: 60_000 }).run({ signal: controller.signal })
    const pid = await pidIn(file)
    controller.abort(new Error('changed my mind'))
    await expect(run).rejects.toThrow('changed my mind')
    await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false)
  })

  it('what a program leaves running in its group is ended with it', async () => {
    const file = join(folder, 'left')
    const result = await shell(
      `sh -c 'echo $$ >${file}; sleep 60' >/dev/null 2>&1 & while [ ! -s ${file} ]; do sleep 0.05; done; echo well`,
    ).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: 'well' })
    const pid = await pidIn(file)
    await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false)
  })

  it('a process that has left the group and holds the output does not hold up the result', async () => {
    const file = join(folder, 'escaped')
    const result = await shell(
      `setsid sh -c 'echo $$ >${file}; exec sleep 60' & while [ ! -s ${file} ]; do sleep 0.05; done; echo well`,
    ).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: 'well' })
    process.kill(await pidIn(file), 'SIGKILL')
  })
})
