import { createServer } from 'node:http'
import type { Alert } from '@hotspare/alert'
import { HotspareError, seededRandom, systemClock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { loopbackServer } from '@hotspare/health/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { BalanceConfig, ChannelConfig, CheckConfig, HealthConfig, TargetConfig } from './config/config.ts'
import { agentFor, algorithmFor, channelFor, openCheck, probeFor } from './drivers.ts'

const clock = new TestClock()
const target: TargetConfig = {
  id: 'shop/a',
  name: 'a',
  url: 'http://127.0.0.1:8080',
  protocol: 'http',
  host: '127.0.0.1',
  port: 8080,
  weight: 1,
  tier: 0,
}
const timing = { intervalMs: 1_000, timeoutMs: 700, rise: 2, fall: 3, trafficFailures: 5 }
const http: Extract<HealthConfig, { readonly type: 'http' }> = {
  type: 'http',
  method: 'GET',
  path: '/up?deep=1',
  host: undefined,
  headers: {},
  status: '200-399',
  body: undefined,
  ...timing,
}
const tcp: HealthConfig = { type: 'tcp', ...timing }
const alert: Alert = {
  id: 'i',
  key: 'k',
  status: 'firing',
  type: 'target-down',
  severity: 'warning',
  title: 'a is down',
  text: '',
  at: 1,
  labels: {},
}
const unknownType = { type: 'quantum' } as never

describe('a health check', () => {
  it('of a type that nobody knows is an error, not a target without a probe', () => {
    expect(() => probeFor(target, unknownType, clock)).toThrow(HotspareError)
  })

  it.each([
    ['http', http, 'http://127.0.0.1:8080/up'],
    ['tcp', tcp, '127.0.0.1:8080'],
  ] as const)('of type %s looks at the target', (type, health, address) => {
    expect(probeFor(target, health, clock)).toMatchObject({ type, address, timeoutMs: 700 })
  })

  it.each([
    ['http://[::1]:9000', '::1', 9_000, 'http://[::1]:9000/up', '[::1]:9000'],
    ['https://shop.example.com', 'shop.example.com', 443, 'https://shop.example.com/up', 'shop.example.com:443'],
  ])('of %s keeps scheme, host and port', (url, host, port, web, socket) => {
    const other: TargetConfig = { ...target, url, host, port }
    expect(probeFor(other, http, clock).address).toBe(web)
    expect(probeFor(other, tcp, clock).address).toBe(socket)
  })

  it('over HTTP asks as the file says, and expects what the file says', async () => {
    const asked: unknown[] = []
    const server = await loopbackServer(
      createServer(({ method, url, headers }, response) => {
        asked.push([method, url, headers['host'], headers['x-key']])
        response.writeHead(418).end('short and stout')
      }),
    )
    onTestFinished(() => server.close())
    const own: TargetConfig = { ...target, url: `http://127.0.0.1:${server.port}`, port: server.port }
    const run = (changes: Partial<typeof http>) => probeFor(own, { ...http, ...changes }, new TestClock()).run()
    expect(await run({})).toMatchObject({ outcome: 'fail', reason: 'status' })
    expect(await run({ status: '418', body: 'tall' })).toMatchObject({ outcome: 'fail', reason: 'body' })
    expect(await run({ status: '418', body: 'stout', method: 'GET', host: 'shop.example.com', headers: { 'x-key': 'abc' } })).toMatchObject(
      { outcome: 'pass' },
    )
    expect(await run({ status: '418', method: 'HEAD' })).toMatchObject({ outcome: 'pass' })
    const host = `127.0.0.1:${server.port}`
    expect(asked).toEqual([
      ['GET', '/up?deep=1', host, undefined],
      ['GET', '/up?deep=1', host, undefined],
      ['GET', '/up?deep=1', 'shop.example.com', 'abc'],
      ['HEAD', '/up?deep=1', host, undefined],
    ])
  })

  it('over TCP connects', async () => {
    const server = await loopbackServer(() => {})
    onTestFinished(() => server.close())
    const run = (port: number) => probeFor({ ...target, port }, tcp, new TestClock()).run()
    expect(await run(server.port)).toMatchObject({ outcome: 'pass' })
    await server.close()
    expect(await run(server.port)).toMatchObject({ outcome: 'fail', reason: 'refused' })
  })
})

describe('what is asked beside or instead of a target', () => {
  const check = (probe: Partial<CheckConfig>): CheckConfig =>
    ({ name: 'it', intervalMs: 1_000, timeoutMs: 700, rise: 1, fall: 1, canary: false, ...probe }) as CheckConfig

  it('is an error where nobody knows its type', () => {
    expect(() => openCheck(check(unknownType), { clock })).toThrow(HotspareError)
  })

  it('as an agent counts for what it says, and not for its silence', async () => {
    const server = await loopbackServer((socket) => void socket.on('error', () => {}).end('75% drain\n'))
    onTestFinished(() => server.close())
    const run = (port: number) =>
      agentFor(target, { port, intervalMs: 1_000, timeoutMs: 700, options: { unreachable: 'ignore' } }, clock).run()
    expect(await run(server.port)).toMatchObject({ advice: { weight: 0.75, admin: 'draining' } })
    await server.close()
    expect(await run(server.port)).toMatchObject({ outcome: 'inconclusive' })
  })

  it('as a job is told, and missed when it is not', async () => {
    const ownClock = new TestClock()
    const { probe, push } = openCheck(check({ type: 'push', ttlMs: 1_000, graceMs: 500 }), { clock: ownClock })
    expect(await probe.run()).toMatchObject({ outcome: 'inconclusive' })
    push?.report({ outcome: 'pass', detail: '3 files' })
    expect(await probe.run()).toMatchObject({ outcome: 'pass' })
    await ownClock.advance(1_501)
    expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'missed' })
  })

  it('as several probes is what they are together', async () => {
    const server = await loopbackServer(() => {})
    onTestFinished(() => server.close())
    const dead = await loopbackServer(() => {})
    await dead.close()
    const part = (name: string, port: number) => ({ name, probe: { type: 'tcp', host: '127.0.0.1', port, timeoutMs: 700 } as const })
    const parts = [part('alive', server.port), part('dead', dead.port)]
    const run = (type: 'all' | 'any' | 'atLeast', count: number) => {
      const options = { whenPartly: 'pass', leaveOutInconclusive: false } as const
      return openCheck(check({ type, count, parts, timeoutMs: 750, options }), { clock: new TestClock() }).probe.run()
    }
    expect(await run('all', 2)).toMatchObject({ outcome: 'fail' })
    expect(await run('atLeast', 2)).toMatchObject({ outcome: 'fail' })
    expect(await run('atLeast', 1)).toMatchObject({ outcome: 'pass' })
    expect(await run('any', 1)).toMatchObject({ outcome: 'pass' })
  })

  it('over HTTP expects what else the file says, at the port that it says', async () => {
    const server = await loopbackServer(createServer((_, response) => response.end('{ "status": "DOWN" }')))
    onTestFinished(() => server.close())
    const run = (status: string) =>
      probeFor(target, { ...http, port: server.port, options: { expectJson: { '/status': status } } }, new TestClock()).run()
    expect(await run('UP')).toMatchObject({ outcome: 'fail' })
    expect(await run('DOWN')).toMatchObject({ outcome: 'pass' })
  })
})

