import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerCount, headerValue } from '../headers.fixture.ts'
import { requestHeaders, responseHeaders } from '../headers.ts'
import { FORWARDING, KNOWN_NAMES } from './field-names.ts'
import { ClientFields, type ResponsePlan, writeRequestHead, writeResponseHead } from './head-writer.ts'
import { headLimits, readRequests, readResponses } from './messages.fixture.ts'
import { RequestHeadReader } from './request-head.ts'
import { ResponseHeadReader } from './response-head.ts'

const client = { address: '192.0.2.7', protocol: 'http' } as const
const asked = { method: 'GET' }

function request(text: string, mode: 'replace' | 'append' = 'replace', upgrade?: string): string {
  const bytes = Buffer.from(text, 'latin1')
  const head = new RequestHeadReader(headLimits).read(bytes, 0, bytes.length)
  if (head.kind !== 'complete') throw new Error(JSON.stringify(head))
  return writeRequestHead(head, new ClientFields(client, mode), upgrade)
}

function response(text: string, plan: Partial<ResponsePlan> = {}, method = 'GET'): string {
  const bytes = Buffer.from(text, 'latin1')
  const head = new ResponseHeadReader(headLimits).read(bytes, 0, bytes.length, { ...asked, method })
  if (head.kind !== 'complete') throw new Error(JSON.stringify(head))
  return writeResponseHead(head, { framing: head.framing, ...plan })
}

const OURS =
  'host: a.example\r\nx-forwarded-for: 192.0.2.7\r\nx-forwarded-host: a.example\r\nx-forwarded-proto: http\r\nforwarded: for=192.0.2.7;host=a.example;proto=http\r\nvia: 1.1 hotspare\r\n'

it('knows no more fields by name than there are kinds for them', () => {
  expect(KNOWN_NAMES.length).toBeLessThanOrEqual(FORWARDING)
})

describe('the head that a target gets', () => {
  it('believes nothing that a client says of itself, however it is spelt', () => {
    const lies =
      'X-Forwarded-For: 6.6.6.6\r\nx_forwarded_for: 6.6.6.6\r\nX-Forwarded_Proto: https\r\nForwarded: for=6.6.6.6\r\nX-Real_IP: 6.6.6.6\r\n'
    expect(request(`GET / HTTP/1.1\r\nHost: a.example\r\n${lies}\r\n`)).toBe(`GET / HTTP/1.1\r\n${OURS}\r\n`)
  })

  it('keeps what a trusted proxy in front has written, but not in a spelling that it would not use', () => {
    const sent = request(
      'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded-Port: 80\r\n\r\n',
      'append',
    )
    expect(sent).toContain('x-forwarded-for: 1.1.1.1, 192.0.2.7\r\n')
    expect(sent).toContain('X-Forwarded-Port: 80\r\n')
    expect(sent).not.toContain('6.6.6.6')
  })

  it('has its framing in our own words', () => {
    expect(request('POST / HTTP/1.1\r\nHost: a.example\r\nCONTENT-LENGTH:   007 \r\n\r\n')).toBe(
      `POST / HTTP/1.1\r\n${OURS}content-length: 7\r\n\r\n`,
    )
    const chunked = 'POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\nHost: a.example\r\n\r\n'
    expect(request(chunked)).toBe(`POST / HTTP/1.1\r\n${OURS}transfer-encoding: chunked\r\n\r\n`)
  })

  it('keeps everything else in its order and spelling, and takes off what Connection names', () => {
    const fields =
      'X-B:1\r\nHost: a.example\r\nConnection: x-hop, TE\r\nx-a:  2\t\r\nX-Hop: 3\r\nTE: trailers\r\nVia: 1.0 front\r\nX-B: 4\r\n'
    expect(request(`GET /a%2F?b HTTP/1.1\r\n${fields}\r\n`)).toBe(
      `GET /a%2F?b HTTP/1.1\r\nX-B:1\r\nx-a:  2\t\r\nVia: 1.0 front\r\nX-B: 4\r\n${OURS}\r\n`,
    )
  })

  it.each([
    ['GET http://a.example HTTP/1.1', 'GET / HTTP/1.1'],
    ['GET http://a.example/?b HTTP/1.1', 'GET /?b HTTP/1.1'],
    ['OPTIONS http://a.example HTTP/1.1', 'OPTIONS * HTTP/1.1'],
    ['OPTIONS * HTTP/1.0', 'OPTIONS * HTTP/1.1'],
  ])('turns %s into %s', (line, expected) => {
    expect(request(`${line}\r\nHost: a.example\r\n\r\n`)).toBe(`${expected}\r\n${OURS}\r\n`)
  })

  it('asks for another protocol only where it is told to', () => {
    const text = 'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n\r\n'
    expect(request(text)).toBe(`GET / HTTP/1.1\r\n${OURS}\r\n`)
    expect(request(text, 'replace', 'websocket')).toBe(`GET / HTTP/1.1\r\n${OURS}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`)
  })

  it('is written anew when the host changes, or what a proxy in front says', () => {
    const fields = new ClientFields(client, 'append')
    const reader = new RequestHeadReader(headLimits)
    const lines = ['Host: a', 'Host: a', 'Host: b', 'Host: b\r\nX-Forwarded-For: 1.1.1.1', 'Host: b'].map((line) => {
      const bytes = Buffer.from(`GET / HTTP/1.1\r\n${line}\r\n\r\n`, 'latin1')
      const head = reader.read(bytes, 0, bytes.length)
      return head.kind === 'complete' ? /^host: (.)\r\nx-forwarded-for: ([\d., ]+)/.exec(fields.lines(head))?.slice(1) : head
    })
    expect(lines).toEqual([
      ['a', '192.0.2.7'],
      ['a', '192.0.2.7'],
      ['b', '192.0.2.7'],
      ['b', '1.1.1.1, 192.0.2.7'],
      ['b', '192.0.2.7'],
    ])
  })
})

