import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTcpProxy, type TcpPicked, type TcpProxyOptions } from './index.ts'
import { deadTcpTarget, echo, hangingTcpTarget, named, startTcpProxy, tcpClient, tcpTarget, until } from './tcp.fixture.ts'

const NO_TARGETS: TcpProxyOptions = { port: 0, pick: () => undefined }

describe('options', () => {
  it.each([
    { port: 70_000 },
    { attempts: 0 },
    { attempts: 11 },
    { connectTimeoutMs: 0 },
    { helloTimeoutMs: 2 ** 31 },
    { maxConnections: 0 },
    { proxyProtocol: 'v3' },
    { retryRatio: 2 },
    { engine: 'wire' },
  ])('refuses %j', (wrong) => {
    const options = { ...NO_TARGETS, ...wrong } as TcpProxyOptions
    expect(() => createTcpProxy(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_PROXY_OPTIONS', message: expect.stringContaining('tcp proxy: ') }),
    )
  })

  it('says so where the port is taken, and cannot start again after it was stopped', async () => {
    const { port, proxy } = await startTcpProxy([])
    const second = createTcpProxy({ ...NO_TARGETS, port })
    await expect(second.start()).rejects.toMatchObject({ code: 'HOTSPARE_PROXY_LISTEN', message: /another process listens there/ })
    await proxy.stop()
    await second.start()
    await second.stop()
    await expect(proxy.start()).rejects.toMatchObject({ code: 'HOTSPARE_PROXY_STOPPED' })
  })
})

describe('a client is reset, and the event says why,', () => {
  const broken = new Error('out of order')
  it.each<readonly [string, TcpProxyOptions['pick'], string]>([
    ['where no target may be used', () => undefined, 'no target may be used'],
    ['where the picker refuses', () => ({ refused: 'the queue is full' }), 'the queue is full'],
    ['where the picker refuses later', () => Promise.resolve({ refused: 'too late' }), 'too late'],
    [
      'where the picker throws',
      () => {
        throw broken
      },
      'the picker failed: out of order',
    ],
    ["where the picker's promise rejects", () => Promise.reject(broken), 'the picker failed: out of order'],
    ['where nothing was picked in time', () => new Promise<TcpPicked>(() => {}), 'no target became free in time'],
  ])('%s', async (_what, pick, because) => {
    const { port, of, proxy } = await startTcpProxy([], { pick, openTimeoutMs: 100 })
    const client = tcpClient(port)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([
      { outcome: 'refused', endedBy: 'proxy', because, attempts: 0, bytesToTarget: 0, bytesToClient: 0 },
    ])
    expect(proxy.active).toBe(0)
  })

  it('where every target is dead, after as many attempts as it may make', async () => {
    const dead = [await deadTcpTarget(), await deadTcpTarget(), await deadTcpTarget(), await deadTcpTarget()]
    const { port, of, outcomes, inUse } = await startTcpProxy(dead)
    const client = tcpClient(port)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('attempt-finished').map(({ targetId, failure }) => [targetId, failure?.reason, failure?.sent])).toEqual(
      dead.slice(0, 3).map(({ id }) => [id, 'refused', false]),
    )
    expect(of('connection-retried').map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(of('connection-finished')).toMatchObject([
      { outcome: 'refused', attempts: 3, targetId: dead[2]!.id, because: /3 attempts were made$/ },
    ])
    expect(outcomes).toEqual(Array.from({ length: 3 }, () => ({ ok: false, latencyMs: expect.any(Number) })))
    expect(inUse()).toBe(0)
  })

  it('where the retry budget is used up', async () => {
    const { port, of } = await startTcpProxy([await deadTcpTarget(), await tcpTarget(echo)], { retryRatio: 0, minimumRetriesPerSecond: 0 })
    const client = tcpClient(port)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([{ attempts: 1, because: /not repeated: the retry budget is used up$/ }])
  })

  it('where the URL of its target has no port', async () => {
    const { port, of } = await startTcpProxy([{ id: 'a', url: 'tcp://db' }])
    const client = tcpClient(port)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([{ because: 'a: local: its URL has no host and port; then no target may be used' }])
  })
})

describe('a target that cannot be connected to is left for another one,', () => {
  it('and what the client has said by then is not lost', async () => {
    const good = await tcpTarget(named('good:'))
    const { port, of } = await startTcpProxy([await deadTcpTarget(), await hangingTcpTarget(), good], { connectTimeoutMs: 100 })
    const client = tcpClient(port)
    client.socket.write('early, ')
    setTimeout(() => client.socket.end('later'), 20)
    await client.hears('good:early, later')
    await until(() => client.ended() === 'end', 'the end')
    await until(() => of('connection-finished').length === 1, 'the event')
    expect(of('attempt-finished').map(({ failure }) => failure?.reason)).toEqual(['refused', 'unreachable', undefined])
    expect(of('connection-finished')).toMatchObject([
      { outcome: 'closed', endedBy: 'client', attempts: 3, bytesToTarget: 12, bytesToClient: 17 },
    ])
  })

  it('also where it has as many connections as it may have, which costs no budget', async () => {
    const [first, second] = [await tcpTarget(named('first')), await tcpTarget(named('second'))]
    const { port, proxy } = await startTcpProxy([first, second], { maxConnectionsPerTarget: 1, retryRatio: 0, minimumRetriesPerSecond: 0 })
    const gone = tcpClient(port)
    await gone.hears('first')
    await tcpClient(port).hears('second')
    const third = tcpClient(port)
    await until(() => third.ended() === 'reset', 'the reset')
    expect(proxy.active).toBe(2)
    gone.socket.end()
    await until(() => proxy.active === 1, 'the end of the first')
    await tcpClient(port).hears('first')
  })

  it('and nobody waits for longer than openTimeoutMs', async () => {
    const hanging = await hangingTcpTarget()
    const targets = Array.from({ length: 10 }, (_, index) => ({ ...hanging, id: `hanging-${index}` }))
    const { port, of } = await startTcpProxy(targets, { attempts: 10, connectTimeoutMs: 120, openTimeoutMs: 200 })
    const client = tcpClient(port)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([{ because: /the time to open a connection is over$/ }])
    expect(of('attempt-finished').length).toBeLessThan(6)
  })

  it('at once where its health says that it is down, also if it was already being tried', async () => {
    const [hanging, good] = [await hangingTcpTarget(), await tcpTarget(named('good'))]
    const { port, proxy, of } = await startTcpProxy([hanging, good])
    const client = tcpClient(port)
    await until(() => proxy.active === 1, 'the connection')
    proxy.abandon('another', 'down')
    proxy.abandon(hanging.id, 'no answer')
    await client.hears('good')
    expect(of('attempt-finished')).toMatchObject([{ failure: { reason: 'abandoned', detail: 'no answer' } }, { targetId: good.id }])
  })

  it('but not where there is no attempt left: it may be there after all', async () => {
    const hanging = await hangingTcpTarget()
    const { port, proxy, events } = await startTcpProxy([hanging], { attempts: 1 })
    tcpClient(port)
    await until(() => proxy.active === 1, 'the connection')
    proxy.abandon(hanging.id, 'no answer')
    expect(proxy.active).toBe(1)
    expect(events).toEqual([])
  })
})

it('a picker that waits is told that the client has gone, and what it finds then is given back', async () => {
  let signal: AbortSignal | undefined
  let found: (picked: TcpPicked) => void = () => {}
  const { port, proxy, of } = await startTcpProxy([], {
    pick: (context) => {
      signal = context.signal
      return new Promise((resolve) => (found = resolve))
    },
  })
  const client = tcpClient(port)
  await until(() => signal !== undefined, 'the pick')
  client.socket.resetAndDestroy()
  await until(() => signal?.aborted === true, 'the abort')
  let given = 0
  found({ target: { id: 'a', url: 'tcp://127.0.0.1:1' }, reason: '', done: () => (given += 1) })
  await until(() => given === 1, 'the give-back')
  expect(proxy.active).toBe(0)
  expect(of('connection-finished')).toMatchObject([{ outcome: 'reset', endedBy: 'client', attempts: 0 }])
})

it('a client is closed at once where there are maxConnections already', async () => {
  const { port, proxy } = await startTcpProxy([await tcpTarget(named('hello'))], { maxConnections: 1 })
  const first = tcpClient(port)
  await first.hears('hello')
  const second = tcpClient(port)
  await until(() => second.ended() !== undefined, 'the close')
  expect(second.text()).toBe('')
  first.socket.destroy()
  await until(() => proxy.active === 0, 'the end of the first')
  await tcpClient(port).hears('hello')
})

it('a bound socket may be handed down', async () => {
  const { createServer } = await import('node:net')
  const bound = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => bound.once('listening', resolve))
  const address = bound.address()
  const { proxy } = await startTcpProxy([])
  await proxy.stop()
  const second = createTcpProxy({ port: 0, drainTimeoutMs: 0, pick: () => undefined })
  // As it comes with a message of a parent: the handle of a server.
  await second.start({ socket: bound })
  onTestFinished(() => second.stop())
  expect(second.address?.port).toBe(typeof address === 'object' ? address?.port : 0)
  expect(second.address?.port).toBeGreaterThan(0)
})

