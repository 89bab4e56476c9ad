import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRequest, GrpcMessageReader, parseStatus } from './message.ts'

const bytes = (...values: number[]) => Buffer.from(values)

describe('GrpcMessageReader', () => {
  it.each([
    { name: 'a compressed message', chunk: bytes(1, 0, 0, 0, 0), problem: 'a compressed message, which was not asked for' },
    { name: 'another prefix', chunk: bytes(72, 84), problem: 'a message without a valid prefix' },
    { name: 'a huge message', chunk: bytes(0, 255, 255, 255, 255), problem: 'a message of 4294967295 bytes' },
    { name: 'two messages', chunk: bytes(0, 0, 0, 0, 0, 0), problem: 'more than one message' },
  ])('refuses $name', ({ chunk, problem }) => {
    expect(new GrpcMessageReader(100).add(chunk)).toBe(problem)
  })

  it('has no message while a byte is missing', () => {
    const reader = new GrpcMessageReader(100)
    expect(reader.add(bytes(0, 0, 0, 0, 2, 8))).toBeUndefined()
    expect(reader.message).toBeUndefined()
  })

  it('puts a message together from any pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 1, max: 20 }), (content, size) => {
        const prefix = bytes(0, 0, 0, 0, content.length)
        const stream = Buffer.concat([prefix, content])
        const reader = new GrpcMessageReader(100)
        for (let offset = 0; offset < stream.length; offset += size) {
          expect(reader.add(stream.subarray(offset, offset + size))).toBeUndefined()
        }
        expect(reader.message).toEqual(Buffer.from(content))
      }),
    )
  })

  it('never throws, and never keeps more than its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const reader = new GrpcMessageReader(20)
        for (const chunk of chunks) reader.add(Buffer.from(chunk))
        expect(reader.message?.length ?? 0).toBeLessThanOrEqual(20)
      }),
    )
  })
})

describe('parseStatus', () => {
  it.each([
    { name: 'half a varint', message: bytes(8, 0x80) },
    { name: 'no value', message: bytes(8) },
    { name: 'a varint without an end', message: Buffer.alloc(20, 0xff) },
    { name: 'field 0', message: bytes(0, 1) },
    { name: 'a group', message: bytes(0x0b, 0x0c) },
    { name: 'a text that is cut', message: bytes(0x12, 5, 65) },
    { name: 'a number that is cut', message: bytes(0x15, 1, 2) },
  ])('does not read $name', ({ message }) => {
    expect(parseStatus(message)).toBeUndefined()
  })

  it.each([
    { name: 'an empty message', message: bytes(), status: 0 },
    { name: 'SERVING', message: bytes(8, 1), status: 1 },
    { name: 'the last of two', message: bytes(8, 1, 8, 2), status: 2 },
    {
      name: 'the status among other fields',
      message: bytes(0x12, 1, 65, 8, 1, 0x15, 1, 2, 3, 4, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x20, 9),
      status: 1,
    },
  ])('reads $name', ({ message, status }) => {
    expect(parseStatus(message)).toBe(status)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (message) => {
        expect(['number', 'undefined']).toContain(typeof parseStatus(Buffer.from(message)))
      }),
    )
  })
})

describe('encodeRequest', () => {
  it('names the service, and says nothing for the whole server', () => {
    expect(encodeRequest('')).toEqual(bytes(0, 0, 0, 0, 0))
    expect(encodeRequest('shop')).toEqual(Buffer.concat([bytes(0, 0, 0, 0, 6, 0x0a, 4), Buffer.from('shop')]))
    expect(encodeRequest('a'.repeat(300)).subarray(0, 8)).toEqual(bytes(0, 0, 0, 1, 47, 0x0a, 0xac, 0x02))
  })
})
