import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findProgram, runProgram } from './dialogue/program.fixture.ts'
import { memcachedProbe } from './memcached.ts'
import { closedPort } from './testing/index.ts'

const program = findProgram('memcached')

describe('a real memcached', () => {
  it('tells its version, and refuses when it is gone', async (context) => {
    if (program === undefined) return context.skip('not installed: memcached (apt-get install memcached)')
    const port = await closedPort()
    const args = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '8', '-t', '1', '-c', '32', '-u', userInfo().username]
    const { kill } = await runProgram(program, args, port)
    const probe = memcachedProbe({ host: '127.0.0.1', port, timeoutMs: 10_000 })
    expect(await probe.run()).toMatchObject({ outcome: 'pass', detail: /^VERSION \d/ })
    const guests = Array.from({ length: 40 }, () =>
      connect({ host: '127.0.0.1', port })
        .on('error', () => {})
        .resume(),
    )
    onTestFinished(() => {
      for (const guest of guests) guest.destroy()
    })
    await expect
      .poll(() => probe.run(), { timeout: 10_000 })
      .toMatchObject({ outcome: 'degraded', detail: 'ERROR Too many open connections' })
    await kill()
    expect(await probe.run()).toMatchObject({ reason: 'refused' })
  })
})
