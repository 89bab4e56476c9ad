import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { createProxy, type GivenAnswer, type Picked } from './index.ts'
import { exchangeRaw, httpOrigin, startProxy, until } from './origins.fixture.ts'
import { rawClient } from './wire/raw-client.fixture.ts'

const answers = (answer: GivenAnswer, reason = 'it is so'): Picked => ({ answer: { ...answer, reason } })

describe('an answer of the picker that cannot be written', () => {
  it.each([
    ['a status that ends nothing', { status: 100 }],
    ['a status beyond all', { status: 600 }],
    ['half a status', { status: 200.5 }],
    ['no status', { status: Number.NaN }],
    ['a line break in a value', { status: 200, headers: { location: 'https://a\r\nset-cookie: b' } }],
    ['a line break in one of several', { status: 200, headers: { 'set-cookie': ['a=b', 'c\nd'] } }],
    ['a NUL', { status: 200, headers: { a: '\0' } }],
    ['what is no byte', { status: 200, headers: { a: '\u2603' } }],
    ['a value that is no text', { status: 200, headers: { a: 1 as unknown as string } }],
    ['a name with a colon', { status: 200, headers: { 'a:': 'b' } }],
    ['no name', { status: 200, headers: { '': 'b' } }],
    ['a length of its own', { status: 200, headers: { 'Content-Length': '3' } }],
    ['chunks', { status: 200, headers: { 'transfer-encoding': 'chunked' } }],
    ['an end of the connection', { status: 200, headers: { connection: 'close' } }],
    ['a body where there is none', { status: 204, body: 'x' }],
    ['a body that is neither text nor bytes', { status: 200, body: { a: 1 } as unknown as string }],
  ])('with %s is a 500 and told as the picker’s fault; the next request on the connection is served', async (_what, answer) => {
    const state = { answer: answer as GivenAnswer }
    const { port, of } = await startProxy([], { pick: () => answers(state.answer) })
    const client = rawClient(port)
    client.send('GET /a HTTP/1.1\r\nhost: a\r\n\r\n')
    await client.hears(/^HTTP\/1\.1 500 [^]*\n$/)
    state.answer = { status: 200, body: 'fine' }
    client.send('GET /b HTTP/1.1\r\nhost: a\r\n\r\n')
    await client.hears(/fine$/)
    const problem = expect.stringMatching(/^the picker failed: its answer cannot be written: /) as string
    expect(of('request-finished')).toMatchObject([
      { outcome: 'refused', status: 500, because: problem, reason: 'picker-failed' },
      { outcome: 'answered-here', status: 200, because: 'it is so', reason: 'answered-here', attempts: 0 },
    ])
    expect(of('request-finished')[0]?.because).not.toMatch(/https:|c\nd/)
  })
})

