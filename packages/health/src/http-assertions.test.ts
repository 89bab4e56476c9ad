import { createServer, type RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { httpProbe, type HttpProbeOptions } from './http.ts'
import type { ProbeResult } from './probe.ts'
import { loopbackServer } from './testing/index.ts'

const timeoutMs = 15_000

async function probed(answer: RequestListener, options: Omit<HttpProbeOptions, 'url'>): Promise<ProbeResult> {
  await using server = await loopbackServer(createServer(answer))
  return await httpProbe({ url: `http://127.0.0.1:${server.port}/`, timeoutMs, ...options }).run()
}

function thrownBy(work: () => unknown): string {
  try {
    return `nothing: ${String(work())}`
  } catch (error) {
    return String(error)
  }
}

describe('the options of httpProbe', () => {
  it.each([
    [{ body: 'x' }, 'body: only POST and PUT send one'],
    [{ method: 'HEAD', expectJson: { '': 1 } }, 'expectJson: an answer to HEAD has no body'],
    [{ method: 'HEAD', expectBodyPattern: 'x' }, 'expectBodyPattern: an answer to HEAD has no body'],
    [{ expectBodyPattern: '(' }, 'expectBodyPattern: must be a regular expression'],
    [{ expectBodyPattern: '(a)\\1' }, 'expectBodyPattern: must be a regular expression'],
    [{ expectBodyPattern: 'a', maxBodyBytes: 2_000_000 }, 'maxBodyBytes: at most 1048576'],
    [{ expectBodyPattern: '(?i)(?:a?b?c?d?){30}z', maxBodyBytes: 131_072 }, 'where this pattern is searched'],
    [{ expectHeaders: { server: '/(?i)(?:a?b?c?d?){30}z/' }, maxHeaderBytes: 131_072 }, 'where these patterns are searched'],
    [{ expectHeaders: { 'x a': 'b' } }, '"x a": no header has such a name'],
    [{ expectHeaders: { 'x-a': '/(/' } }, '"x-a": must be a text or a pattern'],
    [{ expectJson: { status: 'UP' } }, 'must be a JSON Pointer'],
    [{ expectJson: { '/status': { is: 'UP' } } }, 'expectJson'],
    [{ followRedirects: 11 }, 'followRedirects'],
    [{ httpVersion: '3' }, 'httpVersion'],
    [{ alpn: ['h2'] }, 'alpn: h2 needs httpVersion 2 or auto'],
    [{ httpVersion: '2', alpn: [] }, 'alpn: must hold h2'],
    [{ httpVersion: '2', headers: { TE: 'gzip' } }, 'headers: HTTP/2 has none of'],
    [{ family: 5 }, 'family'],
    [{ connectTo: { port: 0 } }, 'connectTo.port'],
    [{ degradedStatus: 'none' }, 'degradedStatus'],
    [{ warnDaysLeft: -1 }, 'warnDaysLeft'],
  ])('rejects %j, and says where', (options, says) => {
    expect(thrownBy(() => httpProbe({ url: 'http://127.0.0.1/', ...options } as never))).toContain(says)
  })
})

describe('httpProbe and the header of the answer', () => {
  const answer: RequestListener = (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'set-cookie': ['a=secret', 'b=c'], 'x-version': '12' })
      .end()

  it.each([
    [{ 'x-version': '1' }, 'unexpected', '200 OK, but the header x-version is another than expected'],
    [{ 'X-Role': 'primary' }, 'unexpected', '200 OK, but the header x-role is missing'],
    [{ 'content-type': '/^text\\//' }, 'unexpected', '200 OK, but the header content-type is another than expected'],
    [{ 'set-cookie': 'x' }, 'unexpected', '200 OK, but the header set-cookie is another than expected'],
  ])('fails where it expects %j', async (expectHeaders, reason, detail) => {
    expect(await probed(answer, { expectHeaders })).toMatchObject({ outcome: 'fail', reason, detail })
  })

  it('passes where all that it expects is there, in any of the lines of that name', async () => {
    const expectHeaders = { 'X-Version': '12', 'content-type': '/^application/json\\b/', 'set-cookie': 'b=c' }
    expect(await probed(answer, { expectHeaders })).toMatchObject({ outcome: 'pass' })
  })
})

