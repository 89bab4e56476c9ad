import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'

describe('runCommand', () => {
  it('says that a program is not installed', async () => {
    await expect(runCommand('hotspare-has-no-such-program', [])).rejects.toMatchObject({ code: 'HOTSPARE_VIP_UNAVAILABLE' })
  })

  it('hands back what a program prints, and how it ended', async () => {
    await expect(runCommand('sh', ['-c', 'cat; exit 3'], { input: 'in' })).resolves.toEqual({ status: 3, stdout: 'in', stderr: '' })
  })

  it('kills what takes too long, and what is called off', async () => {
    const slow = ['-c', 'exec sleep 60']
    await expect(runCommand('sh', slow, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'HOTSPARE_VIP_SYSTEM', retryable: true })
    await expect(runCommand('sh', slow, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: 'HOTSPARE_VIP_SYSTEM' })
  })

  // The error came before anybody listened, and ended the process that holds the address.
  it('fails like anything else when there are no descriptors left', () => {
    const script = `
      import { openSync } from 'node:fs'
      import { runCommand } from ${JSON.stringify(new URL('run-command.ts', import.meta.url).href)}
      try { for (;;) openSync('/dev/null') } catch {}
      runCommand('true', []).catch(({ code, retryable }) => process.stdout.write(code + ' ' + retryable))
    `
    const shell = `ulimit -n 64; exec "$0" --conditions=@hotspare/source --input-type=module -e "$1"`
    const { stdout } = spawnSync('sh', ['-c', shell, process.execPath, script], { encoding: 'utf8' })
    expect(stdout).toBe('HOTSPARE_VIP_SYSTEM true')
  })
})