describe('with readServerName', () => {
  const options = { readServerName: true, helloTimeoutMs: 100 }

  it.each([
    ['says nothing', ''],
    ['stops in the middle of its hello', '\x16\x03\x01'],
  ])('a client that %s is closed', async (_what, said) => {
    const target = await tcpTarget()
    const { port, of } = await startTcpProxy([target], options)
    const client = tcpClient(port)
    client.socket.write(said)
    await until(() => client.ended() !== undefined, 'the close')
    expect(of('connection-finished')).toMatchObject([
      { outcome: 'timeout', endedBy: 'client', because: 'no whole ClientHello within 100 ms' },
    ])
    expect(target.accepted()).toBe(0)
  })

  it('a client that speaks no TLS, or leaves before it has said all, meets no target', async () => {
    const target = await tcpTarget()
    const { port, of } = await startTcpProxy([target], { ...options, helloTimeoutMs: 10_000 })
    const wrong = tcpClient(port)
    wrong.socket.write('GET / HTTP/1.1\r\n\r\n')
    await until(() => wrong.ended() === 'reset', 'the reset')
    const early = tcpClient(port)
    early.socket.end('\x16\x03\x01')
    await until(() => of('connection-finished').length === 2, 'the events')
    expect(of('connection-finished')).toMatchObject([
      { outcome: 'refused', because: 'no ClientHello: it does not begin with TLS' },
      { outcome: 'closed', endedBy: 'client', because: 'the client left before its hello was whole' },
    ])
    expect(target.accepted()).toBe(0)
  })

  it('the picker hears what the client asks for, and the target gets the whole hello', async () => {
    let first: Buffer | undefined
    const target = await tcpTarget((socket) => {
      socket.on('data', (data) => (first = Buffer.concat([first ?? Buffer.alloc(0), data])))
      socket.on('end', () => socket.end())
    })
    const asked: unknown[] = []
    const { port, of } = await startTcpProxy([target], {
      ...options,
      pick: ({ serverName, protocols, remoteAddress }) => {
        asked.push({ serverName, protocols, remoteAddress })
        return { target, reason: '', done() {} }
      },
    })
    const tls = connectTls({ port, host: '127.0.0.1', servername: 'Shop.example.org', ALPNProtocols: ['h2', 'http/1.1'] })
    tls.on('error', () => {})
    await until(() => first !== undefined && first.length > 200, 'the hello')
    tls.destroy()
    expect(asked).toEqual([{ serverName: 'shop.example.org', protocols: ['h2', 'http/1.1'], remoteAddress: '127.0.0.1' }])
    expect(first?.subarray(0, 2).toString('hex')).toBe('1603')
    await until(() => of('connection-finished').length === 1, 'the event')
    expect(of('connection-finished')).toMatchObject([{ serverName: 'shop.example.org', bytesToTarget: first?.length }])
  })
})
