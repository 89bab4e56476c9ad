import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { httpOrigin, type Origin, startProxy, rawOrigin, until } from '../origins.fixture.ts'
import { rawClient, textTarget } from './raw-client.fixture.ts'

/** Says back what it was asked. */
function echo(): Promise<Origin> {
  return httpOrigin((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => response.end(`<${incoming.method} ${incoming.url} ${Buffer.concat(chunks).toString('latin1')}>`))
  })
}

describe('requests that come behind one another in one packet', () => {
  const three =
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\r\nPOST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n'
  const last = 'GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const answers = (received: string) => received.match(/<[^>]*>/g)

  it('are answered in their order', async () => {
    const { port, of } = await startProxy([await echo()])
    const client = rawClient(port)
    client.send(three + last)
    await until(client.closed, 'the end')
    expect(answers(client.received())).toEqual(['<GET /1 >', '<POST /2 abc>', '<POST /3 xyz>', '<GET /4 >'])
    expect(of('request-finished').map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'answered', 'answered'])
  })

  it('are answered wherever the network cuts them', async () => {
    const { port } = await startProxy([await echo()])
    const text = three + last
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const client = rawClient(port)
        let from = 0
        for (const to of [...places.toSorted((one, other) => one - other), text.length]) {
          client.send(text.slice(from, to))
          await new Promise((resolve) => setImmediate(resolve))
          from = to
        }
        await until(client.closed, 'the end')
        expect(answers(client.received())).toEqual(['<GET /1 >', '<POST /2 abc>', '<POST /3 xyz>', '<GET /4 >'])
      }),
      { numRuns: 40 },
    )
  })

  it('wait in the network when there are too many of them, and are lost to nobody', async () => {
    const { port } = await startProxy([await echo()])
    const client = rawClient(port)
    const count = 1_000
    for (let number = 0; number < count; number += 1) client.send(`GET /${number} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.hears(/GET \/999 >/)
    expect(answers(client.received())).toEqual(Array.from({ length: count }, (_none, number) => `<GET /${number} >`))
  })
})

describe('a client that expects 100', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n'

  it.each([
    ['small', 3],
    ['larger than what is kept', 100_000],
  ])('is told to go on before it sends a body that is %s', async (_what, bytes) => {
    const { port } = await startProxy([await echo()])
    const client = rawClient(port)
    client.send(`${head}Content-Length: ${bytes}\r\n\r\n`)
    await client.hears(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    client.send('x'.repeat(bytes))
    await client.hears(new RegExp(`<POST / x{${bytes}}>`))
    client.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.hears(/<GET \/next >/)
    expect(client.received().match(/100 Continue/g)).toHaveLength(1)
  })

  it('is not told to when there is nobody to take it, and its connection ends with the answer', async () => {
    const { port } = await startProxy([])
    const client = rawClient(port)
    client.send(`${head}Content-Length: 100000\r\n\r\n`)
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/)
  })
})

describe('a client of HTTP/1.0', () => {
  it('gets chunks taken off, and the end of the connection as the end', async () => {
    const origin = await httpOrigin((_incoming, response) => {
      response.write('one ')
      response.end('two')
    })
    const { port } = await startProxy([origin])
    const client = rawClient(port)
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/connection: close\r\n\r\none two$/)
    expect(client.received()).not.toMatch(/transfer-encoding/i)
  })

  it('has its connection closed with an answer of the proxy itself', async () => {
    const { port } = await startProxy([])
    const client = rawClient(port)
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/)
  })

  it('keeps its connection if it asks for that and the answer has a length', async () => {
    const { port } = await startProxy([await echo()])
    const client = rawClient(port)
    client.send('GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    await client.hears(/connection: keep-alive[\s\S]*<GET \/1 >/)
    client.send('GET /2 HTTP/1.0\r\n\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/<GET \/2 >$/)
  })
})

describe('a client that is slow', () => {
  it.each([
    ['sends half a head', 'GET / HTTP/1.1\r\nHost', /^HTTP\/1\.1 408 /],
    ['sends half a body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab', /^HTTP\/1\.1 408 /],
    ['sends nothing', '', /^$/],
    ['sends an empty line', '\r\n', /^$/],
  ])('and %s is told so, or let go', async (_what, text, expected) => {
    const { port } = await startProxy([await echo()], { headersTimeoutMs: 60, idleTimeoutMs: 60 })
    const client = rawClient(port)
    client.send(text)
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(expected)
  })

  it('and drips its head is not waited for longer than one that is silent', async () => {
    const { port, of } = await startProxy([await echo()], { headersTimeoutMs: 100 })
    const client = rawClient(port)
    const drip = setInterval(() => client.send('x'), 10)
    client.send('GET / HTTP/1.1\r\nX: ')
    await until(client.closed, 'the end').finally(() => clearInterval(drip))
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
    expect(of('request-finished')).toMatchObject([{ outcome: 'refused', status: 408 }])
  })

  it('and stops in an upload that streams costs its target nothing but that', async () => {
    let whole = false
    const origin = await httpOrigin(
      (incoming) =>
        void incoming
          .resume()
          .on('end', () => (whole = true))
          .on('error', () => {}),
    )
    const { port, of, proxy } = await startProxy([origin], { idleTimeoutMs: 80, firstByteTimeoutMs: 40 })
    const client = rawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
    expect(of('attempt-finished')).toEqual([])
    expect(proxy.active).toBe(0)
    expect(whole).toBe(false)
  })

  it('is let go when its connection has been idle for too long, without a word', async () => {
    const { port } = await startProxy([await echo()], { keepAliveTimeoutMs: 60 })
    const client = rawClient(port)
    client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*<GET \/1 >$/)
  })

  it('and does not read its answer is let go at last, and its target with it', async () => {
    let open = 0
    const endless = await rawOrigin((socket) => {
      open += 1
      socket.once('close', () => (open -= 1))
      const pump = () => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
      }
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.on('drain', pump)
        pump()
      })
    })
    const { port, of } = await startProxy([endless], { idleTimeoutMs: 200 })
    const client = rawClient(port)
    client.socket.pause()
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => of('request-finished').length === 1, 'the end')
    expect(of('request-finished')).toMatchObject([{ outcome: 'client-gone' }])
    await until(() => open === 0, 'the target let go')
  })
})

describe('a body that is none', () => {
  it('is refused, and what its target has got by then ends with a reset', async () => {
    const ends: string[] = []
    const target = await rawOrigin((socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''))
      socket.on('end', () => ends.push('end'))
      socket.resume()
    })
    const { port, of } = await startProxy([target])
    const client = rawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    await until(() => target.connections() === 1, 'the first chunk on its way')
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.send('5\r\nhelloXX\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 /)
    expect(client.received().match(/HTTP\/1\.1/g)).toHaveLength(1)
    await until(() => ends.length === 1, 'the end at the target')
    expect(ends).toEqual(['ECONNRESET'])
    expect(of('request-finished')).toMatchObject([{ outcome: 'refused', status: 400 }])
  })
})

describe('a target that does not read', () => {
  it('holds the client back, and gives it free when it reads on', async () => {
    let readOn = (): void => {}
    const deaf = await rawOrigin((socket) => {
      socket.pause()
      readOn = () => {
        let heard = 0
        socket.on('data', (data) => {
          heard += data.length
          if (heard > 50_000_000) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        })
        socket.resume()
      }
    })
    const { port } = await startProxy([deaf])
    const client = rawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n')
    const piece = Buffer.alloc(100_000)
    let written = 0
    const pump = () => {
      while (written < 50_000_000) {
        written += piece.length
        if (!client.socket.write(piece)) return
      }
    }
    client.socket.on('drain', pump)
    pump()
    let looks = 0
    let before = -1
    await until(() => {
      looks = before === written ? looks + 1 : 0
      before = written
      return looks === 20
    }, 'a standstill')
    expect(written).toBeLessThan(40_000_000)
    readOn()
    await client.hears(/ok$/)
  })
})

describe('what a target is told', () => {
  it('is the request in our words, chunks as they came, and no trailers', async () => {
    let heard = ''
    const target = await rawOrigin(
      textTarget((text, socket) => {
        heard = text
        if (text.endsWith('0\r\n\r\n')) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      }),
    )
    const { port } = await startProxy([target])
    const client = rawClient(port)
    client.send(
      'POST /x HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n',
    )
    await client.hears(/^HTTP\/1\.1 204 /)
    expect(heard).toMatch(/^POST \/x HTTP\/1\.1\r\n[\s\S]*transfer-encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\n\r\n$/)
    expect(heard).not.toMatch(/trailer/i)
  })
})
