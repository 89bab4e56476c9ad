import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RequestFinishedEvent } from '../types.ts'
import { accessLine, type AccessLogFormat } from './access-line.ts'
import { finishedEvent, loggedRequest } from './finished.fixture.ts'

let zone: string | undefined
beforeEach(() => {
  zone = process.env['TZ']
})
afterEach(() => inZone(zone))

function inZone(name: string | undefined): void {
  if (name === undefined) delete process.env['TZ']
  else process.env['TZ'] = name
}

const FORMATS: readonly AccessLogFormat[] = ['combined', 'combined+', 'json']

/** The Combined Log Format as programs read it, with whatever stands behind it. */
const COMBINED =
  /^(\S+) - - \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "((?:[^"\\]|\\x[0-9A-F]{2})*)" (\d{3}) (\d+) "((?:[^"\\]|\\x[0-9A-F]{2})*)" "((?:[^"\\]|\\x[0-9A-F]{2})*)"(.*)$/

/** What a field says, with its escapes undone. */
function plain(field: string | undefined): string {
  return (field ?? '').replaceAll(/\\x([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const oneByte = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 })
const hostile = fc.oneof(
  oneByte,
  fc.constantFrom('"', '\\', '\\"', '\r\n127.0.0.1 - - [', '\u001b[2J', '\u0000', '\u0085', '\u007f', '-', '', ' " 200 5 "', '\\x22'),
)

const hostileEvent: fc.Arbitrary<RequestFinishedEvent> = fc
  .record({
    url: hostile,
    method: hostile,
    host: hostile,
    referer: fc.option(hostile, { nil: undefined }),
    agent: fc.option(hostile, { nil: undefined }),
    unread: fc.option(hostile, { nil: undefined }),
    serverName: hostile,
    remoteAddress: fc.constantFrom(undefined, '192.0.2.7', '::1', 'fe80::1%eth0'),
    targetId: fc.option(fc.string({ unit: 'binary', maxLength: 20 }), { nil: undefined }),
    because: fc.string({ unit: 'binary', maxLength: 20 }),
    status: fc.constantFrom(0, 200, 404, 503),
    firstByteMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
  })
  .map(({ referer, agent, url, method, host, unread, serverName, remoteAddress, ...rest }) => {
    const headers = { ...(referer === undefined ? {} : { referer }), ...(agent === undefined ? {} : { 'user-agent': agent }) }
    const tls = { version: 'TLSv1.3', serverName }
    return finishedEvent({ method, ...rest }, loggedRequest(headers, { method, url, host, unread, remoteAddress, tls }))
  })

describe('a line', () => {
  it.each(FORMATS)('is one line of visible ASCII in the format %s, whatever a client has sent', (format) => {
    fc.assert(
      fc.property(hostileEvent, (event) => {
        expect(accessLine(event, format, 'web')).toMatch(/^[ -~]+$/)
      }),
      { numRuns: 500 },
    )
  })

  it.each(['combined', 'combined+'] as const)(
    'has the same fields in the format %s, whatever a client has sent, and each says what came',
    (format) => {
      fc.assert(
        fc.property(hostileEvent, (event) => {
          const found = COMBINED.exec(accessLine(event, format))
          const { request } = event
          const line = request.unread ?? `${request.method} ${request.url} ${request.protocol}`
          expect([plain(found?.[3]), plain(found?.[6]), plain(found?.[7])]).toEqual([
            line === '' ? '-' : line,
            request.header('referer') ?? '-',
            request.header('user-agent') ?? '-',
          ])
        }),
        { numRuns: 500 },
      )
    },
  )

  it('is read back from the format json as what it was made of', () => {
    fc.assert(
      fc.property(hostileEvent, (event) => {
        const read = JSON.parse(accessLine(event, 'json', 'web'))
        expect(read['hotspare.target']).toBe(event.targetId)
        expect(read['event.reason']).toBe(event.because)
        expect(read['http.request.method']).toBe(event.request.unread === undefined ? event.method : undefined)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the format combined', () => {
  it.each([
    ['America/Los_Angeles', '10/Oct/2000:13:55:36 -0700'],
    ['UTC', '10/Oct/2000:20:55:36 +0000'],
    ['Asia/Kathmandu', '11/Oct/2000:02:40:36 +0545'],
    ['America/St_Johns', '10/Oct/2000:18:25:36 -0230'],
  ])('tells the time of %s', (name, expected) => {
    inZone(name)
    expect(accessLine(finishedEvent(), 'combined')).toContain(`[${expected}]`)
  })

  it('is that of Apache and nginx', () => {
    inZone('America/Los_Angeles')
    const headers = { referer: 'http://www.example.com/start.html', 'user-agent': 'Mozilla/4.08 [en] (Win98; I ;Nav)' }
    const request = loggedRequest(headers, { url: '/apache_pb.gif', protocol: 'HTTP/1.0', remoteAddress: '127.0.0.1' })
    expect(accessLine(finishedEvent({}, request), 'combined')).toBe(
      '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
    )
  })

  it('says 499 of a client that left before it saw a status, and nothing of who it claimed to be', () => {
    const request = loggedRequest({ authorization: `Basic ${btoa('key-4711:secret')}` })
    const line = accessLine(finishedEvent({ outcome: 'client-gone', status: 0, sentBytes: 0 }, request), 'combined')
    expect(line).toMatch(/^192\.0\.2\.7 - - \[.*\] "GET \/ HTTP\/1\.1" 499 0 "-" "-"$/)
    for (const format of FORMATS) expect(accessLine(finishedEvent({}, request), format)).not.toMatch(/4711|secret|Basic/)
  })

  it('adds what the proxy knows in combined+', () => {
    expect(accessLine(finishedEvent(), 'combined+')).toMatch(/"-" "-" 0\.012 0\.003 "shop\/a" 1 answered -$/)
    const refused = finishedEvent({
      outcome: 'refused',
      status: 503,
      reason: 'no-target',
      targetId: undefined,
      firstByteMs: undefined,
      attempts: 0,
    })
    expect(accessLine(refused, 'combined+')).toMatch(/ 503 2326 "-" "-" 0\.012 - "-" 0 refused no-target$/)
  })
})

describe('the format json', () => {
  it('has the names of the Elastic Common Schema', () => {
    const headers = { referer: 'https://shop.example/', 'user-agent': 'caf\u00c3\u00a9/1' }
    const tls = { version: 'TLSv1.3', serverName: 'shop.example' }
    const request = loggedRequest(headers, { url: '/a?b=c', host: 'shop.example:8443', protocol: 'HTTP/2.0', tls })
    expect(JSON.parse(accessLine(finishedEvent({ receivedBytes: 7 }, request), 'json', 'web'))).toEqual({
      '@timestamp': '2000-10-10T20:55:36.000Z',
      'ecs.version': '8.11.0',
      'event.kind': 'event',
      'event.category': ['web'],
      'event.type': ['access'],
      'event.outcome': 'success',
      'event.duration': 12_345_600,
      message: 'GET /a?b=c HTTP/2.0',
      'client.address': '192.0.2.7',
      'client.port': 40_000,
      'http.version': '2.0',
      'http.request.method': 'GET',
      'http.request.referrer': 'https://shop.example/',
      'http.request.body.bytes': 7,
      'http.response.status_code': 200,
      'http.response.body.bytes': 2_326,
      'url.original': '/a?b=c',
      'url.domain': 'shop.example',
      'user_agent.original': 'café/1',
      'tls.version': '1.3',
      'tls.client.server_name': 'shop.example',
      'hotspare.proxy': 'web',
      'hotspare.target': 'shop/a',
      'hotspare.attempts': 1,
      'hotspare.outcome': 'answered',
      'hotspare.blame': 'nobody',
      'hotspare.first_byte': 3_000_000,
    })
  })

  it.each([
    ['answered', 200, 'success'],
    ['answered', 404, 'failure'],
    ['answered-stale', 200, 'success'],
    ['refused', 503, 'failure'],
    ['cut', 200, 'failure'],
    ['client-gone', 0, 'unknown'],
  ] as const)('says of a request that was %s with %i: %s', (outcome, status, expected) => {
    expect(JSON.parse(accessLine(finishedEvent({ outcome, status }), 'json'))['event.outcome']).toBe(expected)
  })
})
