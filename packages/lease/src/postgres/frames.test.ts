import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PostgresFrames } from './frames.ts'

const message = (code: string, body: string | Buffer = '') => {
  const bytes = Buffer.from(body)
  const header = Buffer.alloc(5)
  header.write(code)
  header.writeUInt32BE(bytes.length + 4, 1)
  return Buffer.concat([header, bytes])
}

describe('messages of PostgreSQL', () => {
  it.each([
    ['a length of zero', Buffer.from([0x5a, 0, 0, 0, 0])],
    ['a length that leaves itself out', Buffer.from([0x5a, 0, 0, 0, 3])],
    ['a length of four gigabytes', Buffer.from([0x44, 0xff, 0xff, 0xff, 0xff])],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ['a mail server', Buffer.from('220 mail.example ESMTP\r\n')],
    ['an empty error message', message('E')],
    ['an error message whose last text has no end', message('E', 'SERROR\0Mno end')],
    ['an error message whose fields have no end', message('E', 'SERROR\0Mtext\0')],
    ['a notice without an end', message('N', 'SWARNING\0')],
  ])('end with %s', (_, bytes) => {
    expect(() => new PostgresFrames().push(bytes)).toThrow(Error)
  })

  it('go through whole, however they were cut', () => {
    const kinds = fc.constantFrom('R', 'S', 'K', 'Z', 'T', 'D', 'C', 'A')
    const one = fc.oneof(
      fc.tuple(kinds, fc.uint8Array({ maxLength: 50 })).map(([code, body]) => message(code, Buffer.from(body))),
      fc.constant(message('E', 'SERROR\0C42P01\0Mno such table\0\0')),
    )
    fc.assert(
      fc.property(fc.array(one, { maxLength: 10 }), fc.array(fc.nat(600), { maxLength: 12 }), (messages, cuts) => {
        const all = Buffer.concat(messages)
        const frames = new PostgresFrames()
        const places = [0, ...cuts.filter((cut) => cut < all.length).toSorted((left, right) => left - right), all.length]
        let arrived = Buffer.alloc(0)
        for (const [index, place] of places.slice(1).entries()) {
          arrived = Buffer.concat([arrived, frames.push(all.subarray(places[index], place))])
          const boundaries = messages.map((_, count) => Buffer.concat(messages.slice(0, count + 1)).length)
          expect([0, ...boundaries]).toContain(arrived.length)
        }
        expect(arrived).toEqual(all)
      }),
    )
  })

  it('end with an answer that does not end, and begin anew with each question', () => {
    const frames = new PostgresFrames()
    const rows = message('D', Buffer.alloc(60_000))
    for (let index = 0; index < 4; index++) frames.push(rows)
    frames.push(message('Z', 'I'))
    for (let index = 0; index < 4; index++) frames.push(rows)
    expect(() => frames.push(rows)).toThrow('an answer of more than')
  })
})
