import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { Agent, fetch, request } from 'undici'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProxy } from './index.ts'
import { deadTarget, exchangeRaw, endlessOrigin, httpOrigin, startProxy, until } from './origins.fixture.ts'

const sha = (data: Buffer): string => createHash('sha256').update(data).digest('hex')

describe('passing requests on', () => {
  it('gives the target method, path, headers and body, and the client status, headers and body', async () => {
    const origin = await httpOrigin((incoming, response) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        response.writeHead(418, 'I am a teapot', [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['X-Saw', `${incoming.method} ${incoming.url} ${incoming.headers.host} ${incoming.headers['x-forwarded-for']}`],
        ])
        response.end(Buffer.concat(chunks).toString().toUpperCase())
      })
    })
    const { url } = await startProxy([origin])
    const answer = await request(`${url}/tea?milk=1`, { method: 'POST', body: 'earl grey', headers: { host: 'shop.example' } })
    expect(answer.statusCode).toBe(418)
    expect(answer.statusText).toBe('I am a teapot')
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(answer.headers['x-saw']).toBe('POST /tea?milk=1 shop.example 127.0.0.1')
    expect(await answer.body.text()).toBe('EARL GREY')
  })

  it('streams 20 MB both ways at once', async () => {
    const origin = await httpOrigin((incoming, response) => void incoming.pipe(response))
    const { url } = await startProxy([origin])
    const sent = randomBytes(20 * 1024 * 1024)
    const { body } = await request(url, { method: 'POST', body: sent })
    const hash = createHash('sha256')
    for await (const chunk of body) hash.update(chunk as Buffer)
    expect(hash.digest('hex')).toBe(sha(sent))
  })

  it('holds the target back when the client reads slowly', async () => {
    let written = 0
    const origin = await httpOrigin((_incoming, response) => {
      const chunk = Buffer.alloc(64 * 1024)
      const pump = () => {
        do written += chunk.length
        while (response.write(chunk) && written < 256 * 1024 * 1024)
      }
      response.on('drain', pump)
      pump()
    })
    const { port } = await startProxy([origin])
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
    socket.pause()
    onTestFinished(() => void socket.destroy())
    await until(() => written > 0, 'the first write')
    let looks = 0
    let before = -1
    await until(() => {
      looks = before === written ? looks + 1 : 0
      before = written
      return looks === 20
    }, 'a standstill')
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  it('keeps connections on both sides', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { url } = await startProxy([origin])
    const agent = new Agent({ connections: 1 })
    onTestFinished(() => agent.close())
    for (let turn = 0; turn < 20; turn++) await (await request(url, { dispatcher: agent })).body.text()
    expect(origin.connections()).toBe(1)
  })

  it('answers HTTP/1.0 and HEAD as they want it', async () => {
    const origin = await httpOrigin((_incoming, response) => response.setHeader('content-length', 5).end('hello'))
    const { port, url } = await startProxy([origin])
    expect(await exchangeRaw(port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*\r\n\r\nhello$/i,
    )
    const head = await request(url, { method: 'HEAD' })
    expect(head.headers['content-length']).toBe('5')
    expect(await head.body.text()).toBe('')
  })

  it('takes an absolute request target and believes its host', async () => {
    const origin = await httpOrigin((incoming, response) => response.end(`${incoming.headers.host} ${incoming.url}`))
    const { port } = await startProxy([origin])
    const ask = (host: string) => exchangeRaw(port, `GET http://other.example/x?y HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(await ask('other.example')).toMatch(/other\.example \/x\?y$/)
    // Two hosts leave two readings open: refused, as HAProxy does, though RFC 9112, 3.2.2 would have the first believed.
    expect(await ask('a')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it.each([
    [
      'another transfer coding',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      501,
    ],
    [
      'another transfer coding on a line of its own',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n', 400],
    ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 400],
    ['a version that is not spoken', 'GET / HTTP/2.0\r\nHost: a\r\nConnection: close\r\n\r\n', 505],
    ['a wish for a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 405],
  ])('refuses a request with %s, with the status that says so', async (_what, bytes, status) => {
    const origin = await httpOrigin((_incoming, response) => response.end())
    const { port } = await startProxy([origin])
    expect(await exchangeRaw(port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(origin.connections()).toBe(0)
  })

  it.each([
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['both lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two different lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['garbage', '\u0016\u0003\u0001 not http at all\r\n\r\n'],
  ])('refuses a request with %s with 400 and asks no target', async (_what, bytes) => {
    const origin = await httpOrigin((_incoming, response) => response.end())
    const { port } = await startProxy([origin])
    expect(await exchangeRaw(port, bytes)).toMatch(/^HTTP\/1\.1 400 /)
    expect(origin.connections()).toBe(0)
  })

  it('refuses an endless header with 431', async () => {
    const { port } = await startProxy([await httpOrigin((_incoming, response) => response.end())])
    expect(await exchangeRaw(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })
})

describe('when a target is dead', () => {
  it('repeats a GET on another target and tells of it', async () => {
    const dead = await deadTarget()
    const origin = await httpOrigin((_incoming, response) => response.end('alive'))
    const { url, of } = await startProxy([dead, origin])
    expect(await (await fetch(url)).text()).toBe('alive')
    expect(of('request-retried')).toMatchObject([{ targetId: dead.id, attempt: 1, failure: { reason: 'refused', sent: false } }])
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered', status: 200, targetId: origin.id, attempts: 2 }])
    expect(of('attempt-finished').map((event) => event.failure?.reason)).toEqual(['refused', undefined])
  })

  it('repeats a POST too, since no byte of it has left, with its body whole', async () => {
    const dead = await deadTarget()
    const origin = await httpOrigin((incoming, response) => void incoming.pipe(response))
    const { url } = await startProxy([dead, origin])
    expect(await (await fetch(url, { method: 'POST', body: 'small' })).text()).toBe('small')
    const large = randomBytes(3 * 1024 * 1024)
    const { body } = await request(url, { method: 'POST', body: large })
    expect(sha(Buffer.from(await body.arrayBuffer()))).toBe(sha(large))
  })

  it('answers 502 when every target is, without naming one to the client', async () => {
    const targets = [await deadTarget(), await deadTarget(), await deadTarget()]
    const { url, of } = await startProxy(targets)
    const answer = await fetch(url)
    expect(answer.status).toBe(502)
    expect(await answer.text()).toBe('hotspare: 502 Bad Gateway\n')
    expect(of('request-finished')[0]).toMatchObject({
      outcome: 'refused',
      attempts: 3,
      because: expect.stringMatching(/refused.*3 attempts were made/),
    })
  })

  it('takes a target that speaks no TLS where it should for one that is gone', async () => {
    const plain = await httpOrigin((_incoming, response) => response.end('plain'))
    const origin = await httpOrigin((_incoming, response) => response.end('alive'))
    const { url, of } = await startProxy([{ id: 'secure', url: plain.url.replace('http:', 'https:') }, origin])
    expect(await (await fetch(url)).text()).toBe('alive')
    expect(of('request-retried')).toMatchObject([{ failure: { reason: 'tls', sent: false } }])
  })

  it('answers 503 with Retry-After when there is no target to pick', async () => {
    const { url } = await startProxy([])
    const answer = await fetch(url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  it('stops repeating when the retry budget is used up', async () => {
    const dead = await deadTarget()
    const origin = await httpOrigin((_incoming, response) => response.end('alive'))
    const { url } = await startProxy([dead, origin], { retryRatio: 0, minimumRetriesPerSecond: 0.5 })
    const statuses: number[] = []
    for (let turn = 0; turn < 8; turn++) statuses.push((await fetch(url)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 503, 503, 503])
  })
})

describe('when a target breaks in the middle', () => {
  it('repeats a GET that got no answer, and never a POST that was sent', async () => {
    let posts = 0
    const breaking = await httpOrigin((incoming) => {
      if (incoming.method === 'POST') posts += 1
      incoming.socket.resetAndDestroy()
    })
    const origin = await httpOrigin((incoming, response) => {
      if (incoming.method === 'POST') posts += 1
      response.end('second')
    })
    const { url } = await startProxy([breaking, origin])
    expect(await (await fetch(url)).text()).toBe('second')
    expect((await fetch(url, { method: 'POST', body: 'once' })).status).toBe(502)
    expect(posts).toBe(1)
  })

  it('repeats a GET whose small answer was cut, so that the client sees a whole one', async () => {
    const cutting = await httpOrigin((incoming, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('x'.repeat(400))
      setTimeout(() => incoming.socket.resetAndDestroy(), 20)
    })
    const origin = await httpOrigin((_incoming, response) => response.end('whole'))
    const { url } = await startProxy([cutting, origin])
    expect(await (await fetch(url)).text()).toBe('whole')
  })

  it('aborts the client when a large answer was cut: never silently short', async () => {
    const cutting = await httpOrigin((incoming, response) => {
      response.writeHead(200, { 'content-length': '10000000' })
      response.write('x'.repeat(100_000))
      setTimeout(() => incoming.socket.resetAndDestroy(), 50)
    })
    const { url, of } = await startProxy([cutting])
    const answer = await fetch(url)
    await expect(answer.arrayBuffer()).rejects.toThrow()
    expect(of('request-finished')).toMatchObject([{ outcome: 'cut', status: 200 }])
  })

  it('aborts the client also behind a pipelined answer, where the broken one has no socket of its own yet', async () => {
    const origin = await httpOrigin((incoming, response) => {
      if (incoming.url === '/slow') return void setTimeout(() => response.end('slow'), 200)
      response.writeHead(200, { 'content-length': '10000000' })
      response.write('x'.repeat(100_000))
      setTimeout(() => incoming.socket.resetAndDestroy(), 50)
    })
    const { port, of } = await startProxy([origin])
    // It would hang here for a minute.
    await exchangeRaw(port, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /broken HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(of('request-finished').map(({ outcome }) => outcome)).toContain('cut')
  })

  it('reads the rest of an upload that was answered early, so that the connection goes on', async () => {
    const origin = await httpOrigin((incoming, response) => {
      if (incoming.method === 'GET') return void response.end('next')
      response.writeHead(413, { 'content-length': '4' }).end('much')
    })
    const { port } = await startProxy([origin])
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    onTestFinished(() => void socket.destroy())
    let received = ''
    socket.on('data', (data) => (received += String(data)))
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    for (let count = 0; count < 20; count++) socket.write(chunk)
    await until(() => received.includes('413'), 'the early answer')
    for (let count = 0; count < 20; count++) socket.write(chunk)
    socket.write('0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => received.endsWith('next'), 'the answer to the next request')
    expect(received).toMatch(/^HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 200 /)
  })

  it('gives up on a silent target after the time for the first byte and goes to the next', async () => {
    const silent = await httpOrigin(() => {})
    const origin = await httpOrigin((_incoming, response) => response.end('second'))
    const { url, of } = await startProxy([silent, origin], { firstByteTimeoutMs: 200 })
    expect(await (await fetch(url)).text()).toBe('second')
    expect(of('request-retried')).toMatchObject([{ failure: { reason: 'timeout' } }])
  })
})

describe('abandon', () => {
  it('repeats what waits on a target elsewhere, at once, and leaves a POST that was sent where it is', async () => {
    let release = () => {}
    let waiting = 0
    const frozen = await httpOrigin((incoming, response) => {
      waiting += 1
      if (incoming.method === 'POST') release = () => response.end('late but done')
    })
    const origin = await httpOrigin((_incoming, response) => response.end('second'))
    const { url, proxy, of } = await startProxy([frozen, origin])
    const get = fetch(url).then((answer) => answer.text())
    const post = fetch(url, { method: 'POST', body: 'x' }).then((answer) => answer.text())
    await until(() => waiting === 2, 'both requests at the frozen target')
    proxy.abandon(frozen.id, 'it is down')
    expect(await get).toBe('second')
    release()
    expect(await post).toBe('late but done')
    expect(of('request-retried')).toMatchObject([{ method: 'GET', failure: { reason: 'abandoned', detail: 'it is down' } }])
  })
})

describe('when the client leaves', () => {
  it('ends the attempt at the target and leaks no connection: the next load runs at full width', async () => {
    const origin = await endlessOrigin()
    const { port, url, proxy, of } = await startProxy([origin], { maxConnectionsPerTarget: 8 })
    for (let round = 0; round < 5; round++) {
      const sockets = Array.from({ length: 8 }, () =>
        connect(port, '127.0.0.1', function (this: Socket) {
          this.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
        }),
      )
      for (const socket of sockets) socket.on('error', () => {}).pause()
      await until(() => origin.open() === 8, 'eight answers under way')
      for (const socket of sockets) socket.destroy()
      await until(() => origin.open() === 0 && proxy.active === 0, 'all of them ended')
      expect(await Promise.all(Array.from({ length: 8 }, async () => (await fetch(`${url}/small`)).text()))).toEqual(
        Array.from({ length: 8 }, () => 'ok'),
      )
    }
    expect(of('request-finished').filter((event) => event.outcome === 'client-gone')).toHaveLength(40)
  })

  it('ends an upload that breaks off without blaming the target', async () => {
    const origin = await httpOrigin((incoming) => void incoming.resume().on('error', () => {}))
    const { port, of } = await startProxy([origin])
    const socket = connect(port, '127.0.0.1', () => socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc'))
    await until(() => origin.connections() === 1, 'the upload at the target')
    socket.destroy()
    await until(() => of('request-finished').length === 1, 'the end')
    expect(of('request-finished')).toMatchObject([{ outcome: 'client-gone' }])
    expect(of('attempt-finished')).toEqual([])
  })
})

describe('start and stop', () => {
  it('lets requests finish, closes connections politely, then refuses new ones', async () => {
    const origin = await httpOrigin((_incoming, response) => void setTimeout(() => response.end('slow but whole'), 150))
    const { url, port, proxy } = await startProxy([origin], { lameDuckMs: 50 })
    const slow = fetch(url)
    await until(() => proxy.active === 1, 'the request under way')
    const stopped = proxy.stop()
    const during = await exchangeRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(during).toMatch(/connection: close/i)
    expect(await (await slow).text()).toBe('slow but whole')
    await stopped
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('waits for a client that reads the end of its answer slowly', async () => {
    const size = 40_000_000
    const origin = await httpOrigin((_incoming, response) => response.writeHead(200, { 'content-length': size }).end('x'.repeat(size)))
    const { port, proxy } = await startProxy([origin], { lameDuckMs: 0 })
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
    socket.pause()
    await until(() => proxy.active === 1, 'the request under way')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const stopped = proxy.stop()
    let received = 0
    socket.on('data', (data: Buffer) => (received += data.length)).resume()
    await new Promise((resolve) => socket.once('close', resolve))
    await stopped
    expect(received).toBeGreaterThan(size)
  })

  it('cuts what is left at the end of the drain', async () => {
    const { url, proxy } = await startProxy([await httpOrigin(() => {})], { drainTimeoutMs: 100 })
    const hanging = fetch(url).catch((error: Error) => error.message)
    await until(() => proxy.active === 1, 'the request under way')
    await proxy.stop()
    expect(await hanging).toBe('fetch failed')
  })

  it('stops in time although a client asks for HTTP/2 and the target is silent', async () => {
    // Node gives such a socket away, and its server does not close it.
    const silent = await httpOrigin(() => {})
    const { port, proxy } = await startProxy([silent], { drainTimeoutMs: 50 })
    const answer = exchangeRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n')
    await until(() => silent.connections() === 1, 'the request at the target')
    await proxy.stop()
    expect(await answer).toBe('')
  })

  it('ends the drain at once when it is told to', async () => {
    const { url, proxy } = await startProxy([await httpOrigin(() => {})], { drainTimeoutMs: 60_000, lameDuckMs: 60_000 })
    const hanging = fetch(url).catch((error: Error) => error.message)
    await until(() => proxy.active === 1, 'the request under way')
    await proxy.stop({ signal: AbortSignal.abort() })
    expect(await hanging).toBe('fetch failed')
  })

  it('handed over accepts nothing more at once, and answers on what is open, each time as the last', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { port, proxy } = await startProxy([origin], { lameDuckMs: 60_000 })
    const [one, idle] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    let heard = ''
    one.on('data', (data) => (heard += String(data)))
    one.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => heard.endsWith('ok'), 'the first answer')
    expect(heard).not.toMatch(/connection: close/i)
    const stopped = proxy.stop({ handedOver: true })
    expect(await exchangeRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('')
    // An idle client is not hurried.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect([one.readyState, idle.readyState]).toEqual(['open', 'open'])
    const ends = [one, idle].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    heard = ''
    for (const socket of [one, idle]) socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    idle.resume()
    await Promise.all(ends)
    expect(heard).toMatch(/connection: close[\s\S]*ok$/i)
    // Nobody is left to be waited for.
    await stopped
  })

  it('handed over leaves idle connections until they have been idle for long; only then the drain begins, and cuts requests', async () => {
    const clock = new TestClock()
    const { port, url, proxy } = await startProxy([await httpOrigin(() => {})], { drainTimeoutMs: 2_000, clock })
    const idle = connect(port, '127.0.0.1')
    idle.resume()
    await new Promise((resolve) => idle.once('connect', resolve))
    let outcome = ''
    void fetch(url).catch(() => (outcome = 'cut'))
    await until(() => proxy.active === 1, 'the request under way')
    const stopping = proxy.stop({ handedOver: true })
    await clock.advance(5_900)
    expect([idle.readyState, outcome]).toEqual(['open', ''])
    await clock.advance(200)
    await until(() => idle.destroyed, 'the end of the idle connection')
    await clock.advance(1_700)
    expect([outcome, proxy.active]).toEqual(['', 1])
    await clock.advance(300)
    await until(() => outcome === 'cut', 'the end of the request')
    await stopping
  })

  it('refuses to start again after it was stopped', async () => {
    const { proxy } = await startProxy([])
    await proxy.stop()
    await expect(proxy.start()).rejects.toMatchObject({ code: 'HOTSPARE_PROXY_STOPPED' })
  })

  it('closes connections past its limit, and serves those within', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { url, port } = await startProxy([origin], { maxConnections: 1 })
    const held = connect(port, '127.0.0.1')
    onTestFinished(() => void held.destroy())
    await new Promise((resolve) => held.once('connect', resolve))
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    held.destroy()
    const answered = () =>
      fetch(url).then(
        async (answer) => (await answer.text()) === 'ok',
        () => false,
      )
    await until(answered, 'an answer once the first connection is closed')
  })

  it('does not wait for a free connection for ever', async () => {
    const busy = await httpOrigin(
      (_incoming, response) => void response.writeHead(200, { 'content-length': '10' }).write('never ends'.slice(1)),
    )
    const origin = await httpOrigin((_incoming, response) => response.end('second'))
    const { url, of } = await startProxy([busy, origin], { maxConnectionsPerTarget: 1, firstByteTimeoutMs: 1_500, drainTimeoutMs: 0 })
    const first = fetch(url, { method: 'POST', body: 'holds the only connection' }).catch(() => {})
    await first
    expect(await (await fetch(url)).text()).toBe('second')
    expect(of('request-retried')).toMatchObject([{ failure: { sent: false, reason: 'full' } }])
  })

  it('listens on a socket that somebody else has bound, and not at its own port', async () => {
    const origin = await httpOrigin((_request, response) => response.end('here'))
    const socket = createServer()
    await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve))
    const { port } = socket.address() as AddressInfo
    const target = { target: origin, reason: 'the only one', done: () => {} }
    const proxy = createProxy({ port: 1, pick: () => target })
    await proxy.start({ socket })
    expect(proxy.address).toEqual({ host: '127.0.0.1', port })
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here')
    await proxy.stop()
  })

  it('says which address is taken, by what code, and how to go on', async () => {
    const first = await startProxy([])
    const second = createProxy({ port: first.port, pick: () => undefined })
    await expect(second.start()).rejects.toMatchObject({
      code: 'HOTSPARE_PROXY_LISTEN',
      message: `proxy: cannot listen on 127.0.0.1:${first.port}: another process listens there; stop it or choose another port`,
    })
    await second.stop()
  })

  it('names an option that cannot be', () => {
    expect(() => createProxy({ port: 70_000, pick: () => undefined })).toThrow(/port/)
    expect(() => createProxy({ port: 0, pick: () => undefined, attempt: 2 } as never)).toThrow(/attempt/)
  })

  it('refuses requests past its limit with 503', async () => {
    const origin = await httpOrigin(() => {})
    const { url, proxy } = await startProxy([origin], { maxRequests: 1, drainTimeoutMs: 0 })
    const hanging = fetch(url).catch(() => {})
    await until(() => proxy.active === 1, 'the request under way')
    expect((await fetch(url)).status).toBe(503)
    await proxy.stop()
    await hanging
  })
})
