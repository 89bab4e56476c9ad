import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeptBytes } from './kept-bytes.ts'

describe('KeptBytes', () => {
  it('keeps the first bytes, however they are cut, and no more than it may', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 900 }), { maxLength: 8 }), fc.integer({ min: 1, max: 2_000 }), (pieces, maxBytes) => {
        const kept = new KeptBytes(maxBytes)
        for (const piece of pieces) kept.add(Buffer.from(piece))
        expect(kept.bytes).toEqual(Buffer.concat(pieces).subarray(0, maxBytes))
        expect(kept.length).toBe(kept.bytes.length)
      }),
    )
  })

  it('takes no more room for a million pieces than for one', () => {
    const kept = new KeptBytes(1_048_576)
    const piece = Buffer.from('a')
    for (let count = 0; count < 1_048_576; count += 1) kept.add(piece)
    expect(kept.bytes.buffer.byteLength).toBe(1_048_576)
  })

  it('begins again where it is cleared', () => {
    const kept = new KeptBytes(5)
    kept.add(Buffer.from('hello'))
    kept.clear()
    kept.add(Buffer.from('ab'))
    expect(kept.bytes.toString()).toBe('ab')
  })
})
