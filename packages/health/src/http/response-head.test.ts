import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyFraming, parseResponseHead } from './response-head.ts'

const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

describe('parseResponseHead', () => {
  it.each([
    ['nothing', '', 'status line'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2', 'status line'],
    ['another version', 'HTTP/2 200 OK', 'status line'],
    ['lower case', 'http/1.1 200 OK', 'status line'],
    ['a status of two digits', 'HTTP/1.1 20 OK', 'status line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK', 'status line'],
    ['a status below 100', 'HTTP/1.1 099 OK', 'status line'],
    ['two spaces', 'HTTP/1.1  200 OK', 'status line'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c', 'folded'],
    ['a line folded with a tab', 'HTTP/1.1 200 OK\r\n\tA: b', 'folded'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nabc', 'valid name'],
    ['a line without a name', 'HTTP/1.1 200 OK\r\n: b', 'valid name'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5', 'valid name'],
    ['a lone line feed', 'HTTP/1.1 200 OK\nA: b', 'lone line end'],
    ['a lone carriage return', 'HTTP/1.1 200 OK\r\nA: b\rC: d', 'lone line end'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nA: b\0', 'control character'],
  ])('refuses %s', (_name, text, says) => {
    expect(parseResponseHead(text)).toEqual({ problem: expect.stringContaining(says) })
  })

  it.each([
    [
      'HTTP/1.1 200 OK\r\nContent-Type:text/plain\r\nX-A: \t b c \t',
      200,
      [
        ['content-type', 'text/plain'],
        ['x-a', 'b c'],
      ],
    ],
    ['HTTP/1.0 204', 204, []],
    ['HTTP/1.1 999 ', 999, []],
    ['HTTP/1.1 200 \u00e9\r\nX-Empty:', 200, [['x-empty', '']]],
  ])('reads %j', (text, status, headers) => {
    expect(parseResponseHead(text)).toEqual({ status, headers })
  })

  it('never throws, and its problems quote nothing', () => {
    const line = fc.oneof(anyBytes, fc.constantFrom('A: b', 'Content-Length: 5', ' c', ': d'))
    fc.assert(
      fc.property(fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 20', ''), fc.array(line, { maxLength: 8 }), (first, lines) => {
        const head = parseResponseHead([first, ...lines].join('\r\n'))
        expect('problem' in head ? head.problem.length < 80 : head.status === 200).toBe(true)
      }),
    )
  })
})

describe('bodyFraming', () => {
  const framing = (lines: readonly (readonly [string, string])[], method = 'GET', status = 200) =>
    bodyFraming({ status, headers: lines }, method)

  it.each([
    [
      'two lengths',
      [
        ['content-length', '5'],
        ['content-length', '6'],
      ],
      'more than one',
    ],
    [
      'the same length twice',
      [
        ['content-length', '5'],
        ['content-length', '5'],
      ],
      'more than one',
    ],
    ['a list of lengths', [['content-length', '5, 5']], 'no number'],
    ['a negative length', [['content-length', '-1']], 'no number'],
    ['a length with a sign', [['content-length', '+1']], 'no number'],
    ['a hexadecimal length', [['content-length', '0x10']], 'no number'],
    ['a length past what can be counted', [['content-length', '9'.repeat(16)]], 'no number'],
    [
      'a length and chunks',
      [
        ['content-length', '5'],
        ['transfer-encoding', 'chunked'],
      ],
      'both',
    ],
    ['a coding that was not asked for', [['transfer-encoding', 'gzip, chunked']], 'other than chunked'],
    [
      'chunks twice',
      [
        ['transfer-encoding', 'chunked'],
        ['transfer-encoding', 'chunked'],
      ],
      'other than chunked',
    ],
  ] as const)('refuses %s', (_name, lines, says) => {
    expect(framing(lines)).toEqual({ problem: expect.stringContaining(says) })
  })

  it('knows how a body ends', () => {
    expect(framing([['content-length', '5']])).toEqual({ kind: 'length', bytes: 5 })
    expect(framing([['transfer-encoding', 'Chunked']])).toEqual({ kind: 'chunked' })
    expect(framing([])).toEqual({ kind: 'until-close' })
    expect(framing([['content-length', '5']], 'HEAD')).toEqual({ kind: 'none' })
    expect(framing([], 'GET', 204)).toEqual({ kind: 'none' })
    expect(framing([['content-length', '5']], 'GET', 304)).toEqual({ kind: 'none' })
  })
})
