import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findProgram, runProgram, temporaryFolder } from './dialogue/program.fixture.ts'
import { sshProbe } from './ssh.ts'
import { closedPort } from './testing/index.ts'

const sshd = findProgram('sshd')
const keygen = findProgram('ssh-keygen')

describe('a real sshd', () => {
  it('tells its version, takes note of a client that left, and refuses when it is gone', async (context) => {
    if (sshd === undefined || keygen === undefined) return context.skip('not installed: sshd (apt-get install openssh-server)')
    // Debian's sshd does not start without this folder, and a container that runs no services may lack it.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
    const port = await closedPort()
    const key = join(temporaryFolder(), 'key')
    execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', key])
    const args = ['-D', '-e', '-f', '/dev/null', '-h', key, '-p', String(port), '-o', 'ListenAddress=127.0.0.1', '-o', 'PidFile=none']
    const { kill, log } = await runProgram(sshd, args, port)
    const probe = sshProbe({ host: '127.0.0.1', port, timeoutMs: 10_000 })
    expect(await probe.run()).toMatchObject({ outcome: 'pass', detail: /^SSH-2\.0-OpenSSH/ })
    await expect.poll(log, { timeout: 10_000 }).toMatch(/Connection (?:closed|reset) by .*\[preauth\]/)
    await kill()
    expect(await probe.run()).toMatchObject({ reason: 'refused' })
  })
})
