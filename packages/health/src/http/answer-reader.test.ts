import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader, type AnswerSink } from './answer-reader.ts'

interface Seen {
  readonly interim: number[]
  status?: number
  body: string
  complete: boolean
  problem?: string
}

/** Reads `text`, cut at the places given, and ends the connection where `closed`. */
function read(
  text: string,
  cuts: readonly number[] = [],
  { closed = false, maxHeaderBytes = 1_000, method = 'GET' } = {},
): Seen & { whole: boolean } {
  const seen: Seen = { interim: [], body: '', complete: false }
  const sink: AnswerSink = {
    interim: (status) => void seen.interim.push(status),
    head: ({ status }) => void (seen.status = status),
    body: (bytes) => void (seen.body += bytes.toString('latin1')),
    complete: () => void (seen.complete = true),
    problem: (reason, says) => void (seen.problem = `${reason}: ${says}`),
  }
  const reader = new AnswerReader({ method, maxHeaderBytes, sink })
  const bytes = Buffer.from(text, 'latin1')
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  for (const [index, place] of places.entries()) {
    const next = places[index + 1]
    if (next !== undefined) reader.add(bytes.subarray(place, next))
  }
  const whole = closed ? reader.end() : seen.complete
  return { ...seen, whole }
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('AnswerReader', () => {
  it.each([
    ['a banner of another protocol, before any line ends', 'SSH-2.0-', 'protocol: not HTTP: the status line'],
    ['a single wrong byte', '\u0015', 'protocol: not HTTP: the status line'],
    [
      'a header past the limit',
      `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(1_000)}\r\n\r\n`,
      'header-overflow: the header is longer than 1000 bytes',
    ],
    ['a header without an end', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(1_000)}`, 'header-overflow'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 'protocol: not HTTP: more than one'],
    ['a chunk without a size', `${chunked}x\r\n`, 'protocol: not HTTP: the chunks'],
    ['a chunk that is longer than it says', `${chunked}1\r\nab\r\n`, 'protocol: not HTTP: the chunks'],
    ['a chunk that ends in a lone line feed', `${chunked}1\na\n`, 'protocol: not HTTP: the chunks'],
    ['a negative chunk', `${chunked}-1\r\n`, 'protocol: not HTTP: the chunks'],
    ['a chunk past what can be counted', `${chunked}${'f'.repeat(14)}\r\n`, 'protocol: not HTTP: the chunks'],
    ['a size without an end', `${chunked}1;${'a'.repeat(2_000)}`, 'protocol: not HTTP: the chunks'],
    [
      'extensions of chunks beyond the limit',
      `${chunked}${`1;${'a'.repeat(200)}\r\nb\r\n`.repeat(6)}`,
      'protocol: not HTTP: chunk extensions',
    ],
    ['a trailer beyond the limit', `${chunked}0\r\n${`A: ${'a'.repeat(200)}\r\n`.repeat(6)}`, 'protocol: not HTTP: chunk extensions'],
  ])('refuses %s, however it is cut', (_name, text, says) => {
    expect(read(text).problem).toContain(says)
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        expect(read(text, cuts).problem).toContain(says)
      }),
      { numRuns: 30 },
    )
    const each = Array.from(text, (_character, index) => index)
    expect(read(text, each).problem).toContain(says)
  })

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more', 'hello'],
    ['a length of nothing', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
    ['chunks', `${chunked}5;a=b\r\nhello\r\n6 ; c\r\n world\r\n0\r\nX-Sum: 1\r\n\r\nmore`, 'hello world'],
    ['interim answers', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n', ''],
  ])('reads a body by %s, however it is cut', (_name, text, body) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
        const seen = read(text, cuts)
        expect(seen).toMatchObject({ body, complete: true })
        expect(seen.problem).toBeUndefined()
      }),
      { numRuns: 50 },
    )
    expect(
      read(
        text,
        Array.from(text, (_character, index) => index),
      ),
    ).toMatchObject({ body, complete: true })
  })

  it('reads a body that ends with the connection', () => {
    expect(read('HTTP/1.0 200 OK\r\n\r\nhello', [3, 21], { closed: true })).toMatchObject({ body: 'hello', complete: true, whole: true })
  })

  it.each(['', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', `${chunked}5\r\nhello\r\n0\r\n`])(
    'says that %j is not whole',
    (text) => {
      expect(read(text, [], { closed: true })).toMatchObject({ complete: false, whole: false })
    },
  )

  it('allows a header that is as long as the limit', () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: ${'a'.repeat(1_000)}`.slice(0, 1_000)
    const text = `${head}\r\n\r\n`
    expect(read(text)).toMatchObject({ complete: true })
    expect(
      read(
        text,
        Array.from(text, (_character, index) => index),
      ),
    ).toMatchObject({ complete: true })
  })

  it('has no body to wait for in an answer to HEAD', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', [], { method: 'HEAD' })).toMatchObject({ complete: true, body: '' })
  })

  it('never throws, never gives more body than there are bytes, and ends once', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.1 100 A\r\n\r\n',
        '\r\n',
        chunked,
        'Content-Length: 3\r\n\r\n',
        '5\r\nhello\r\n',
        '0\r\n\r\n',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 5 }), fc.boolean(), (pieces, cuts, closed) => {
        const text = pieces.join('')
        const seen = read(text, cuts, { closed })
        expect(seen.body.length).toBeLessThanOrEqual(text.length)
        expect(seen.complete && seen.problem !== undefined).toBe(false)
        // What is wrong first depends on the cuts; that something is does not.
        const atOnce = read(text, [], { closed })
        expect({ ...seen, problem: seen.problem !== undefined }).toEqual({ ...atOnce, problem: atOnce.problem !== undefined })
      }),
      { numRuns: 300 },
    )
  })
})
