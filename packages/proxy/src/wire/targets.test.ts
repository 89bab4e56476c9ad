import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { endlessOrigin, httpOrigin, startProxy, rawOrigin, until } from '../origins.fixture.ts'
import { rawClient, textTarget } from './raw-client.fixture.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('a connection to a target', () => {
  it('is not used again when something was said on it that nobody asked for', async () => {
    for (const unasked of ['behind the answer', 'later']) {
      const target = await rawOrigin(
        textTarget((_heard, socket) => {
          const smuggled = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'
          if (unasked === 'later') socket.write(OK, () => setTimeout(() => socket.write(smuggled), 20))
          else socket.write(OK + smuggled)
        }),
      )
      const { port } = await startProxy([target])
      const client = rawClient(port)
      client.send(GET)
      await client.hears(/ok$/)
      await new Promise((resolve) => setTimeout(resolve, 60))
      client.send(GET)
      await until(() => (client.received().match(/ok/g) ?? []).length === 2, 'the second answer')
      expect(client.received()).not.toMatch(/evil/)
      expect(target.connections()).toBe(2)
    }
  })

  it('that the target has closed while it was idle costs no request, whatever its method', async () => {
    const closing = await httpOrigin((incoming, response) => {
      response.end('ok')
      response.once('finish', () => setTimeout(() => incoming.socket.end(), 5))
    })
    const { url } = await startProxy([closing], { attempts: 1 })
    for (let turn = 0; turn < 20; turn += 1) {
      const answer = await request(url, { method: turn % 2 === 0 ? 'GET' : 'POST', ...(turn % 2 === 0 ? {} : { body: 'x' }) })
      expect(answer.statusCode).toBe(200)
      await answer.body.text()
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
  })

  it('that breaks just when it is used again is replaced for a GET, and for no POST', async () => {
    let posts = 0
    // Answers once, and resets a connection that is used again.
    const target = await rawOrigin((socket) => {
      let asked = 0
      socket.on('data', (data) => {
        if (data.toString().startsWith('POST')) posts += 1
        asked += 1
        if (asked === 1) socket.write(OK)
        else socket.resetAndDestroy()
      })
    })
    const { url, of } = await startProxy([target], { attempts: 1 })
    for (let turn = 0; turn < 5; turn += 1) expect(await (await request(url)).body.text()).toBe('ok')
    expect(of('request-retried')).toEqual([])
    expect((await request(url, { method: 'POST', body: 'x' })).statusCode).toBe(502)
    expect(posts).toBe(1)
  })

  it('is one of a bounded number, and those who wait get theirs in turn', async () => {
    let open = 0
    let most = 0
    const origin = await httpOrigin((_incoming, response) => {
      open += 1
      most = Math.max(most, open)
      setTimeout(() => {
        open -= 1
        response.end('ok')
      }, 5)
    })
    const { url } = await startProxy([origin], { maxConnectionsPerTarget: 3 })
    const answers = await Promise.all(Array.from({ length: 40 }, async () => (await request(url)).body.text()))
    expect(answers).toEqual(Array.from({ length: 40 }, () => 'ok'))
    expect(most).toBeLessThanOrEqual(3)
    expect(origin.connections()).toBeLessThanOrEqual(3)
  })

  it('is read on after an answer that has filled the buffers of a client', async () => {
    const size = 4_000_000
    const origin = await httpOrigin((_incoming, response) => response.writeHead(200, { 'content-length': size }).end('x'.repeat(size)))
    const { port, of } = await startProxy([origin])
    const client = rawClient(port)
    for (let turn = 1; turn <= 5; turn += 1) {
      client.socket.pause()
      client.send(GET)
      await new Promise((resolve) => setTimeout(resolve, 50))
      client.socket.resume()
      await until(() => of('request-finished').length === turn, 'the end of the answer')
    }
    expect(origin.connections()).toBe(1)
    expect(of('request-finished')).toMatchObject(Array.from({ length: 5 }, () => ({ outcome: 'answered', attempts: 1 })))
  })

  it('is closed when it has been idle for too long', async () => {
    let closed = 0
    const target = await rawOrigin((socket) => {
      socket.on('data', () => socket.write(OK))
      socket.once('close', () => (closed += 1))
    })
    const { url } = await startProxy([target], { targetKeepAliveTimeoutMs: 40 })
    await (await request(url)).body.text()
    await until(() => closed > 0, 'the end of the idle connection')
    expect(closed).toBe(1)
  })
})

