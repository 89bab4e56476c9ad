import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'

const node = (code: string): readonly [string, ...string[]] => [process.execPath, '-e', code]

describe('runCommand', () => {
  it('tells how a command failed, with both of its streams', async () => {
    const result = await runCommand(node("console.log('out'); console.error('err'); process.exit(3)"))

    expect(result).toMatchObject({ ok: false, reason: 'exited with 3' })
    expect(result.output.split('\n').toSorted()).toEqual(['err', 'out'])
  })

  it('tells of a command that does not exist', async () => {
    expect(await runCommand(['no-such-command-here'])).toMatchObject({ ok: false, reason: expect.stringContaining('ENOENT') })
  })

  it('tells of a command that a signal ended', async () => {
    expect(await runCommand(node("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({ ok: false, reason: 'was ended by SIGKILL' })
  })

  it('ends a command and its children when it takes too long', async () => {
    // The grandchild holds on to the output: without its end there is no result at all.
    const child = `const { spawn } = require('node:child_process')
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })`
    const result = await runCommand(node(child), { timeoutMs: 1_500 })

    expect(result).toMatchObject({ ok: false, reason: 'did not end within 1.5 s' })
  })

  it('ends a command when it is interrupted', async () => {
    const interruption = new AbortController()
    const running = runCommand(node('setInterval(() => {}, 1000)'), { signal: interruption.signal })
    interruption.abort()

    expect(await running).toMatchObject({ ok: false, reason: 'was interrupted' })
  })

  it('keeps the end of an output that is too long', async () => {
    const { ok, output } = await runCommand(node("process.stdout.write('x'.repeat(500_000) + 'the end')"))

    expect(ok).toBe(true)
    expect(output.length).toBeLessThanOrEqual(200_000)
    expect(output.endsWith('the end')).toBe(true)
  })
})
