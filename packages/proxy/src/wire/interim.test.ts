import { describe, expect, it } from 'vitest'
import { httpOrigin, rawOrigin, startProxy, until } from '../origins.fixture.ts'
import { rawClient, textTarget } from './raw-client.fixture.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: X-Own\r\nX-Own: 1\r\n\r\n'
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Says this to each request. */
const saying = (text: string) => rawOrigin((socket) => socket.on('data', () => socket.write(text)))

describe('an answer before the answer', () => {
  it('goes on to a client of HTTP/1.1 without what was meant for one connection, and the answer finds its place behind it', async () => {
    const { port } = await startProxy([await saying(`HTTP/1.1 100 Continue\r\n\r\n${HINTS}HTTP/1.1 102 Processing\r\n\r\n${OK}`)])
    const client = rawClient(port)
    for (let turn = 1; turn <= 2; turn += 1) {
      client.send(GET)
      await until(() => (client.received().match(/ok/g) ?? []).length === turn, 'the answer')
    }
    const heads = client
      .received()
      .split(/(?=HTTP\/1\.1 )/)
      .map((head) => head.replaceAll(/^date: .*\r\n/gim, ''))
    const once = [
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n',
      'HTTP/1.1 102 Processing\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    ]
    expect(heads).toEqual([...once, ...once])
  })

  it('is kept from a client of HTTP/1.0, which knows none', async () => {
    const { port } = await startProxy([await saying(HINTS + OK)])
    const client = rawClient(port)
    client.send('GET / HTTP/1.0\r\n\r\n')
    await until(client.closed, 'the end')
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
    expect(client.received()).not.toMatch(/103/)
  })

  it('keeps no request from being repeated: the answer may come from another target', async () => {
    const breaking = await rawOrigin((socket) =>
      socket.once('data', () => socket.write(HINTS, () => setTimeout(() => socket.resetAndDestroy(), 20))),
    )
    const good = await httpOrigin((_incoming, response) => response.end('good'))
    const { port } = await startProxy([breaking, good])
    const client = rawClient(port)
    client.send(GET)
    await client.hears(/good$/)
    expect(client.received().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 103', 'HTTP/1.1 200'])
  })
})

describe('the Date of an answer', () => {
  it.each([
    ['is added where the target has none', OK, /^date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/gim],
    ['is left as the target has it', OK.replace('\r\n', '\r\nDATE: yesterday\r\n'), /^date: yesterday\r$/gim],
  ])('%s', async (_what, answer, expected) => {
    const { port } = await startProxy([await rawOrigin(textTarget((_heard, socket) => socket.write(answer)))])
    const client = rawClient(port)
    client.send(GET)
    await client.hears(/ok$/)
    expect(client.received().match(expected)).toHaveLength(1)
    expect(client.received().match(/^date:/gim)).toHaveLength(1)
  })
})

describe('a target whose URL is none', () => {
  it.each(['', 'nowhere', 'ftp://127.0.0.1', 'http://', 'http://127.0.0.1:99999', 'http://[::1'])(
    'costs its request a 500 that says so, and no other one: %s',
    async (url) => {
      const good = await httpOrigin((_incoming, response) => response.end('good'))
      const outcomes: unknown[] = []
      const { port, of } = await startProxy([], {
        pick: ({ request }) => ({
          target: request.url === '/bad' ? { id: 'odd', url } : good,
          reason: 'test',
          done: (outcome) => outcomes.push(outcome),
        }),
      })
      const client = rawClient(port)
      client.send(GET.replace('/', '/bad'))
      await client.hears(/^HTTP\/1\.1 500 /)
      client.send(GET)
      await client.hears(/good$/)
      expect(of('request-finished')).toMatchObject([
        { outcome: 'refused', status: 500, targetId: 'odd', because: 'odd: the URL of the target is none of http or https' },
        { outcome: 'answered', status: 200 },
      ])
      expect(outcomes).toEqual([undefined, expect.objectContaining({ ok: true })])
    },
  )
})
