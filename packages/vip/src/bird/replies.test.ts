import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BirdReply, NOTHING_READ, readBird } from './replies.ts'

const MOST = 4_096

function readAll(chunks: readonly string[], most = MOST): { readonly replies: readonly BirdReply[]; readonly problem: string | undefined } {
  let reading = NOTHING_READ
  const replies: BirdReply[] = []
  for (const chunk of chunks) {
    const step = readBird(reading, chunk, most)
    replies.push(...step.replies)
    if (step.problem !== undefined) return { replies, problem: step.problem }
    reading = step.reading
  }
  return { replies, problem: undefined }
}

describe('what BIRD sends', () => {
  it.for([
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n'],
    ['a line that goes on from nothing', ' and so on\n'],
    ['a number of three digits', '001 ready\n'],
  ] as const)('is refused when it is %s', ([, text]) => {
    expect(readAll([text]).problem).toBe('it does not speak as BIRD does')
  })

  it.for([
    ['lines without an end', ['1002-x\n'.repeat(MOST)]],
    ['one line without an end', ['1002-', 'x'.repeat(MOST), 'x']],
  ] as const)('is refused when it has %s', ([, chunks]) => {
    expect(readAll(chunks).problem).toBe(`it answers with more than ${MOST} characters`)
  })

  it('is read as replies, with what belongs to none left out', () => {
    const text =
      '0001 BIRD 2.0.12 ready.\n+aside\n1007-Table master4:\n 10.0.0.100/32        unicast\n \tdev lo\n0000 \n8001 Network not found\n'
    expect(readAll([text]).replies).toEqual([
      { code: 1, lines: [{ code: 1, text: 'BIRD 2.0.12 ready.' }] },
      {
        code: 0,
        lines: [
          { code: 1007, text: 'Table master4:' },
          { code: 1007, text: '10.0.0.100/32        unicast' },
          { code: 1007, text: '\tdev lo' },
          { code: 0, text: '' },
        ],
      },
      { code: 8001, lines: [{ code: 8001, text: 'Network not found' }] },
    ])
  })

  it('is read alike however it is cut into chunks', () => {
    const line = fc.oneof(
      fc
        .tuple(fc.integer({ min: 0, max: 9_999 }), fc.constantFrom(' ', '-'), fc.string({ maxLength: 20 }))
        .map(([code, mark, text]) => `${String(code).padStart(4, '0')}${mark}${text.replaceAll('\n', '')}`),
      fc.string({ maxLength: 20 }).map((text) => `+${text.replaceAll('\n', '')}`),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.array(fc.nat(40), { maxLength: 40 }), (lines, cuts) => {
        const text = lines.map((each) => `${each}\n`).join('')
        const chunks: string[] = []
        let at = 0
        for (const cut of cuts) chunks.push(text.slice(at, (at += cut)))
        chunks.push(text.slice(at))
        expect(readAll(chunks)).toEqual(readAll([text]))
      }),
    )
  })

  it('never makes the reader fail or keep more than it may, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        let reading = NOTHING_READ
        for (const chunk of chunks) {
          const step = readBird(reading, chunk, 300)
          reading = step.reading
          expect(reading.rest.length + reading.characters).toBeLessThanOrEqual(300)
        }
      }),
    )
  })
})
