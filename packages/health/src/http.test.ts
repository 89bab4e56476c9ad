import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { timeoutError } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { httpProbe, httpProbeOptionsSchema } from './http.ts'
import { closedPort, hostileBehaviours, type LoopbackServer, loopbackServer, probeContract } from './testing/index.ts'

const timeoutMs = 15_000

function origin(answer: RequestListener): Promise<LoopbackServer> {
  return loopbackServer(createServer(answer))
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

probeContract({
  runner: { describe, it },
  name: 'httpProbe',
  healthy: async () => {
    const server = await origin((_request, response) => response.end('ready'))
    return { ...server, probe: httpProbe({ url: `http://127.0.0.1:${server.port}/`, expectBody: 'ready', timeoutMs }) }
  },
  dead: async () => ({
    probe: httpProbe({ url: `http://127.0.0.1:${await closedPort()}/`, timeoutMs }),
    close: () => Promise.resolve(),
  }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: httpProbe({ url: `http://127.0.0.1:${server.port}/`, timeoutMs: 100 }) }
  },
})

describe('the options of httpProbe', () => {
  const url = 'http://127.0.0.1/'

  it.each([
    { options: { url: 'no url' }, says: 'url: must be a URL' },
    { options: { url: 'ftp://127.0.0.1/' }, says: 'url: must begin with http:// or https://' },
    { options: { url: 'http://user:secret@127.0.0.1/' }, says: 'headers.authorization' },
    { options: { url, method: 'DELETE' }, says: 'method' },
    { options: { url, expectStatus: 99 }, says: 'expectStatus: must be statuses' },
    { options: { url, expectStatus: '299-200' }, says: 'expectStatus: must be statuses' },
    { options: { url, expectStatus: '' }, says: 'expectStatus: must be statuses' },
    { options: { url, method: 'HEAD', expectBody: 'x' }, says: 'expectBody: an answer to HEAD has no body' },
    { options: { url, headers: { Connection: 'keep-alive' } }, says: '"Connection": the probe sets it itself' },
    { options: { url, headers: { authorization: 'top-secret\n' } }, says: '"authorization": no line breaks' },
    { options: { url, timeout: 5 }, says: 'timeout' },
    { options: { url, tls: { verify: false } }, says: 'tls: ' },
  ])('rejects $options, and says where', ({ options, says }) => {
    const problem = thrownBy(() => httpProbe(options as never))
    expect(problem).toMatchObject({ code: 'HOTSPARE_HEALTH_OPTIONS' })
    expect(String(problem)).toContain(says)
    expect(String(problem)).not.toContain('secret')
  })

  it('fills in the documented defaults', () => {
    expect(httpProbeOptionsSchema.parse({ url })).toEqual({
      url,
      method: 'GET',
      headers: {},
      expectStatus: '200-399',
      degradedStatus: 429,
      followRedirects: 0,
      httpVersion: '1.1',
      warnDaysLeft: 14,
      timeoutMs: 500,
      maxBodyBytes: 65_536,
      maxHeaderBytes: 16_384,
      tls: {},
    })
  })

  it('shows an address without the query, where tokens stand', () => {
    expect(httpProbe({ url: 'https://shop.example/healthz?token=secret#top' }).address).toBe('https://shop.example/healthz')
  })
})

describe('httpProbe', () => {
  it.each([
    { status: 500, expectStatus: undefined, detail: '500 Internal Server Error, expected 200-399' },
    { status: 404, expectStatus: 200, detail: '404 Not Found, expected 200' },
    { status: 302, expectStatus: '200-299, 401', detail: '302 Found, expected 200-299, 401' },
  ])('fails on status $status where $expectStatus is expected', async ({ status, expectStatus, detail }) => {
    await using server = await origin((_request, response) => response.writeHead(status, { location: '/elsewhere' }).end())
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, expectStatus, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'status', detail })
  })

  it.each([
    { status: 200, expectStatus: undefined },
    { status: 204, expectStatus: undefined },
    { status: 302, expectStatus: undefined },
    { status: 401, expectStatus: '200-299,401' },
    { status: 503, expectStatus: 503 },
  ])('passes on status $status where $expectStatus is expected', async ({ status, expectStatus }) => {
    await using server = await origin((_request, response) => response.writeHead(status).end())
    expect(await httpProbe({ url: `http://127.0.0.1:${server.port}/`, expectStatus, timeoutMs }).run()).toMatchObject({ outcome: 'pass' })
  })

  it('does not follow a redirect', async () => {
    const asked: (string | undefined)[] = []
    await using server = await origin((request, response) => {
      asked.push(request.url)
      response.writeHead(301, { location: '/elsewhere' }).end()
    })
    await httpProbe({ url: `http://127.0.0.1:${server.port}/healthz?a=b`, timeoutMs }).run()
    expect(asked).toEqual(['/healthz?a=b'])
  })

  it('finds the expected text across chunks, and only within the limit', async () => {
    await using server = await origin((_request, response) => {
      response.write('status: re')
      setImmediate(() => response.end('ady'))
    })
    const url = `http://127.0.0.1:${server.port}/`
    expect(await httpProbe({ url, expectBody: 'ready', timeoutMs }).run()).toMatchObject({ outcome: 'pass', detail: '200 OK, 13 bytes' })
    expect(await httpProbe({ url, expectBody: 'ready', maxBodyBytes: 10, timeoutMs }).run()).toMatchObject({ reason: 'body' })
    expect(await httpProbe({ url, expectBody: 'grün', timeoutMs }).run()).toMatchObject({
      reason: 'body',
      detail: '200 OK, but the expected text is not in the body (13 bytes)',
    })
  })

  it('accepts a body that ends with the connection (HTTP/1.0)', async () => {
    await using server = await loopbackServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nready'))
    })
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, expectBody: 'ready', timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: '200 OK, 5 bytes' })
  })

  it('asks with its own headers under yours, on a new connection each time', async () => {
    const seen: IncomingHttpHeaders[] = []
    const ports = new Set<number | undefined>()
    await using server = await origin((request, response) => {
      seen.push(request.headers)
      ports.add(request.socket.remotePort)
      response.end()
    })
    const probe = httpProbe({ url: `http://127.0.0.1:${server.port}/`, headers: { Host: 'shop.example', 'User-Agent': 'mine' }, timeoutMs })
    await probe.run()
    await probe.run()
    expect(seen[0]).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'mine',
      host: 'shop.example',
      connection: 'close',
    })
    expect(ports.size).toBe(2)
  })

  it('judges HEAD by its header alone', async () => {
    await using server = await origin((_request, response) => response.writeHead(200, { 'content-length': 1_000 }).end())
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, method: 'HEAD', timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: '200 OK, 0 bytes' })
  })

  it("rejects with the caller's reason, also where that is the caller's own timeout", async () => {
    await using server = await loopbackServer(hostileBehaviours.silence)
    for (const reason of [timeoutError('the caller', 1), 'a plain word']) {
      const controller = new AbortController()
      const run = httpProbe({ url: `http://127.0.0.1:${server.port}/`, timeoutMs }).run({ signal: controller.signal })
      controller.abort(reason)
      await expect(run).rejects.toBe(reason)
    }
  })

  it('measures with the clock it was given', async () => {
    await using server = await loopbackServer(hostileBehaviours.silence)
    const clock = new TestClock()
    const run = httpProbe({ url: `http://127.0.0.1:${server.port}/`, timeoutMs: 300, clock }).run()
    await clock.advance(299)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1)
    expect(await run).toMatchObject({ outcome: 'fail', reason: 'timeout', durationMs: 300 })
    expect(clock.pendingTimers).toBe(0)
  })
})