describe('httpProbe and the body of the answer', () => {
  const json: RequestListener = (_request, response) => response.end('{"status":"UP","queue":{"depth":120},"members":[{"role":"primary"}]}')

  it.each([
    [{ expectBodyPattern: '"status":"(DOWN|OUT)"' }, 'body', /nothing in the body matches the expected pattern \(68 bytes\)$/],
    [{ expectJson: { '/status': 'DOWN' } }, 'unexpected', /^200 OK, but "\/status" is "UP", expected "DOWN"$/],
    [{ expectJson: { '/queue/depth': { max: 100 } } }, 'limit', /^200 OK, but "\/queue\/depth" is 120, expected at most 100$/],
    [{ expectJson: { '/status': 'UP' }, maxBodyBytes: 20 }, 'body', /longer than 20 bytes: too long to be read as JSON$/],
  ])('fails where it expects %j', async (options, reason, detail) => {
    const result = await probed(json, options)
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(detail)
  })

  it('fails where JSON is expected and something else comes, and quotes nothing of it', async () => {
    const result = await probed((_request, response) => response.end('secret'), { expectJson: { '/status': 'UP' } })
    expect(result).toMatchObject({ outcome: 'fail', reason: 'body', detail: '200 OK, but the body is not JSON (6 bytes)' })
  })

  it('passes where all that it expects is there, and measures the body', async () => {
    const result = await probed(json, {
      expectBody: 'UP',
      expectBodyPattern: '"status":\\s*"UP"',
      expectJson: { '/status': { oneOf: ['UP', 'STARTING'] }, '/queue/depth': { min: 0, max: 120 }, '/members/0/role': 'primary' },
    })
    expect(result).toMatchObject({ outcome: 'pass', measures: { 'body-bytes': 68 } })
    expect(result.phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'transfer'])
  })

  it('is not held up by a pattern that would send a backtracking engine away for years', async () => {
    const answer: RequestListener = (_request, response) => response.end(`${'a'.repeat(60_000)}!`)
    expect(await probed(answer, { expectBodyPattern: '^(a+)+$' })).toMatchObject({ outcome: 'fail', reason: 'body' })
  })
})

describe('httpProbe and what a target says of its own state', () => {
  const answering =
    (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end()

  it.each([
    ['503 fails', answering(503), {}, { outcome: 'fail', reason: 'status', detail: '503 Service Unavailable, expected 200-399' }],
    [
      '503 with Retry-After fails all the same, and tells the time',
      answering(503, { 'retry-after': '120' }),
      {},
      {
        outcome: 'fail',
        reason: 'status',
        detail: '503 Service Unavailable, expected 200-399 (asks for 120 s)',
        measures: { 'retry-after-seconds': 120 },
      },
    ],
    [
      '429 is degraded: what answers so works',
      answering(429, { 'retry-after': '5' }),
      {},
      { outcome: 'degraded', detail: '429 Too Many Requests (asks for 5 s)', measures: { 'retry-after-seconds': 5 } },
    ],
    [
      '429 with a date is degraded',
      answering(429, { 'retry-after': 'Fri, 31 Dec 2027 23:59:59 GMT' }),
      {},
      { detail: '429 Too Many Requests' },
    ],
    ['429 fails where nothing is degraded', answering(429), { degradedStatus: false }, { outcome: 'fail', reason: 'status' }],
    ['429 passes where it is expected', answering(429), { expectStatus: '200,429' }, { outcome: 'pass' }],
    ['503 is degraded where it is told so', answering(503), { degradedStatus: '429,503' }, { outcome: 'degraded' }],
    ["Envoy's word for degraded is heard", answering(200, { 'x-envoy-degraded': '1' }), {}, { outcome: 'degraded' }],
    [
      "Envoy's word for an end at once is heard",
      answering(200, { 'x-envoy-immediate-health-check-fail': 'true' }),
      {},
      { outcome: 'fail', reason: 'unwell', immediate: true },
    ],
  ] as const)('%s', async (_name, answer, options, expected) => {
    expect(await probed(answer, options)).toMatchObject(expected)
  })
})

describe('httpProbe and the request', () => {
  it.each(['POST', 'PUT'] as const)('sends a body with %s', async (method) => {
    const answer: RequestListener = (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => response.end(`${request.headers['content-length']} ${Buffer.concat(chunks).toString()}`))
    }
    expect(await probed(answer, { method, body: 'grün', expectBody: '5 grün' })).toMatchObject({ outcome: 'pass' })
    expect(await probed(answer, { method, expectBody: '0 ' })).toMatchObject({ outcome: 'pass' })
  })

  it('connects where it is told, and asks for what its URL names', async () => {
    await using server = await loopbackServer(createServer((request, response) => response.end(request.headers.host)))
    const connectTo = { host: 'localhost', port: server.port }
    const probe = httpProbe({ url: 'http://shop.example:81/', connectTo, family: 4, expectBody: 'shop.example:81', timeoutMs })
    expect(probe.address).toBe('http://shop.example:81/')
    const result = await probe.run()
    expect(result).toMatchObject({ outcome: 'pass' })
    expect(result.phases?.map(({ name }) => name)).toEqual(['dns', 'connect', 'first-byte', 'transfer'])
  })
})