describe('the head that a client gets', () => {
  it('has no fields of the connection to the target', () => {
    const fields =
      'Set-Cookie: a=1\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nset-cookie: b=2\r\nContent-Length: 2\r\n'
    expect(response(`HTTP/1.0 200 Fine\r\n${fields}\r\n`)).toBe(
      'HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\n',
    )
  })

  it.each([
    [{ connection: 'close' }, 'connection: close\r\n'],
    [{ connection: 'keep-alive' }, 'connection: keep-alive\r\n'],
    [{ upgrade: 'websocket' }, 'connection: Upgrade\r\nupgrade: websocket\r\n'],
    [{ framing: { kind: 'chunked' } }, 'transfer-encoding: chunked\r\n'],
    [{ framing: { kind: 'until-close' } }, ''],
  ] as const)('says with %j: %j', (plan, expected) => {
    expect(response('HTTP/1.1 200\r\nX: 1\r\n\r\n', plan)).toBe(`HTTP/1.1 200 \r\nX: 1\r\n${expected}\r\n`)
  })

  it.each([
    ['HEAD', '200 OK', 'content-length: 9\r\n'],
    ['GET', '304 Not Modified', 'content-length: 9\r\n'],
  ])('says how long the body would be in the answer to %s with %s', (method, status, expected) => {
    expect(response(`HTTP/1.1 ${status}\r\nContent-Length: 9\r\n\r\n`, {}, method)).toBe(`HTTP/1.1 ${status}\r\n${expected}\r\n`)
  })

  it('says nothing of a length with 204', () => {
    expect(response('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n')).toBe('HTTP/1.1 204 No Content\r\n\r\n')
  })
})

describe('the rules of headers.ts', () => {
  const name = fc.oneof(
    fc.constantFrom(
      ...KNOWN_NAMES.slice(1),
      'forwarded',
      'x-real-ip',
      'x-forwarded',
      'x-forwarded-for',
      'X-Forwarded-Proto',
      'x-forwarded-x',
      'x-forwardedx',
      'via',
    ),
    fc.constantFrom('x-a', 'X-B', 'accept', 'cookie', 'date', 'te-x', 'hos'),
  )
  const value = fc.constantFrom('1', 'x-a', 'close, X-B', 'keep-alive', 'a, b', '"q"', 'timeout=5', '')
  const fields = fc.array(fc.tuple(name, value), { maxLength: 10 })

  it('name no field that the engine does not know by its bytes', () => {
    const source = readFileSync(new URL('../headers.ts', import.meta.url), 'utf8')
    const [, listed = ''] = /HOP_BY_HOP[^[]*\[([^\]]*)\]/.exec(source) ?? []
    const names = [...listed.matchAll(/'([a-z-]+)'/g)].map(([, found]) => found)
    expect(names.length).toBeGreaterThan(5)
    expect(KNOWN_NAMES).toEqual(expect.arrayContaining(names))
  })

  it('are what a request goes by', () => {
    fc.assert(
      fc.property(fields, fc.constantFrom('replace' as const, 'append' as const), (list, mode) => {
        const text = `GET / HTTP/1.1\r\n${list.map(([key, text_]) => `${key}: ${text_}\r\n`).join('')}\r\n`
        const { messages } = readRequests([Buffer.from(text, 'latin1')])
        fc.pre(messages.length === 1)
        const sent = readRequests([Buffer.from(request(text, mode), 'latin1')]).messages[0]!.fields
        const { host } = { host: headerValue(messages[0]!.fields, 'host') ?? '' }
        const expected = requestHeaders(messages[0]!.fields, { ...client, host }, mode)
        expect(unordered(sent)).toEqual(unordered(expected))
        expect(headerCount(sent, 'host')).toBe(1)
      }),
      { numRuns: 500 },
    )
  })

  it('are what an answer goes by', () => {
    fc.assert(
      fc.property(fields, (list) => {
        const text = `HTTP/1.1 200 OK\r\n${list.map(([key, text_]) => `${key}: ${text_}\r\n`).join('')}\r\n`
        const { messages } = readResponses([Buffer.from(text, 'latin1')], asked)
        const bytes = Buffer.from(text, 'latin1')
        const head = new ResponseHeadReader(headLimits).read(bytes, 0, bytes.length, asked)
        fc.pre(head.kind === 'complete')
        const sent = writeResponseHead(head, { framing: { kind: 'until-close' } })
        const lines = sent.split('\r\n').slice(1, -2)
        const expected = responseHeaders(head.kind === 'complete' ? flat(head.fields) : (messages[0]?.fields ?? []))
        expect(lines.map((line) => line.replace(/: ?/, '\0'))).toEqual(pairs(expected).filter((pair) => !/^content-length\0/i.test(pair)))
      }),
      { numRuns: 300 },
    )
  })
})

function flat(fields: { readonly count: number; name(line: number): string; value(line: number): string }): string[] {
  return Array.from({ length: fields.count }, (_none, line) => [fields.name(line), fields.value(line)]).flat()
}

function pairs(list: readonly string[]): string[] {
  return Array.from({ length: list.length / 2 }, (_none, index) => `${list[2 * index]}\0${list[2 * index + 1]?.trim()}`)
}

/** The order among fields of one name counts; a name's spelling does not. */
function unordered(list: readonly string[]): string[] {
  return pairs(list).toSorted((one, other) => {
    const [first, second] = [one, other].map((pair) => pair.slice(0, pair.indexOf('\0')).toLowerCase())
    return first! < second! ? -1 : first! > second! ? 1 : 0
  })
}