describe('an answer', () => {
  it.each([
    ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', /200 OK[\s\S]*content-length: 5\r\n\r\n$/],
    ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', /204 No Content\r\ndate: [^\r]+\r\n\r\n$/],
    [
      '304',
      'GET',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      /304 Not Modified\r\ndate: [^\r]+\r\ncontent-length: 5\r\n\r\n$/,
    ],
    ['length 0', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', /content-length: 0\r\n\r\n$/],
  ])('without a body (%s) keeps both connections', async (_what, method, answer, expected) => {
    const target = await rawOrigin(textTarget((_heard, socket) => socket.write(answer)))
    const { port } = await startProxy([target])
    const client = rawClient(port)
    for (let turn = 1; turn <= 3; turn += 1) {
      client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
      await until(
        () => (client.received().match(/HTTP\/1\.1/g) ?? []).length === turn && client.received().endsWith('\r\n\r\n'),
        'the answer',
      )
      expect(client.received()).toMatch(expected)
    }
    expect(target.connections()).toBe(1)
  })

  it('in chunks goes on as it came, without its trailers, and the next one finds its place', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n'
    const target = await rawOrigin((socket) =>
      socket.on('data', () => {
        const bytes = Array.from(chunked)
        const next = () => {
          const byte = bytes.shift()
          if (byte !== undefined) socket.write(byte, () => setImmediate(next))
        }
        next()
      }),
    )
    const { port } = await startProxy([target])
    const client = rawClient(port)
    for (const times of [1, 2]) {
      client.send(GET)
      await until(() => (client.received().match(/5\r\nhello\r\n0\r\n\r\n/g) ?? []).length === times, 'the chunks')
    }
    expect(client.received()).not.toMatch(/trailer/i)
    expect(target.connections()).toBe(1)
  })

  it('that ends with its connection gets chunks, so that a break would be seen', async () => {
    const target = await rawOrigin(textTarget((_heard, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')))
    const { port } = await startProxy([target])
    const client = rawClient(port)
    for (const times of [1, 2]) {
      client.send(GET)
      await until(() => (client.received().match(/9\r\nall of it\r\n0\r\n\r\n/g) ?? []).length === times, 'the chunks')
    }
    expect(client.closed()).toBe(false)
  })

  it('is not taken from what comes before it: 100, 102 and 103', async () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    const { url } = await startProxy([await rawOrigin(textTarget((_heard, socket) => socket.write(interim + OK)))])
    expect(await (await request(url)).body.text()).toBe('ok')
  })

  it('that never comes, for all the interim ones before it, is a broken target', async () => {
    const flood = await rawOrigin(textTarget((_heard, socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100))))
    const good = await httpOrigin((_incoming, response) => response.end('good'))
    const { url, of } = await startProxy([flood, good])
    expect(await (await request(url)).body.text()).toBe('good')
    expect(of('request-retried')).toMatchObject([{ failure: { reason: 'protocol' } }])
  })

  it('that comes before the request is complete is the answer, and its connection is not used again', async () => {
    const early = await rawOrigin((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch')),
    )
    const { port } = await startProxy([early])
    const client = rawClient(port)
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(1_000)}`)
    await client.hears(/413 [\s\S]*much$/)
    client.send(`${'x'.repeat(199_000)}POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx`)
    await client.hears(/413 [\s\S]*413 [\s\S]*much$/)
    expect(early.connections()).toBe(2)
  })
})

describe('a load that is ended in the middle of its answers', () => {
  it('leaves nothing behind, ten times over', async () => {
    const origin = await endlessOrigin()
    const { port, url, proxy, of } = await startProxy([origin], { maxConnectionsPerTarget: 16 })
    for (let round = 0; round < 10; round += 1) {
      const clients = Array.from({ length: 16 }, () => rawClient(port))
      for (const { socket } of clients) {
        socket.pause()
        socket.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
      }
      await until(() => origin.open() === 16, 'sixteen answers under way')
      for (const { socket } of clients) socket.resetAndDestroy()
      await until(() => origin.open() === 0 && proxy.active === 0, 'all of them ended')
      const answers = await Promise.all(Array.from({ length: 16 }, async () => (await request(`${url}/small`)).body.text()))
      expect(answers).toEqual(Array.from({ length: 16 }, () => 'ok'))
    }
    expect(of('request-finished').filter(({ outcome }) => outcome === 'client-gone')).toHaveLength(160)
  })
})
