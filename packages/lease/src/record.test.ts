import { errorCode } from '@hotspare/core'
import { anything, assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRecord, leaseNameProblem, parseRecord, toRecord } from './record.ts'

const record = { holder: 'web-1', token: 7, ttlMs: 2_000, revision: 'a.1' }

describe('parseRecord', () => {
  it.each([
    '',
    'null',
    '[]',
    '{',
    'hello',
    '{"holder":"web-1","token":7,"ttlMs":2000}',
    '{"holder":7,"token":7,"ttlMs":2000,"revision":"a.1"}',
    '{"holder":"web-1","token":0,"ttlMs":2000,"revision":"a.1"}',
    '{"holder":"web-1","token":1.5,"ttlMs":2000,"revision":"a.1"}',
    '{"holder":"web-1","token":1e300,"ttlMs":2000,"revision":"a.1"}',
    '{"holder":"web-1","token":7,"ttlMs":0,"revision":"a.1"}',
    '{"holder":"web-1","token":7,"ttlMs":1e12,"revision":"a.1"}',
    '{"holder":"web 1\\n","token":7,"ttlMs":2000,"revision":"a.1"}',
  ])('refuses %s, says where it is and what to do', (text) => {
    expect(() => parseRecord(text, 'etcd: key x')).toThrow(
      expect.objectContaining({
        code: 'HOTSPARE_LEASE_RECORD',
        message: expect.stringMatching(/^etcd: key x: not a lease record: .*use another name/u),
      }),
    )
  })
  it('never does anything else with any text or value', () => {
    const isRecordOrRefused = (parse: () => object) => {
      try {
        return 'token' in parse()
      } catch (error) {
        return errorCode(error) === 'HOTSPARE_LEASE_RECORD'
      }
    }
    assert(property(string(), (text) => isRecordOrRefused(() => parseRecord(text, 'x'))))
    assert(property(anything(), (value) => isRecordOrRefused(() => toRecord(value, 'x', 'a value'))))
  })
  it('reads what was encoded, and leaves out what it does not know', () => {
    expect(parseRecord(encodeRecord(record), 'x')).toEqual(record)
    expect(toRecord({ ...record, later: true }, 'x')).toEqual(record)
    expect(toRecord({ ...record, holder: null }, 'x').holder).toBeNull()
  })
})

describe('leaseNameProblem', () => {
  it.each(['', '/shop', '-x', 'a b', 'ä', 'a\n', 'x'.repeat(129)])('finds one in %j', (name) => {
    expect(leaseNameProblem(name)).toBeDefined()
  })
  it.each(['shop', 'Shop/eu-1_a.b', '1', 'x'.repeat(128)])('finds none in %j', (name) => {
    expect(leaseNameProblem(name)).toBeUndefined()
  })
})
