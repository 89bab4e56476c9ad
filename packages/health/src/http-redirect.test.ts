import { createServer, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { httpProbe } from './http.ts'
import { closedPort, hostileBehaviours, type LoopbackServer, loopbackServer } from './testing/index.ts'

const timeoutMs = 15_000

/** Answers each path with the redirect given for it, and the others with 200. */
function origin(locations: Readonly<Record<string, string>>, asked: IncomingMessage[] = []): Promise<LoopbackServer> {
  return loopbackServer(
    createServer((request, response) => {
      asked.push(request)
      const location = locations[request.url ?? '']
      if (location === undefined) response.end('ready')
      else response.writeHead(302, { location }).end()
    }),
  )
}

describe('httpProbe where it follows redirects', () => {
  it('fails where there are more of them than it may follow', async () => {
    await using server = await origin({ '/': '/' })
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, followRedirects: 3, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'status', detail: '302 Found, and not more than 3 redirects may be followed' })
  })

  it.each([
    ['mailto:ops@example.com', 'unexpected', '302 Found, which redirects to what is not HTTP'],
    ['http://[', 'unexpected', '302 Found, which redirects to what is no address'],
  ])('fails on a redirect to %s', async (location, reason, detail) => {
    await using server = await origin({ '/': location })
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, followRedirects: 3, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason, detail })
  })

  it('fails as the other end does', async () => {
    await using server = await origin({ '/': `http://127.0.0.1:${await closedPort()}/` })
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, followRedirects: 1, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'refused' })
    expect(result.detail).toMatch(/^connection refused, after 1 redirect at http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('has one deadline over all of them', async () => {
    await using silent = await loopbackServer(hostileBehaviours.silence)
    await using server = await origin({ '/': `http://127.0.0.1:${silent.port}/` })
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, followRedirects: 1, timeoutMs: 200 }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'timeout' })
    await expect.poll(() => silent.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('judges the last answer, and says how it came there', async () => {
    await using server = await origin({ '/': '/a', '/a': 'b?token=secret' })
    const url = `http://127.0.0.1:${server.port}`
    const result = await httpProbe({ url: `${url}/`, followRedirects: 2, expectStatus: 200, expectBody: 'ready', timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: `200 OK, 5 bytes, after 2 redirects at ${url}` })
  })

  it('tells another origin no secret, and the same one all', async () => {
    const askedThere: IncomingMessage[] = []
    const askedHere: IncomingMessage[] = []
    await using there = await origin({}, askedThere)
    await using here = await origin({ '/': '/same', '/same': `http://127.0.0.1:${there.port}/other` }, askedHere)
    const headers = {
      authorization: 'Bearer secret',
      cookie: 'id=secret',
      'x-api-key': 'secret',
      host: 'shop.example',
      accept: 'text/html',
    }
    const result = await httpProbe({ url: `http://127.0.0.1:${here.port}/`, headers, followRedirects: 2, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'pass' })
    expect(askedHere.map(({ headers: { authorization, host } }) => [authorization, host])).toEqual([
      ['Bearer secret', 'shop.example'],
      ['Bearer secret', 'shop.example'],
    ])
    expect(askedThere[0]?.headers).toEqual({
      accept: 'text/html',
      'accept-encoding': 'identity',
      'user-agent': 'hotspare-health',
      host: `127.0.0.1:${there.port}`,
      connection: 'close',
    })
  })
})
