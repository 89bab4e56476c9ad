import { describe, expect, it } from 'vitest'
import { DnsParseError } from './errors.ts'
import { WireReader } from './wire-reader.ts'

const read = (bytes: readonly number[], offset = 0) => new WireReader(Uint8Array.from(bytes), offset)

describe('WireReader', () => {
  it.each([
    { what: 'itself', bytes: [0xc0, 0], offset: 0 },
    { what: 'a pointer to itself', bytes: [0xc0, 0, 0xc0, 0], offset: 2 },
    { what: 'what comes after it', bytes: [0xc0, 2, 0], offset: 0 },
    { what: 'a name that points back to it', bytes: [1, 97, 0xc0, 4, 1, 98, 0xc0, 0], offset: 4 },
  ])('does not follow a pointer to $what', ({ bytes, offset }) => {
    expect(() => read(bytes, offset).name()).toThrow(DnsParseError)
  })

  it('does not follow a chain of pointers that is longer than any name', () => {
    const chain = Array.from({ length: 200 }, (_, index) => {
      const target = Math.max(0, 2 * index - 1)
      return [0xc0 | (target >> 8), target & 0xff]
    }).flat()
    // The root, and then each pointer to the one before it.
    expect(() => read([0, ...chain], 1 + 2 * 199).name()).toThrow('points astray')
    expect(read([0, ...chain], 1 + 2 * 100).name()).toBe('.')
  })

  it.each([
    { what: 'a label of 64 bytes', bytes: [64, ...Array<number>(64).fill(97), 0] },
    { what: 'the reserved lengths', bytes: [0x80, 0] },
    { what: 'a name of 256 bytes', bytes: [...Array.from({ length: 4 }, () => [63, ...Array<number>(63).fill(97)]).flat(), 0] },
    { what: 'a name that is cut in a label', bytes: [3, 97, 97] },
    { what: 'a name without its end', bytes: [1, 97] },
    { what: 'half a pointer', bytes: [0xc0] },
  ])('refuses $what', ({ bytes }) => {
    expect(() => read(bytes).name()).toThrow(DnsParseError)
  })

  it('takes the longest name there is, 255 bytes', () => {
    const bytes = [...Array.from({ length: 3 }, () => [63, ...Array<number>(63).fill(97)]).flat(), 61, ...Array<number>(61).fill(98), 0]
    expect(bytes.length).toBe(255)
    expect(read(bytes).name()).toHaveLength(253)
  })

  it('reads numbers as they are, beyond 31 and 32 bits too', () => {
    expect(read([0xff, 0xff, 0xff, 0xff]).number(4)).toBe(4_294_967_295)
    expect(read([0x01, 0, 0, 0, 0, 1]).number(6)).toBe(1_099_511_627_777)
    expect(() => read([1]).number(2)).toThrow(DnsParseError)
  })

  it('keeps the reader of a part within it, and lets names point out of it', () => {
    const reader = read([1, 97, 0, 0xc0, 0, 7])
    reader.bytes(3)
    const part = reader.part(2)
    expect(part.name()).toBe('a')
    expect(part.done).toBe(true)
    expect(() => part.number(1)).toThrow(DnsParseError)
    expect(reader.number(1)).toBe(7)
    expect(() => reader.part(1)).toThrow(DnsParseError)
  })

  it('refuses a compressed name where there must be none', () => {
    expect(() => read([0, 0xc0, 0], 1).name({ pointers: false })).toThrow('compressed')
  })
})
