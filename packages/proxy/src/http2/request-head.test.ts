import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestHeadReader } from '../wire/request-head.ts'
import { requestHeadText } from './request-head.ts'

const GET = [':method', 'GET', ':scheme', 'https', ':authority', 'a.example', ':path', '/x']
const without = (name: string) => GET.filter((_each, index) => GET[index - (index % 2)] !== name)
const changed = (name: string, value: string) => GET.map((each, index) => (index % 2 === 1 && GET[index - 1] === name ? value : each))

function read(flat: readonly string[], hasBody = false) {
  const text = requestHeadText(flat, hasBody)
  if ('because' in text) return text
  const bytes = Buffer.from(text.head, 'latin1')
  const head = new RequestHeadReader({ maxHeaderBytes: 100_000, maxFields: 100 }).read(bytes, 0, bytes.length)
  if (head.kind === 'complete' && head.end !== bytes.length) throw new Error('there is something behind the head')
  return head
}

describe('a request of HTTP/2 goes no further', () => {
  it.each<[what: string, flat: readonly string[]]>([
    ['without a method', without(':method')],
    ['without a scheme', without(':scheme')],
    ['without a path', without(':path')],
    ['without a host', without(':authority')],
    ['with an empty path', changed(':path', '')],
    ['with a path that begins with no slash', changed(':path', 'x')],
    ['with a URL for a path', changed(':path', 'https://a.example/')],
    ['with a space in its path', changed(':path', '/ HTTP/1.1')],
    ['with a line in its path', changed(':path', '/ HTTP/1.1\r\nx: y')],
    ['with a line in its method', changed(':method', 'GET / HTTP/1.1\r\nx: y\r\n\r\nGET')],
    ['with a method in small letters', changed(':method', 'get')],
    ['with a line in its host', changed(':authority', 'a\r\nx: y')],
    ['with an empty host', changed(':authority', '')],
    ['with a user in its host', changed(':authority', 'me@a.example')],
    ['with another scheme', changed(':scheme', 'ftp')],
    ['with a star for a path', changed(':path', '*')],
    ['with two paths', [...GET, ':path', '/y']],
    ['with an unknown pseudo-header', [':protocol', 'websocket', ...GET]],
    ['with a pseudo-header behind a header', [':method', 'GET', 'a', 'b', ...GET.slice(2)]],
    ['with a header in capitals', [...GET, 'Accept', 'x']],
    ['with a colon in a name', [...GET, 'a:b', 'x']],
    ['with a line in a name', [...GET, 'a: b\r\nc', 'x']],
    ['with an empty name', [...GET, '', 'x']],
    ['with a line feed in a value', [...GET, 'a', 'b\nc: d']],
    ['with a carriage return in a value', [...GET, 'a', 'b\rc']],
    ['with an empty line in a value', [...GET, 'a', 'b\r\n\r\nGET / HTTP/1.1']],
    ['with a NUL in a value', [...GET, 'a', 'b\0']],
    ['with transfer-encoding', [...GET, 'transfer-encoding', 'chunked']],
    ['with connection', [...GET, 'connection', 'close']],
    ['with keep-alive', [...GET, 'keep-alive', '1']],
    ['with proxy-connection', [...GET, 'proxy-connection', 'close']],
    ['with upgrade', [...GET, 'upgrade', 'websocket']],
    ['with te for more than trailers', [...GET, 'te', 'gzip']],
    ['with another host in host', [...GET, 'host', 'b.example']],
    ['with two lengths', [...GET, 'content-length', '1', 'content-length', '1']],
    ['with a length that is none', [...GET, 'content-length', '-1']],
    ['with a name that is one of ours but for an underscore', [...GET, 'content_length', '1']],
    ['with CONNECT and a path', changed(':method', 'CONNECT')],
  ])('%s', (_what, flat) => {
    expect(read(flat, true)).not.toHaveProperty('kind', 'complete')
  })
})

describe('a request of HTTP/2', () => {
  it('reads as one of HTTP/1.1 that is the last on its connection', () => {
    const head = read([...GET, 'accept', '*/*', 'te', 'trailers', 'host', 'a.example'])
    expect(head).toMatchObject({
      kind: 'complete',
      method: 'GET',
      path: '/x',
      host: 'a.example',
      keepAlive: false,
      framing: { kind: 'none' },
    })
  })

  it('may name its host in host alone', () => {
    expect(read([...without(':authority'), 'host', 'b.example'])).toMatchObject({ host: 'b.example' })
  })

  it('has a body in chunks where its length is not known', () => {
    expect(read(GET, true)).toMatchObject({ framing: { kind: 'chunked' } })
    // A value is no name.
    expect(requestHeadText([...GET, 'x', 'content-length'], true)).toMatchObject({ method: 'GET', chunked: true })
    expect(read([...GET, 'content-length', '3'], true)).toMatchObject({ framing: { kind: 'length', bytes: 3 } })
  })

  it('has its cookies in one line, whatever the compression made of them', () => {
    expect(requestHeadText([...GET, 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2; c=3'], false)).toHaveProperty(
      'head',
      expect.stringMatching(/\r\ncookie: a=1; b=2; c=3\r\n/),
    )
  })

  it('keeps its bytes', () => {
    expect(requestHeadText([...GET, 'x', 'gr\u00fc\u00df'], false)).toHaveProperty('head', expect.stringContaining('x: gr\u00fc\u00df\r\n'))
  })

  it('is one head and nothing else, with no field but its own, whatever is in it', () => {
    const nasty = fc.string({ unit: fc.constantFrom('a', ':', ' ', '\r', '\n', '\0', '/', '\t', 'H', '\u00ff', '-', '_') })
    const text = fc.oneof(
      nasty,
      fc.constantFrom('content-length', 'transfer-encoding', 'host', '1', '/', 'chunked', '\r\n\r\nGET / HTTP/1.1\r\n'),
    )
    const fields = fc.array(fc.tuple(text, text), { maxLength: 4 })
    fc.assert(
      fc.property(fields, text, text, fc.boolean(), (extra, path, authority, hasBody) => {
        const flat = [':method', 'POST', ':scheme', 'https', ':authority', authority, ':path', `/${path}`, ...extra.flat()]
        const head = read(flat, hasBody)
        if (!('kind' in head) || head.kind !== 'complete') return
        const names = new Set([...extra.map(([name]) => name), 'host', 'cookie', 'connection', 'transfer-encoding'])
        for (let line = 0; line < head.fields.count; line += 1) expect(names).toContain(head.fields.name(line))
        expect(head.path).toBe(`/${path}`)
        expect(head.host).toBe(authority)
      }),
    )
  })
})