describe('an answer of the picker', () => {
  it.each([
    ['GET', { status: 200, body: 'grüße' }, '200 OK', 'content-length: 7', Buffer.from('grüße').toString('latin1')],
    ['HEAD', { status: 200, body: 'grüße' }, '200 OK', 'content-length: 7', ''],
    ['GET', { status: 200, body: Buffer.from([0, 255, 13, 10]) }, '200 OK', 'content-length: 4', '\0\u00ff\r\n'],
    [
      'GET',
      { status: 308, headers: { Location: '/x', 'set-cookie': ['a=1', 'b=2'] } },
      '308 Permanent Redirect',
      'Location: /x\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0',
      '',
    ],
    ['GET', { status: 299 }, '299 ', 'content-length: 0', ''],
  ] as const)('to %s goes with its length and a date, and the connection stays: %j', async (method, answer, line, fields, body) => {
    const { port } = await startProxy([], { pick: () => answers(answer) })
    const client = rawClient(port)
    for (const count of [1, 2]) {
      client.send(`${method} / HTTP/1.1\r\nhost: a\r\n\r\n`)
      const date = 'date: [A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [\\d:]{8} GMT'
      await client.hears(new RegExp(`^(?:HTTP/1\\.1 ${line}\\r\\n${fields}\\r\\n${date}\\r\\n\\r\\n${body}){${count}}$`))
    }
    expect(client.closed()).toBe(false)
  })

  it.each([204, 304])('with %d has neither body nor length, and the next one is read right behind it', async (status) => {
    const { port } = await startProxy([], { pick: () => answers({ status }) })
    const heard = await exchangeRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(2)
    expect(heard).not.toMatch(/content-length|[^\n]HTTP/)
  })

  it('keeps a date of its own', async () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
    const { url } = await startProxy([], { pick: () => answers({ status: 200, headers: { Date: date } }) })
    expect((await request(url)).headers['date']).toBe(date)
  })

  it('may come later, and comes to a WebSocket too, which is none then', async () => {
    const { port, of } = await startProxy([], { pick: () => Promise.resolve(answers({ status: 302, headers: { location: '/' } })) })
    const heard = await exchangeRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    expect(heard).toMatch(/^HTTP\/1\.1 302 /)
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered-here', status: 302, attempts: 0 }])
  })

  it('to a client that is still sending ends the connection, or nobody would know where the next request begins', async () => {
    const { port } = await startProxy([], { pick: () => answers({ status: 200 }) })
    const client = rawClient(port)
    client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n')
    await client.hears(/connection: close/)
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('can be the last word after an attempt that failed', async () => {
    const dead = await httpOrigin(() => {})
    await dead.kill()
    const pick = ({ exclude }: { readonly exclude: ReadonlySet<string> }): Picked =>
      exclude.size > 0 ? answers({ status: 200, body: 'sorry' }) : { target: dead, reason: '', done: () => {} }
    const { url, of } = await startProxy([], { pick })
    expect(await (await request(url)).body.text()).toBe('sorry')
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered-here', attempts: 1, targetId: dead.id }])
  })

  // Once a refusal was done as soon as it was written: who asked a thousand times and read nothing made us hold it all.
  it('of a size is not answered again before the client has taken it', async () => {
    const picks = { count: 0 }
    const body = Buffer.alloc(4 * 1024 * 1024)
    const { port, of } = await startProxy([], {
      pick: () => {
        picks.count += 1
        return answers({ status: 200, body })
      },
    })
    const client = rawClient(port)
    client.socket.pause()
    client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(100))
    await until(() => picks.count > 0, 'the first answer')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(picks.count).toBeLessThan(3)
    expect(of('request-finished').length).toBeLessThan(2)
    client.socket.destroy()
  })
})

describe('error pages', () => {
  const page = { contentType: 'text/html; charset=utf-8', body: '<h1>Wir kommen wieder: ü</h1>' }

  it.each([
    [{ 200: page }, 'errorPages.200'],
    [{ 503: { ...page, contentType: 'a\r\nb: c' } }, 'errorPages.503: the header content-type'],
    [{ 999: page }, 'errorPages.999'],
  ])('that cannot be written are refused: %j', (errorPages, message) => {
    expect(() => createProxy({ port: 0, pick: () => undefined, errorPages })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_PROXY_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  it('stand in for the line of text, in their own status alone, and change nothing else', async () => {
    const { url, port, of } = await startProxy([], { errorPages: { 503: page, 400: { ...page, body: 'bad' } } })
    const answer = await request(url)
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['retry-after'], answer.headers['cache-control']]).toEqual([
      503,
      'text/html; charset=utf-8',
      '1',
      'no-store',
    ])
    expect(await answer.body.text()).toBe(page.body)
    expect((await request(url, { method: 'HEAD' })).headers['content-length']).toBe(String(Buffer.byteLength(page.body)))
    expect(await exchangeRaw(port, 'nonsense\r\n\r\n')).toMatch(/bad$/)
    expect(await (await request(url, { method: 'TRACE' })).body.text()).toMatch(/^hotspare: 405/)
    expect(of('request-finished')).toMatchObject([
      { outcome: 'refused', reason: 'no-target' },
      { outcome: 'refused' },
      { outcome: 'refused', status: 400 },
      { status: 405 },
    ])
  })
})
