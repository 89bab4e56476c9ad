import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequests, readResponses } from './messages.fixture.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-_!'.split('')
const token = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 20 }).map((name) => `x${name}`)
/** Visible, obs-text, and white space within. */
const value = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((byte) => byte !== 0x7f)
      .map((byte) => String.fromCharCode(byte)),
    maxLength: 30,
  })
  .map((text) => text.replaceAll(/[\u0080-\u009f]/g, '~').replaceAll(/^[\t ]+|[\t ]+$/g, ''))
const fields = fc.array(fc.tuple(token, value), { maxLength: 12 })
const body = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 200 })
const path = fc.string({ unit: fc.constantFrom(...letters, '/', '?', '=', '&', '.', '~'), maxLength: 40 }).map((text) => `/${text}`)

interface Sent {
  readonly start: string
  readonly fields: readonly (readonly [string, string])[]
  readonly body: string
  readonly chunks: readonly number[]
}

const sent: fc.Arbitrary<Sent> = fc.record({
  start: fc.tuple(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), path).map(([method, target]) => `${method} ${target}`),
  fields,
  body,
  chunks: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }),
})

/** As a client would write it: in chunks, if sizes for some are given; else with a length. */
function written({ start, fields: list, body: data, chunks }: Sent): { readonly bytes: string; readonly fields: readonly string[] } {
  const framing = chunks.length > 0 ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(data.length)]
  const all = [['Host', 'a.example'], ...list, framing].flat()
  const lines = Array.from({ length: all.length / 2 }, (_none, index) => `${all[2 * index]}: ${all[2 * index + 1]}\r\n`)
  return { bytes: `${start} HTTP/1.1\r\n${lines.join('')}\r\n${chunks.length > 0 ? inChunks(data, chunks) : data}`, fields: all }
}

function inChunks(data: string, sizes: readonly number[]): string {
  let text = ''
  let at = 0
  for (let turn = 0; at < data.length; turn += 1) {
    const part = data.slice(at, at + sizes[turn % sizes.length]!)
    text += `${part.length.toString(16)}\r\n${part}\r\n`
    at += part.length
  }
  return `${text}0\r\n\r\n`
}

function pieces(bytes: string, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((one, other) => one - other)
  return [...places, bytes.length].map((to, index) => Buffer.from(bytes.slice(places[index - 1] ?? 0, to), 'latin1'))
}

describe('what a client writes', () => {
  it('is what we read, message by message, in any pieces', () => {
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(), { maxLength: 8 }), (messages, cuts) => {
        const all = messages.map((message) => written(message))
        const reading = readRequests(pieces(all.map(({ bytes }) => bytes).join(''), cuts))
        const expected = messages.map(({ start, body: data }, index) => ({ start, fields: all[index]!.fields, body: data }))
        expect(reading).toEqual({ messages: expected, end: 'clean' })
      }),
    )
  })
})

describe('whatever comes', () => {
  const asked = fc.record({ method: fc.constantFrom('GET', 'HEAD', 'CONNECT'), upgrade: fc.constantFrom('x', undefined) })
  /** Like HTTP now and then. */
  const noise = fc
    .array(
      fc.oneof(
        body,
        fc.constantFrom('GET / HTTP/1.1\r\n', 'HTTP/1.1 200 OK\r\n', 'Host: a\r\n', 'Transfer-Encoding: chunked\r\n', 'X: ', '\r\n', '5'),
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''))

  it('never makes us throw, and is read the same in any pieces', () => {
    fc.assert(
      fc.property(noise, fc.array(fc.nat(), { maxLength: 8 }), asked, (bytes, cuts, question) => {
        const whole = [Buffer.from(bytes, 'latin1')]
        expect(readRequests(pieces(bytes, cuts))).toEqual(readRequests(whole))
        expect(readResponses(pieces(bytes, cuts), question)).toEqual(readResponses(whole, question))
      }),
      { numRuns: 500 },
    )
  })

  it('is refused the same at a limit, in any pieces', () => {
    fc.assert(
      fc.property(
        sent,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: 10, max: 200 }),
        fc.integer({ min: 1, max: 6 }),
        (message, cuts, maxHeaderBytes, maxFields) => {
          const { bytes } = written(message)
          const limits = { maxHeaderBytes, maxFields }
          expect(readRequests(pieces(bytes, cuts), limits)).toEqual(readRequests(pieces(bytes, []), limits))
        },
      ),
    )
  })
})
