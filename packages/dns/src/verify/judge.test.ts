import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer, AnswerRecord, Asked } from './answer.ts'
import { type Expected, factsOf, judgeFacts, lameness } from './judge.ts'

const zone = 'example.com'
const expected: Expected = { zone, set: { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1', '192.0.2.2'] } }
const record = (value: string, more: Partial<AnswerRecord> = {}): AnswerRecord => ({
  name: 'www.example.com',
  type: 'A',
  ttlSeconds: 30,
  value,
  ...more,
})
const right = [record('192.0.2.2'), record('192.0.2.1')]

function answer(more: Partial<Answer> = {}): Asked {
  return {
    kind: 'answer',
    answer: { rcode: 'NOERROR', authoritative: true, answers: right, authorities: [], additionals: [], ...more },
  }
}

function soa(serial: number, more: Partial<Answer> = {}): Asked {
  const value = `ns1.example.com admin.example.com ${serial} 60 60 600 60`
  return answer({ answers: [record(value, { name: zone, type: 'SOA' })], ...more })
}

function judge(set: Asked, of: Asked, options: { readonly newest?: number; readonly expected?: Expected } = {}) {
  const wanted = options.expected ?? expected
  return judgeFacts(wanted, factsOf(wanted, set, of), options.newest)
}

describe('a server does not serve the set', () => {
  it.each<{ name: string; set: Asked; of?: Asked; newest?: number; standing: object }>([
    {
      name: 'that does not answer',
      set: { kind: 'silent', because: 'no answer within 2000 ms', here: false },
      standing: { state: 'unreachable', because: 'no answer within 2000 ms', here: false },
    },
    {
      name: 'that refuses the zone, whatever comes with it',
      set: answer({ rcode: 'REFUSED' }),
      standing: { state: 'lame', because: 'REFUSED' },
    },
    { name: 'whose copy of the zone has expired', set: answer({ rcode: 'SERVFAIL', answers: [] }), standing: { state: 'lame' } },
    {
      name: 'that has the right values without authority, as a resolver would',
      set: answer({ authoritative: false }),
      standing: { state: 'lame', because: 'without authority for the zone (no AA flag)' },
    },
    {
      name: 'that refers to others',
      set: answer({
        authoritative: false,
        answers: [],
        authorities: [record('ns1.other.example', { name: zone, type: 'NS' })],
      }),
      standing: { state: 'lame', because: 'without authority: it refers to ns1.other.example' },
    },
    {
      name: 'that is behind, and has the old values',
      set: answer({ answers: [record('192.0.2.9')] }),
      of: soa(5),
      newest: 7,
      standing: { state: 'old-serial', because: 'serial 5, not yet 7: 192.0.2.9', serial: 5, newest: 7 },
    },
    {
      name: 'that is behind across the turn of the serials',
      set: answer({ answers: [] }),
      of: soa(4_294_967_295),
      newest: 1,
      standing: { state: 'old-serial', because: 'serial 4294967295, not yet 1: no such record' },
    },
    {
      name: 'that is up to date, and has other values',
      set: answer({ answers: [record('192.0.2.1')] }),
      newest: 7,
      standing: { state: 'other-values', because: '192.0.2.1 instead of 192.0.2.1, 192.0.2.2', serial: 7 },
    },
    {
      name: 'that has one value more',
      set: answer({ answers: [...right, record('192.0.2.3')] }),
      standing: { state: 'other-values' },
    },
    {
      name: 'that tells no serial, and has other values',
      set: answer({ answers: [record('192.0.2.9')] }),
      of: { kind: 'silent', because: 'timeout', here: false },
      newest: 7,
      standing: { state: 'other-values', serial: undefined },
    },
    {
      name: 'that knows no such name',
      set: answer({ rcode: 'NXDOMAIN', answers: [] }),
      standing: { state: 'other-values', because: 'no such record instead of 192.0.2.1, 192.0.2.2' },
    },
    {
      name: 'where an alias is in the way',
      set: answer({ answers: [record('cdn.example.net', { type: 'CNAME' })] }),
      standing: { state: 'other-values', because: 'an alias of cdn.example.net instead of 192.0.2.1, 192.0.2.2' },
    },
    {
      name: 'whose right values belong to the end of an alias',
      set: answer({
        answers: [record('cdn.example.com', { type: 'CNAME' }), record('192.0.2.1', { name: 'cdn.example.com' })],
      }),
      standing: { state: 'other-values' },
    },
    {
      name: 'that kept the old TTL',
      set: answer({ answers: [record('192.0.2.1', { ttlSeconds: 300 }), record('192.0.2.2', { ttlSeconds: 30 })] }),
      standing: { state: 'other-ttl', because: 'a TTL of 300 s instead of 30 s', ttlSeconds: 300 },
    },
  ])('$name', ({ set, of = soa(7), newest, standing }) => {
    expect(judge(set, of, newest === undefined ? {} : { newest })).toMatchObject(standing)
  })

  it('that is behind the serial of the change, though its set looks right', () => {
    // Away and back within one delay: the secondary has yet to serve what was between.
    const told = { ...expected, serial: 8 }
    expect(judge(answer(), soa(7), { expected: told, newest: 8 })).toMatchObject({ state: 'old-serial', serial: 7, newest: 8 })
  })

  it('that still has a set which was removed', () => {
    const removed: Expected = { zone, set: { name: 'www.example.com', type: 'A', removed: true } }
    expect(judge(answer(), soa(7), { expected: removed })).toMatchObject({ state: 'other-values', because: '192.0.2.1, 192.0.2.2' })
  })
})

describe('a server serves the set', () => {
  it('in any order, with records of other names and types beside it', () => {
    const more = [...right, record('192.0.2.9', { name: 'other.example.com' }), record('', { type: 'RRSIG' })]
    expect(judge(answer({ answers: more }), soa(7), { newest: 7 })).toEqual({ state: 'serves', serial: 7 })
  })

  it('with a serial of its own, where the provider tells none', () => {
    // Some providers number each of their servers apart.
    expect(judge(answer(), soa(7), { newest: 9 })).toEqual({ state: 'serves', serial: 7 })
  })

  it('with a newer serial than that of the change', () => {
    expect(judge(answer(), soa(9), { expected: { ...expected, serial: 8 } })).toEqual({ state: 'serves', serial: 9 })
  })

  it.each(['NOERROR', 'NXDOMAIN'])('that was removed: %s without a record', (rcode) => {
    const removed: Expected = { zone, set: { name: 'www.example.com', type: 'A', removed: true } }
    expect(judge(answer({ rcode, answers: [] }), soa(7), { expected: removed })).toEqual({ state: 'serves', serial: 7 })
  })
})

it('an SOA without authority tells no serial', () => {
  expect(judge(answer(), soa(7, { authoritative: false }))).toEqual({ state: 'serves', serial: undefined })
})

it('a server that says that there is no such name, with authority, is not lame', () => {
  expect(lameness({ rcode: 'NXDOMAIN', authoritative: true, answers: [], authorities: [], additionals: [] })).toBeUndefined()
})

it('nothing serves a set without authority, without exactly its values and its TTL, whatever the answers are', () => {
  const part = fc.constantFrom('www.example.com', 'example.com', 'A', 'CNAME', 'SOA', 'NS', '192.0.2.1', '192.0.2.2', '', '1 2 3 4 5 6 7')
  const anyRecord = fc.record({ name: part, type: part, ttlSeconds: fc.constantFrom(0, 30, 60), value: part })
  const section = fc.array(anyRecord, { maxLength: 4 })
  const anyAnswer = fc.record({
    rcode: fc.constantFrom('NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED'),
    authoritative: fc.boolean(),
    answers: section,
    authorities: section,
    additionals: section,
  })
  fc.assert(
    fc.property(anyAnswer, anyAnswer, fc.option(fc.nat(), { nil: undefined }), (one, other, newest) => {
      const [set, of] = [answer(one), answer(other)]
      const { state } = judge(set, of, newest === undefined ? {} : { newest })
      if (state !== 'serves') return
      expect(one.authoritative).toBe(true)
      const own = one.answers.filter(({ name, type }) => name === 'www.example.com' && type === 'A')
      expect(new Set(own.map(({ value }) => value))).toEqual(new Set(['192.0.2.1', '192.0.2.2']))
      expect(Math.max(...own.map(({ ttlSeconds }) => ttlSeconds))).toBe(30)
    }),
    { numRuns: 500 },
  )
})
