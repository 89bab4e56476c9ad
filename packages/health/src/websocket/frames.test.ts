import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closeCode, encodeControl, FrameReader, OPCODE } from './frames.ts'

const bytes = (...values: number[]) => Buffer.from(values)

/** A whole frame as a server sends it. */
function frame(data: Buffer, opcode: number): Buffer {
  const head = Buffer.alloc(data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10)
  head.writeUInt8(0x80 | opcode)
  head.writeUInt8(head.length === 2 ? data.length : head.length === 4 ? 126 : 127, 1)
  if (head.length === 4) head.writeUInt16BE(data.length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(data.length), 2)
  return Buffer.concat([head, data])
}

describe('FrameReader', () => {
  it.each([
    { name: 'a masked frame', chunk: bytes(0x8a, 0x80), problem: 'a masked frame, which a server must not send' },
    { name: 'reserved bits', chunk: bytes(0xca, 0x00), problem: 'a frame with reserved bits, which no extension was agreed on for' },
    { name: 'a kind that does not exist', chunk: bytes(0x83, 0x00), problem: 'a frame of a kind that does not exist (3)' },
    { name: 'a ping in pieces', chunk: bytes(0x09, 0x00), problem: 'a control frame that is too long or in pieces' },
    { name: 'a ping of 126 bytes', chunk: bytes(0x89, 0x7e, 0, 126), problem: 'a control frame that is too long or in pieces' },
    { name: 'a piece of no message', chunk: bytes(0x80, 0x00), problem: 'pieces of messages in the wrong order' },
    { name: 'a message within a message', chunk: bytes(0x01, 0x00, 0x81, 0x00), problem: 'pieces of messages in the wrong order' },
    {
      name: 'a length past all numbers',
      chunk: bytes(0x82, 0x7f, 255, 255, 255, 255, 255, 255, 255, 255),
      problem: 'a frame longer than there can be',
    },
  ])('refuses $name', ({ chunk, problem }) => {
    expect(new FrameReader().add(chunk)).toBe(problem)
  })

  it('finds the pong among data of every length, in any pieces', () => {
    const message = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(125, 126, 65_535, 65_536))
    fc.assert(
      fc.property(message, fc.integer({ min: 1, max: 70_000 }), fc.uint8Array({ maxLength: 125 }), (dataBytes, size, payload) => {
        const stream = Buffer.concat([frame(Buffer.alloc(dataBytes), OPCODE.binary), frame(Buffer.from(payload), OPCODE.pong)])
        const reader = new FrameReader()
        const found: unknown[] = []
        for (let offset = 0; offset < stream.length; offset += size) found.push(reader.add(stream.subarray(offset, offset + size)))
        expect(found.flat()).toEqual([{ opcode: OPCODE.pong, payload: Buffer.from(payload) }])
      }),
      { numRuns: 50 },
    )
  })

  it('never throws, and gives control frames of 125 bytes at most', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const reader = new FrameReader()
        for (const chunk of chunks) {
          const found = reader.add(Buffer.from(chunk))
          if (typeof found === 'string') break
          expect(found.every(({ payload }) => payload.length <= 125)).toBe(true)
        }
      }),
    )
  })
})

describe('encodeControl', () => {
  it('masks what it sends, as the example of RFC 6455 has it', () => {
    // Section 5.7: a masked pong with "Hello".
    const expected = bytes(0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58)
    expect(encodeControl(OPCODE.pong, Buffer.from('Hello'), bytes(0x37, 0xfa, 0x21, 0x3d))).toEqual(expected)
  })
})

describe('closeCode', () => {
  it('is 1005 where there is none', () => {
    expect([closeCode(bytes()), closeCode(bytes(3)), closeCode(bytes(0x03, 0xe9, 65))]).toEqual([1_005, 1_005, 1_001])
  })
})
