import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answering, freePort, need, startHaproxy, startNamed, temporaryFolder } from './engines/engines.fixture.ts'
import { createHaproxy, type EngineEvent, type EngineMember } from './haproxy.ts'

const at = (id: string, port: number, rest: Partial<EngineMember> = {}): EngineMember => ({
  id,
  host: '127.0.0.1',
  port,
  state: 'serve',
  ...rest,
})

/** Something that answers each connection with one text, and is no HAProxy. */
async function fake(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}

describe('without a HAProxy that answers', () => {
  it.for([
    ['neither socket nor port', { backend: 'web' }],
    ['both', { backend: 'web', socket: '/run/x', host: 'h', port: 1 }],
    ['a backend that ends the command', { backend: 'web; shutdown', socket: '/run/x' }],
    ['a parameter of two words', { backend: 'web', socket: '/run/x', serverParameters: ['maxconn 5; del'] }],
    ['an unknown option', { backend: 'web', socket: '/run/x', pool: 'a' }],
  ])('refuses %s', ([, options]) => {
    expect(() => createHaproxy(options as never)).toThrowError(expect.objectContaining({ code: 'HOTSPARE_PROXY_OPTIONS' }))
  })

  it('says that nobody is there, once', async () => {
    const engine = createHaproxy({ socket: join(temporaryFolder(), 'none.sock'), backend: 'web' })
    const events: EngineEvent[] = []
    engine.subscribe((event) => events.push(event))
    expect(await engine.sync([at('a', 80)])).toMatchObject({
      ok: false,
      reason: 'unreachable',
      detail: expect.stringContaining('is not there'),
    })
    await engine.sync([at('a', 80)])
    expect(events).toMatchObject([{ type: 'engine-failed', reason: 'unreachable' }])
    const refused = createHaproxy({ host: '127.0.0.1', port: await freePort(), backend: 'web' })
    expect(await refused.observe()).toMatchObject({ ok: false, reason: 'unreachable', detail: expect.stringContaining('nobody listens') })
  })

  it.for([
    ['silence', () => {}, 'unreachable'],
    ['another protocol', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'malformed'],
    ['an end without an answer', (socket: Socket) => socket.end(), 'malformed'],
    ['an answer that breaks off', (socket: Socket) => socket.write('1\n# be', () => socket.resetAndDestroy()), 'unreachable'],
    ['an answer without an end', (socket: Socket) => flood(socket), 'malformed'],
  ] as const)('takes %s for what it is', async ([, answer, reason]) => {
    const engine = createHaproxy({
      host: '127.0.0.1',
      port: await fake(answer),
      backend: 'web',
      commandTimeoutMs: reason === 'malformed' ? 10_000 : 200,
    })
    expect(await engine.sync([at('a', 80)])).toMatchObject({ ok: false, reason })
  })

  it('ends with the signal of its caller', async () => {
    const engine = createHaproxy({ host: '127.0.0.1', port: await fake(() => {}), backend: 'web', commandTimeoutMs: 60_000 })
    const controller = new AbortController()
    const syncing = engine.sync([at('a', 80)], { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(syncing).rejects.toThrow('enough')
  })
})

function flood(socket: Socket): void {
  const chunk = 'x'.repeat(65_536)
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
    if (!socket.destroyed) socket.once('drain', more)
  }
  more()
}

describe('with a real HAProxy', () => {
  it('serves, drains and switches off what it is told, and clients see it', async (context) => {
    need(context, 'haproxy')
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const haproxy = await startHaproxy([`a 127.0.0.1:${a}`, `b 127.0.0.1:${b} disabled`, `theirs 127.0.0.1:9 disabled`])
    const engine = createHaproxy({ socket: haproxy.socket, backend: 'web' })
    expect(await engine.sync([at('a', a, { weight: 1 }), at('b', b, { weight: 3 })])).toEqual({
      ok: true,
      changes: ['b has weight 3', 'b serves'],
      pending: [],
    })
    expect(await answering(haproxy.port)).toEqual(['a', 'b'])
    expect(await engine.sync([at('a', a, { state: 'off' }), at('b', b)])).toMatchObject({ ok: true })
    expect(await answering(haproxy.port)).toEqual(['b'])
    expect(await engine.sync([at('a', a), at('b', b, { state: 'drain' })])).toMatchObject({ ok: true })
    expect(await answering(haproxy.port)).toEqual(['a'])
    expect(await engine.sync([at('a', b), at('b', b, { state: 'drain' })])).toMatchObject({ ok: true, changes: [`a is at 127.0.0.1:${b}`] })
    expect(await answering(haproxy.port)).toEqual(['b'])
    expect(await engine.observe()).toMatchObject({
      members: [
        { id: 'a', address: `127.0.0.1:${b}`, state: 'serve' },
        { id: 'b', state: 'drain' },
        { id: 'theirs', state: 'off' },
      ],
    })
    expect(await engine.sync([at('a', b, { state: 'off' }), at('b', b, { state: 'off' })])).toMatchObject({ ok: true })
    expect(await answering(haproxy.port, 1)).toEqual(['503'])
    const stats = await engine.stats()
    expect(stats).toMatchObject({ ok: true, servers: [{ id: 'a', status: 'MAINT', redispatchesTotal: 0 }, { id: 'b' }, { id: 'theirs' }] })
    expect(stats.ok && stats.servers[0]!.requestsTotal! + stats.servers[1]!.requestsTotal!).toBe(48)
  })

  it('repairs what a restart has forgotten and what somebody else has changed, and tells of it', async (context) => {
    need(context, 'haproxy')
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const haproxy = await startHaproxy([`a 127.0.0.1:${a}`, `b 127.0.0.1:${b}`])
    const engine = createHaproxy({ host: '127.0.0.1', port: haproxy.tcpPort, backend: 'web' })
    const events: EngineEvent[] = []
    engine.subscribe((event) => events.push(event))
    const wanted = [at('a', a, { state: 'off' }), at('b', b)]
    await engine.sync(wanted)
    await haproxy.kill()
    expect(await engine.sync(wanted)).toMatchObject({ ok: false, reason: 'unreachable' })
    await haproxy.restart()
    expect(await answering(haproxy.port)).toEqual(['a', 'b'])
    expect(await engine.sync(wanted)).toEqual({ ok: true, changes: ['a is off'], pending: [] })
    expect(await answering(haproxy.port)).toEqual(['b'])
    expect(await engine.sync(wanted)).toEqual({ ok: true, changes: [], pending: [] })
    const summary = events.map((event) => (event.type === 'engine-changed' ? event.cause : event.type))
    expect(summary).toEqual(['wanted', 'engine-failed', 'engine-recovered', 'drift'])
  })

  it('adds servers to a backend of its own, and removes one when its last connection has ended', async (context) => {
    need(context, 'haproxy')
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const haproxy = await startHaproxy([])
    const engine = createHaproxy({ socket: haproxy.socket, backend: 'web', servers: 'managed', serverParameters: ['maxconn', '20'] })
    expect(await engine.sync([at('a', a), at('b', b, { state: 'off' })])).toMatchObject({
      ok: true,
      changes: ['a is new', 'a serves', 'b is new'],
    })
    expect(await answering(haproxy.port)).toEqual(['a'])
    expect(await engine.sync([at('b', b)])).toMatchObject({ ok: true })
    expect(await answering(haproxy.port)).toEqual(['b'])
    // Its idle connections may keep it for a while: then each look tries again.
    await expect
      .poll(async () => (await engine.sync([at('b', b)])).ok && (await engine.observe()), { timeout: 15_000, interval: 100 })
      .toMatchObject({
        members: [{ id: 'b', state: 'serve' }],
      })
  }, 30_000)

  it('says what it may not, what is not there, and what HAProxy will not take', async (context) => {
    need(context, 'haproxy')
    const haproxy = await startHaproxy(['a 127.0.0.1:9 weight 4', 'b 127.0.0.1:9'], 'static-rr')
    const wanted = [at('a', 9), at('b', 9)]
    const of = (options: object) => createHaproxy({ socket: haproxy.socket, backend: 'web', ...options }).sync(wanted)
    expect(await of({ socket: haproxy.operatorSocket })).toMatchObject({ reason: 'denied', detail: expect.stringContaining('level admin') })
    expect(await of({ backend: 'nowhere' })).toMatchObject({ reason: 'missing', detail: expect.stringContaining('nowhere') })
    expect(await of({ backend: 'other' })).toMatchObject({ reason: 'missing', detail: expect.stringContaining('"server" line') })
    expect(await of({})).toMatchObject({ reason: 'not-applied', detail: expect.stringContaining('static LB algorithm') })
  })
})
