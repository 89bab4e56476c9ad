import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactly, Inbox, upTo, wholeLine } from './inbox.ts'

function filled(text: string): Inbox {
  const inbox = new Inbox()
  inbox.add(Buffer.from(text))
  return inbox
}

describe('Inbox', () => {
  it.each([
    { cut: wholeLine, text: 'no end', maxBytes: 10, taken: 'more' },
    { cut: wholeLine, text: 'no end', maxBytes: 6, taken: 'too-long' },
    { cut: wholeLine, text: 'too far\n', maxBytes: 7, taken: 'too-long' },
    { cut: wholeLine, text: 'fits\n', maxBytes: 5, taken: Buffer.from('fits\n') },
    { cut: exactly(3), text: 'ab', maxBytes: 3, taken: 'more' },
    { cut: exactly(3), text: 'abcd', maxBytes: 3, taken: Buffer.from('abc') },
    { cut: exactly(0), text: '', maxBytes: 0, taken: Buffer.alloc(0) },
    { cut: upTo(Buffer.from('OK')), text: 'all OK then', maxBytes: 99, taken: Buffer.from('all OK') },
  ])('takes $taken of $text within $maxBytes bytes', ({ cut, text, maxBytes, taken }) => {
    expect(filled(text).take(cut, maxBytes)).toEqual(taken)
  })

  it('gives the same lines, however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'é'), maxLength: 8 })), (chunks) => {
        const inbox = new Inbox()
        const lines: string[] = []
        for (const chunk of chunks) {
          inbox.add(Buffer.from(chunk))
          for (let line = inbox.take(wholeLine, 1_000); Buffer.isBuffer(line); line = inbox.take(wholeLine, 1_000))
            lines.push(line.toString())
        }
        expect(lines).toEqual(
          chunks
            .join('')
            .split('\n')
            .slice(0, -1)
            .map((line) => `${line}\n`),
        )
      }),
    )
  })
})