describe('a way to balance', () => {
  it('that nobody knows is an error', () => {
    expect(() => algorithmFor({ algorithm: 'astrology' } as unknown as BalanceConfig, seededRandom(1))).toThrow(HotspareError)
  })

  const source = { key: { from: 'source' } } as const

  it.each<readonly [BalanceConfig, readonly string[]]>([
    [{ algorithm: 'round-robin' }, ['a', 'b']],
    [{ algorithm: 'edf' }, ['a', 'b']],
    [{ algorithm: 'random' }, ['a', 'b']],
    [{ algorithm: 'first-available' }, ['a']],
    // Of two, these always compare both.
    [{ algorithm: 'least-request', options: {} }, ['a']],
    [{ algorithm: 'peak-ewma', options: {} }, ['a']],
    [{ algorithm: 'ring-hash', options: { function: 'ketama' }, ...source }, ['a', 'b']],
    [{ algorithm: 'maglev', options: { size: 5_003 }, ...source }, ['a', 'b']],
    [{ algorithm: 'rendezvous', ...source }, ['a', 'b']],
    [{ algorithm: 'jump', ...source }, ['a', 'b']],
    [{ algorithm: 'jump', ...source, boundedLoad: { factorPercent: 100 } }, ['a']],
  ])('%j chooses %j of an idle one and a busy one', (balance, expected) => {
    const algorithm = algorithmFor(balance, seededRandom(1))
    expect(algorithm).toMatchObject({ name: balance.algorithm, keyed: 'key' in balance })
    const chooser = algorithm.start(2, { clock: systemClock })
    const members = [
      { id: 'a', index: 0, weight: 1, active: 0 },
      { id: 'b', index: 1, weight: 1, active: 9 },
    ]
    chooser.prepare?.(members)
    const candidates = { members, at: (index: number) => members[index], ramping: false }
    const chosen = Array.from({ length: 40 }, () => chooser.choose(candidates, {})?.id)
    expect(new Set(chosen)).toEqual(new Set(expected))
  })
})

describe('a channel', () => {
  const lines: string[] = []
  const context = { clock, writeLine: (line: string) => void lines.push(line) }

  it('of a type that nobody knows is an error', () => {
    expect(() => channelFor(unknownType, context)).toThrow(HotspareError)
  })

  it.each([
    { type: 'webhook', name: 'ops', url: 'https://chat.example.com/hooks/1', secret: undefined, headers: {} },
    { type: 'smtp', name: 'mail', url: 'smtp://user:pass@mail.example.com:25', from: undefined, to: ['ops@example.com'] },
    { type: 'console', name: 'terminal' },
  ] satisfies ChannelConfig[])('of type $type is called what the file calls it', async (config) => {
    const channel = channelFor(config, context)
    expect(channel).toMatchObject({ type: config.type, name: config.name })
    await channel.close?.()
  })

  it('on the console writes a line where it is told to', async () => {
    expect(await channelFor({ type: 'console', name: 'terminal' }, context).send(alert)).toEqual({ ok: true })
    expect(lines).toEqual([expect.stringContaining('a is down')])
  })

  it('over a webhook posts to its URL, with its headers, signed with its secret', async () => {
    const asked: unknown[] = []
    const server = await loopbackServer(
      createServer(({ method, url, headers }, response) => {
        asked.push([method, url, headers['x-team'], String(headers['webhook-signature']).slice(0, 3)])
        response.writeHead(204).end()
      }),
    )
    onTestFinished(() => server.close())
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
    const url = `http://127.0.0.1:${server.port}/hook?x=1`
    const channel = channelFor({ type: 'webhook', name: 'ops', url, secret, headers: { 'x-team': 'red' } }, context)
    expect(await channel.send(alert)).toMatchObject({ ok: true })
    expect(asked).toEqual([['POST', '/hook?x=1', 'red', 'v1,']])
    await channel.close?.()
  })
})
