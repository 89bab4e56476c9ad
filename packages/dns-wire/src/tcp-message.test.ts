import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TcpMessage, withLength } from './tcp-message.ts'

describe('TcpMessage', () => {
  it('has no message while a byte is missing', () => {
    const message = new TcpMessage()
    expect(message.progress).toBe('no byte of it')
    expect(message.add(withLength(Buffer.from('hello')).subarray(0, 6))).toBeUndefined()
    expect(message.progress).toBe('4 of 5 bytes')
  })

  it('puts a message together from any pieces, and leaves what comes after it', () => {
    const content = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(content, content, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (wanted, after, sizes) => {
        const stream = Buffer.concat([withLength(wanted), after])
        const message = new TcpMessage()
        let found: Uint8Array | undefined
        for (let offset = 0, turn = 0; offset < stream.length && !found; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          found = message.add(stream.subarray(offset, offset + size))
          offset += size
        }
        expect(Buffer.from(found ?? [])).toEqual(Buffer.from(wanted))
      }),
    )
  })
})
