import { describe, expect, it } from 'vitest'
import { findProgram, runProgram, temporaryFolder } from './dialogue/program.fixture.ts'
import { redisProbe } from './redis.ts'
import { closedPort } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 10_000
const program = findProgram('redis-server')
const missing = 'not installed: redis-server (apt-get install redis-server)'

async function startRedis(...settings: readonly string[]) {
  const port = await closedPort()
  const dir = temporaryFolder()
  const args = ['--port', String(port), '--bind', host, '--dir', dir, '--save', '', '--repl-diskless-sync-delay', '0', ...settings]
  return { ...(await runProgram(program ?? '', args, port, { cwd: dir })), port }
}

describe('redisProbe', () => {
  it.each([{ user: 'me' }, { role: 'master' }, { maxLagSeconds: 0 }, { security: 'starttls' }])('rejects %j', (options) => {
    expect(() => redisProbe({ host, ...options } as never)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })

  it('does not repeat a password that it rejects', () => {
    expect(() => redisProbe({ host, password: 'p4ss'.repeat(300) })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('p4ss') }),
    )
  })
})

describe('a real Redis', () => {
  it('with a password refuses those without it, and takes those with it', async (context) => {
    if (program === undefined) return context.skip(missing)
    const { port } = await startRedis('--requirepass', 'p4ss', '--user', 'watch', 'on', '>w4tch', '+ping')
    expect(await redisProbe({ host, port, timeoutMs }).run()).toMatchObject({ reason: 'unexpected', detail: /^NOAUTH/ })
    expect(await redisProbe({ host, port, timeoutMs, password: 'wrong' }).run()).toMatchObject({
      reason: 'unexpected',
      detail: /^WRONGPASS/,
    })
    expect(await redisProbe({ host, port, timeoutMs, password: 'p4ss' }).run()).toMatchObject({ outcome: 'pass', detail: 'PONG' })
    const asWatch = { host, port, timeoutMs, user: 'watch', password: 'w4tch' }
    expect(await redisProbe(asWatch).run()).toMatchObject({ outcome: 'pass' })
    expect(await redisProbe({ ...asWatch, role: 'any' }).run()).toMatchObject({ reason: 'unexpected', detail: /^NOPERM/ })
  })

  it('tells its role and its lag, and what is wrong when its primary dies', async (context) => {
    if (program === undefined) return context.skip(missing)
    const primary = await startRedis()
    const replica = await startRedis('--replicaof', `${host} ${primary.port}`, '--replica-serve-stale-data', 'no')
    const probe = redisProbe({ host, port: replica.port, timeoutMs, role: 'replica', maxLagSeconds: 20 })
    await expect
      .poll(() => probe.run(), { timeout: 15_000 })
      .toMatchObject({
        outcome: 'pass',
        detail: /^replica, last contact with the primary \d+ s ago$/,
        measures: { 'lag-seconds': expect.any(Number), 'lag-bytes': 0 },
      })
    expect(await redisProbe({ host, port: primary.port, timeoutMs, role: 'replica' }).run()).toMatchObject({
      reason: 'unexpected',
      detail: 'it is a primary, expected a replica',
    })
    expect(await redisProbe({ host, port: primary.port, timeoutMs, role: 'primary' }).run()).toMatchObject({
      outcome: 'pass',
      detail: 'primary, 1 replica',
      measures: { 'replica-count': 1 },
    })
    await primary.kill()
    await expect.poll(() => probe.run(), { timeout: 15_000 }).toMatchObject({ outcome: 'degraded', detail: /^MASTERDOWN/ })
    expect(await redisProbe({ host, port: primary.port, timeoutMs }).run()).toMatchObject({ reason: 'refused' })
  })
})
