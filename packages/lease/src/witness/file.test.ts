import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LeaseRecord } from '../register.ts'
import { record } from './witness.fixture.ts'
import { decodeWitnessFile, encodeWitnessFile } from './file.ts'

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,20}$/)
const records = fc
  .array(
    fc.tuple(
      fc.oneof(name, fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'prototype')),
      fc.record<LeaseRecord>({
        holder: fc.option(name),
        token: fc.integer({ min: 1, max: 9e15 }),
        ttlMs: fc.double({ min: 1, max: 86_400_000, noNaN: true }),
        revision: name,
      }),
    ),
    { maxLength: 5 },
  )
  .map((entries) => new Map(entries))

const valid = encodeWitnessFile(new Map([['shop', record()]]))

describe('the file of the witness', () => {
  it('is refused when it was cut off anywhere, unless only the line feed is missing', () => {
    const cut = fc.property(records, (kept) => {
      const text = encodeWitnessFile(kept)
      const decoded = Array.from({ length: text.length }, (_, length) => decodeWitnessFile(text.slice(0, length)))
      expect(decoded.pop()).toEqual({ records: kept })
      for (const shorter of decoded) expect(shorter).toEqual({ wrong: expect.any(String) })
    })
    expect(() => fc.assert(cut, { numRuns: 30 })).not.toThrow()
  })

  it('is refused when any character of it is another', () => {
    fc.assert(
      fc.property(fc.nat(valid.length - 2), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
        fc.pre(valid[at] !== other)
        expect(decodeWitnessFile(valid.slice(0, at) + other + valid.slice(at + 1))).toHaveProperty('wrong')
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused as any other text or JSON, without throwing', () => {
    const any = fc.property(fc.oneof(fc.string(), fc.json()), (text) => 'wrong' in decodeWitnessFile(text))
    expect(() => fc.assert(any)).not.toThrow()
  })

  const rows = [
    { what: 'nothing', text: '' },
    { what: 'zeros, as a power failure leaves them', text: '\0'.repeat(valid.length) },
    { what: 'another version', text: valid.replace('"version":1', '"version":2'), wrong: 'it has version 2 and this program reads 1' },
    { what: 'a record that was edited by hand', text: valid.replace('"token":1', '"token":9') },
    { what: 'a name twice', text: encodeWitnessFile(new Map([['shop', record()]])).replace(/\[(\[.*\])\]/, '[$1,$1]') },
    { what: 'a field more', text: valid.replace('{"format"', '{"more":1,"format"') },
  ]
  it.each(rows)('is refused with $what', ({ text, wrong = 'it is damaged' }) => {
    expect(decodeWitnessFile(text)).toEqual({ wrong: expect.stringContaining(wrong) })
  })

  it('gives back what was written', () => {
    fc.assert(
      fc.property(records, (kept) => {
        expect(decodeWitnessFile(encodeWitnessFile(kept))).toEqual({ records: kept })
      }),
    )
  })

  it('is one line of JSON with a checksum over its records', () => {
    expect(valid).toBe(
      '{"format":"hotspare-witness","version":1,"sha256":"bc28e36a820801d608461be4c4c0f2bbb76dac55b8c54036f77393a2d797f726",' +
        '"records":[["shop",{"holder":"web-1","token":1,"ttlMs":2000,"revision":"instance.1"}]]}\n',
    )
  })
})
