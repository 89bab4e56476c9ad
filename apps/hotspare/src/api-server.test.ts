import { createServer } from 'node:net'
import { apiPaths, statusSchema, targetExplanationSchema, targetStatusSchema, timelineSchema } from '@hotspare/api'
import { createClient } from '@hotspare/api/client'
import { errorText, silentLogger, systemClock } from '@hotspare/core'
import { recordingLogger } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeBackend, FakeWatch, rawConnection, rawExchange, rawRequest, startApi, until } from './api-server.fixture.ts'
import { createApiServer } from './api-server.ts'
import { Redactor } from './config/redactor.ts'
import { Timeline } from './timeline.ts'

const TOKEN = 'open-sesame-and-more'
const problemOf = async (answer: Response): Promise<unknown> => [answer.status, await answer.json()]

describe('what it refuses', () => {
  it.each([
    ['GET', '/', 'there is no GET /'],
    ['GET', '/api/v1/nothing?x=1', 'there is no GET /api/v1/nothing?x=1'],
    ['PUT', apiPaths.status, 'there is no PUT /api/v1/status'],
    ['POST', apiPaths.status, 'there is no POST /api/v1/status'],
    ['DELETE', apiPaths.target('shop/a'), 'there is no DELETE /api/v1/targets/shop%2Fa'],
    ['OPTIONS', apiPaths.status, 'there is no OPTIONS /api/v1/status'],
    ['GET', apiPaths.drain('shop/a'), 'there is no GET /api/v1/targets/shop%2Fa/drain'],
    ['GET', '/api/v1/targets/shop/a', 'there is no GET /api/v1/targets/shop/a'],
  ])('%s %s is not there, and it says so', async (method, path, error) => {
    const { url, backend } = await startApi()
    expect(await problemOf(await fetch(`${url}${path}`, { method }))).toEqual([404, { error }])
    expect(backend.calls).toEqual([])
  })

  it.each([
    ['GET', apiPaths.target('shop/b')],
    ['POST', apiPaths.drain('shop/b')],
    ['DELETE', apiPaths.drain('shop/b')],
  ])('%s %s names the target that was probably meant', async (method, path) => {
    const { url } = await startApi()
    expect(await problemOf(await fetch(`${url}${path}`, { method }))).toEqual([
      404,
      { error: 'there is no target "shop/b"', hint: 'did you mean "shop/a"?' },
    ])
  })

  it('an id that is like no other lists those that there are', async () => {
    const { url } = await startApi()
    expect(await problemOf(await fetch(`${url}${apiPaths.target('database/primary')}`))).toEqual([
      404,
      { error: 'there is no target "database/primary"', hint: 'targets: shop/a, shop/10.0.0.2:8080' },
    ])
  })

  it.each(['after=-1', 'after=x', 'after=1.5', 'limit=0', 'limit=many', 'after=1&after=2'])('the query %s is a bad one', async (query) => {
    const { url } = await startApi()
    for (const path of [apiPaths.timeline, apiPaths.events]) {
      const answer = await fetch(`${url}${path}?${query}`)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toEqual({ error: expect.stringMatching(/after|limit/) })
    }
  })

  it('an id that is longer than any is not looked for', async () => {
    const { url } = await startApi()
    const answer = await fetch(`${url}${apiPaths.target('a'.repeat(400))}`)
    expect(await problemOf(answer)).toEqual([414, { error: 'the path cannot be read' }])
  })

  it.each(['/api/v1/targets/%', '/api/v1/targets/%zz', '/api/v1/targets/%c3', '/%'])(
    'the malformed encoding of %s is a bad request',
    async (path) => {
      const { port } = await startApi()
      const answer = await rawRequest(port, `GET ${path}`)
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer).toMatch(/\r\n\r\n\{"error":"the path cannot be read"\}$/)
    },
  )

  it('a body that is too large, announced or not, is not read to its end', async () => {
    const { url, backend, port } = await startApi()
    const path = apiPaths.drain('shop/a')
    const announced = await fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(65_537) })
    expect(announced.status).toBe(413)
    expect(await announced.json()).toEqual({ error: expect.stringMatching(/too large/) })
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`
    expect(await rawExchange(port, `${head}${chunk.repeat(3)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
    expect(backend.calls).toEqual([])
  })

  it.each([
    'this is no HTTP\r\n\r\n',
    'FROB / HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    `GET / HTTP/1.1\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`,
  ])('what is no request is cut off, and others go on (%#)', async (bytes) => {
    const { port, url } = await startApi()
    expect(await rawExchange(port, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('its own failure shows in the log, and not to whoever asked', async () => {
    const logger = recordingLogger()
    const { url, backend } = await startApi({ logger })
    backend.failure = new Error('the index of row 7 is off')
    expect(await problemOf(await fetch(`${url}${apiPaths.status}`))).toEqual([
      500,
      { error: 'something went wrong inside; the log says what' },
    ])
    expect(logger.records).toEqual([{ level: 'error', fields: { error: 'the index of row 7 is off' }, message: 'the API failed' }])
  })
})

describe('who it refuses', () => {
  it('whoever has no token, on every path but the open ones, and does nothing for them', async () => {
    const { url, backend, port } = await startApi({ token: TOKEN })
    for (const path of [apiPaths.metrics, apiPaths.status, apiPaths.timeline, apiPaths.events, apiPaths.target('shop/a'), '/nothing']) {
      const answer = await fetch(`${url}${path}`)
      expect([path, answer.status, await answer.json()]).toEqual([path, 401, { error: 'a token is needed: Authorization: Bearer TOKEN' }])
    }
    for (const method of ['POST', 'DELETE']) expect((await fetch(`${url}${apiPaths.drain('shop/a')}`, { method })).status).toBe(401)
    expect(await rawRequest(port, 'POST /api/v1/targets/shop%2Fa/drain', 'Authorization: Bearer wrong')).toMatch(/^HTTP\/1\.1 401 /)
    expect(backend.calls).toEqual([])
  })

  it.each([
    'GET /healthz/../api/v1/status',
    'GET //healthz',
    'GET /healthz%2f..%2fapi%2fv1%2fstatus',
    'GET /healthz/%2e%2e/api/v1/status',
    'GET /api/v1/status?/healthz',
    'GET /api/v1/status#/healthz',
    'GET /api/v1/status;/healthz',
    'GET /./api/v1/status',
    'GET http://127.0.0.1/api/v1/status',
    'GET http://healthz/api/v1/status',
    'OPTIONS *',
    'GET /api/v1/targets/%',
    'GET /healthz%',
  ])('%s leads past no token', async (line) => {
    const { port } = await startApi({ token: TOKEN })
    const answer = await rawRequest(port, line)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).not.toMatch(/web-1/)
  })

  it('a page of another origin, and a name that was bent to loopback', async () => {
    const { port, backend } = await startApi()
    expect(await rawRequest(port, 'POST /api/v1/targets/shop%2Fa/drain', 'Origin: http://attacker.example')).toMatch(/^HTTP\/1\.1 403 /)
    const rebound = 'POST /api/v1/targets/shop%2Fa/drain HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n'
    expect(await rawExchange(port, rebound)).toMatch(/^HTTP\/1\.1 403 .*this API answers to localhost/s)
    expect(backend.calls).toEqual([])
  })

  it('nobody at /healthz and /readyz, with a query or without', async () => {
    const { url } = await startApi({ token: TOKEN })
    for (const path of ['/healthz', '/readyz', '/healthz?from=balancer', '/readyz?'])
      expect((await fetch(`${url}${path}`)).status).toBe(200)
  })
})

describe('what it answers', () => {
  it('that it is alive, and whether it is ready and why not', async () => {
    const { url, backend } = await startApi()
    expect(await problemOf(await fetch(`${url}${apiPaths.health}`))).toEqual([200, { status: 'ok' }])
    expect(await problemOf(await fetch(`${url}${apiPaths.ready}`))).toEqual([200, { ready: true, notReady: [] }])
    backend.ready = false
    expect(await problemOf(await fetch(`${url}${apiPaths.ready}`))).toEqual([
      503,
      { ready: false, notReady: ['pool shop: no target is up'] },
    ])
    expect((await fetch(`${url}${apiPaths.health}`)).status).toBe(200)
  })

  it('its status, an explanation, a drain and its end, as the contract has them', async () => {
    const { url, backend } = await startApi()
    expect(statusSchema.parse(await (await fetch(`${url}${apiPaths.status}`)).json())).toEqual(backend.status())
    const explained = await (await fetch(`${url}${apiPaths.target('shop/10.0.0.2:8080')}`)).json()
    expect(targetExplanationSchema.parse(explained)).toEqual(backend.explain('shop/10.0.0.2:8080'))
    const drain = `${url}${apiPaths.drain('shop/a')}`
    expect(targetStatusSchema.parse(await (await fetch(drain, { method: 'POST' })).json()).state).toBe('draining')
    expect(targetStatusSchema.parse(await (await fetch(drain, { method: 'DELETE' })).json()).state).toBe('up')
    expect(backend.calls).toEqual(['drain shop/a', 'undrain shop/a'])
  })

  it.each([
    ['POST', 'application/json', '{"a":1}'],
    ['POST', 'application/json', 'no JSON'],
    ['POST', 'application/x-www-form-urlencoded', 'a=1'],
    ['DELETE', 'application/json', ''],
    ['DELETE', 'text/plain', 'why not'],
  ])('a %s of %s with a body that nobody needs ("%s")', async (method, type, body) => {
    const { url, backend } = await startApi()
    const answer = await fetch(`${url}${apiPaths.drain('shop/a')}`, { method, body, headers: { 'content-type': type } })
    expect(answer.status).toBe(200)
    expect(backend.calls).toHaveLength(1)
  })

  it('its timeline, from where and as much as it is asked', async () => {
    const { url, timeline } = await startApi()
    for (let at = 1; at <= 5; at++) timeline.record({ type: 'daemon-stopping', at, because: 'x' })
    const sequences = async (query: string) =>
      timelineSchema.parse(await (await fetch(`${url}${apiPaths.timeline}${query}`)).json()).entries.map(({ sequence }) => sequence)
    expect(await sequences('')).toEqual([1, 2, 3, 4, 5])
    expect(await sequences('?after=3')).toEqual([4, 5])
    expect(await sequences('?after=1&limit=2&more=1')).toEqual([2, 3])
    expect(await sequences('?after=5')).toEqual([])
  })

  it('its metrics in the type that Prometheus asks for', async () => {
    const { url } = await startApi()
    const answer = await fetch(`${url}${apiPaths.metrics}`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await answer.text()).toContain('x{because="it answers"} 12345678\n')
  })

  it('HEAD as GET, without the body', async () => {
    const { port } = await startApi()
    for (const path of [apiPaths.health, apiPaths.ready, apiPaths.metrics, apiPaths.status, apiPaths.timeline, apiPaths.target('shop/a')]) {
      const answer = await rawRequest(port, `HEAD ${path}`)
      expect([path, answer]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s)])
    }
  })

  it('with headers that keep answers out of caches and browsers from guessing', async () => {
    const { url } = await startApi()
    for (const path of [apiPaths.status, '/nothing', '/%']) {
      const { headers } = await fetch(`${url}${path}`)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('the client of the contract, with a token', async () => {
    const { url } = await startApi({ token: TOKEN })
    expect((await createClient({ url, token: TOKEN }).status()).node).toBe('web-1')
    await expect(createClient({ url }).status()).rejects.toMatchObject({ code: 'HOTSPARE_API_REFUSED' })
  })
})

describe('a secret', () => {
  it('shows nowhere, in whatever answer it turns up', async () => {
    const { url, backend, timeline, redactor } = await startApi()
    const secret = 'hunter2"\\/ü'
    redactor.add(secret)
    backend.because = `POST to https://example.com/${secret} failed`
    timeline.record({ type: 'daemon-stopping', at: 1, because: `the word was ${secret}` })
    const paths = [
      apiPaths.status,
      apiPaths.target('shop/a'),
      apiPaths.timeline,
      apiPaths.metrics,
      `/nothing/${encodeURIComponent(secret)}`,
    ]
    for (const path of [...paths, apiPaths.target(secret)]) {
      const text = await (await fetch(`${url}${path}`)).text()
      expect([path, text]).toEqual([path, expect.stringContaining('[redacted]')])
      expect([path, text]).toEqual([path, expect.not.stringMatching(/hunter2/)])
    }
  })

  // Once the mask was put into the finished JSON, and a secret of digits, or one that is a key, broke it.
  it.each(['1700', 'since', 'true', '":"it', 'null', '[redacted]', 'nit '])('that is "%s" leaves the answer readable', async (secret) => {
    const { url, backend, timeline, redactor } = await startApi()
    redactor.add(secret)
    backend.because = `told: ${secret} and \nit `
    timeline.record({ type: 'daemon-stopping', at: 1_700_000_000_000, because: secret })
    const status = statusSchema.parse(await (await fetch(`${url}${apiPaths.status}`)).json())
    expect(status.pools[0]?.targets[0]).toMatchObject({ since: 1, because: expect.stringContaining('told: [redacted]') })
    const { entries } = timelineSchema.parse(await (await fetch(`${url}${apiPaths.timeline}`)).json())
    expect(entries).toMatchObject([{ at: 1_700_000_000_000, because: '[redacted]' }])
  })

  it('of digits leaves the numbers of the metrics alone', async () => {
    const { url, backend, redactor } = await startApi()
    redactor.add('3456')
    backend.because = '3456'
    expect(await (await fetch(`${url}${apiPaths.metrics}`)).text()).toContain('x{because="[redacted]"} 12345678\n')
  })
})

describe('its life', () => {
  it('a port in use is an error with a hint, and nothing stays open', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const listen = { host: '127.0.0.1', port }
    const timeline = new Timeline({ keep: 1, logger: silentLogger })
    const api = createApiServer({
      listen,
      token: undefined,
      backend: new FakeBackend(),
      watch: new FakeWatch(),
      redactor: new Redactor(),
      clock: systemClock,
      logger: silentLogger,
      timeline,
    })
    const error: unknown = await api.start().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'HOTSPARE_APP_LISTEN' })
    expect(errorText(error)).toBe(`api: cannot listen on 127.0.0.1:${port}: another process listens there; stop it or set \`api.listen\``)
    expect(api.address).toBeUndefined()
    await api.stop()
    await api.stop()
  })

  it('an address that is not ours is an error that says so', async () => {
    const timeline = new Timeline({ keep: 1, logger: silentLogger })
    const listen = { host: '192.0.2.1', port: 0 }
    const api = createApiServer({
      listen,
      token: 'x',
      backend: new FakeBackend(),
      watch: new FakeWatch(),
      redactor: new Redactor(),
      clock: systemClock,
      logger: silentLogger,
      timeline,
    })
    await expect(api.start()).rejects.toMatchObject({ code: 'HOTSPARE_APP_LISTEN', message: expect.stringContaining('EADDRNOTAVAIL') })
    await api.stop()
  })

  it('stops at once, twice, and without having been started', async () => {
    const { api, port } = await startApi()
    await Promise.all([api.stop(), api.stop()])
    await api.stop()
    expect(api.address).toBeUndefined()
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
    const timeline = new Timeline({ keep: 1, logger: silentLogger })
    const listen = { host: '127.0.0.1', port: 0 }
    await createApiServer({
      listen,
      token: undefined,
      backend: new FakeBackend(),
      watch: new FakeWatch(),
      redactor: new Redactor(),
      clock: systemClock,
      logger: silentLogger,
      timeline,
    }).stop()
  })

  // Once either held its connection for ever.
  it.each([
    ['does not go on with', 'GET /healthz HTTP/1.1\r\nhost: '],
    ['does not begin', ''],
  ])('a client that %s its request is cut off, and one that follows events is not', async (_what, bytes) => {
    const { port, url, timeline } = await startApi({ patienceMs: 200 })
    const events = createClient({ url }).events({ after: 0 })
    timeline.record({ type: 'daemon-stopping', at: 1, because: 'first' })
    await events.next()
    const socket = await rawConnection(port)
    socket.resume()
    socket.write(bytes)
    await until(() => socket.closed, 'the client is cut off')
    timeline.record({ type: 'daemon-stopping', at: 2, because: 'second' })
    expect((await events.next()).value).toMatchObject({ because: 'second' })
    await events.return(undefined)
  })

  // Once any of them held up the end of the daemon for as long as it liked.
  it.each([
    ['has sent nothing yet', ''],
    ['has sent half a request', 'GET /healthz HTTP/1.1\r\nhost: '],
    ['has sent half a body', 'POST /api/v1/targets/shop%2Fa/drain HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf'],
  ])('stops although a client %s', async (_what, bytes) => {
    const { api, port } = await startApi()
    const socket = await rawConnection(port)
    socket.resume()
    if (bytes !== '') await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
    await api.stop()
    await until(() => socket.closed, 'the client is cut off')
    expect(api.address).toBeUndefined()
  })
})
