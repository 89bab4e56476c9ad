import { decodeMessage, encodeQuery, presentValue } from '@hotspare/dns-wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AskedZones } from './responder.fixture.ts'
import type { ServedSet } from './served-set.ts'

const ZONE = 'z.test'
const TYPES = ['A', 'TXT', 'MX'] as const

const label = fc.constantFrom('a', 'b', 'cc', 'd-d')
const relative = fc
  .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 3 }))
  .map(([isWild, labels]) => [...(isWild ? ['*'] : []), ...labels].join('.'))
const name = relative.map((text) => `${text}.${ZONE}`)
const values = { A: ['192.0.2.1', '192.0.2.2'], TXT: ['one', 'two'], MX: ['1 mail.z.test', '2 a.b.z.test'] }

/** Sets of some names, each with a CNAME or with others. */
const content: fc.Arbitrary<ServedSet[]> = fc
  .uniqueArray(fc.tuple(name, fc.constantFrom('alias', 'sets'), name, fc.subarray([...TYPES], { minLength: 1 })), {
    selector: ([first]) => first,
    maxLength: 12,
  })
  .map((entries) =>
    entries.flatMap(([owner, kind, target, types]): ServedSet[] =>
      kind === 'alias'
        ? [{ name: owner, type: 'CNAME', ttlSeconds: 5, values: [target.replace('*.', '')] }]
        : types.map((type) => ({ name: owner, type, ttlSeconds: 5, values: values[type] })),
    ),
  )

interface Expected {
  readonly rcode: string
  readonly records: readonly string[]
  readonly hasSoa: boolean
}

/** RFC 1034, 4.3.2, and RFC 4592 again, by looking through all records with each step. */
function expected(sets: readonly ServedSet[], asked: string, type: string): Expected {
  const records: string[] = []
  const seen = new Set<string>()
  const exists = (each: string) => each === ZONE || sets.some((set) => set.name === each || set.name.endsWith(`.${each}`))
  for (let current = asked; ;) {
    if (!current.endsWith(`.${ZONE}`) && current !== ZONE) return { rcode: 'NOERROR', records, hasSoa: false }
    let source = current
    if (!exists(current)) {
      let encloser = current
      while (!exists(encloser)) encloser = encloser.slice(encloser.indexOf('.') + 1)
      source = `*.${encloser}`
      if (!exists(source)) return { rcode: 'NXDOMAIN', records, hasSoa: true }
    }
    const here = sets.filter((set) => set.name === source)
    const alias = here.find((set) => set.type === 'CNAME')
    if (!alias) {
      const found = here.find((set) => set.type === type)
      for (const value of found?.values ?? []) records.push(`${current} ${type} ${value}`)
      return { rcode: 'NOERROR', records, hasSoa: !found }
    }
    // A loop is told once around.
    if (seen.has(source)) return { rcode: 'NOERROR', records, hasSoa: false }
    seen.add(source)
    records.push(`${current} CNAME ${alias.values[0]}`)
    current = alias.values[0] ?? ''
  }
}

const letterCase = (text: string, flips: readonly boolean[]) =>
  text
    .split('')
    .map((letter, index) => (flips[index % flips.length] ? letter.toUpperCase() : letter))
    .join('')

it('answers as the standards say, for whatever is in a zone and whatever is asked', () => {
  fc.assert(
    fc.property(
      content,
      fc.array(fc.tuple(name, fc.constantFrom(...TYPES), fc.array(fc.boolean(), { minLength: 1, maxLength: 9 })), {
        minLength: 1,
        maxLength: 12,
      }),
      (sets, questions) => {
        const zones = new AskedZones({ name: ZONE, nameServers: ['ns.z.test'], records: sets })
        for (const [owner, type, flips] of questions) {
          const bytes = zones.raw(encodeQuery({ id: 1, name: letterCase(owner, flips), type, edns: flips[0] ? {} : false }))
          const { rcode, answers, authorities } = decodeMessage(bytes!)
          const records = answers.map((each) => `${each.name} ${each.type} ${presentValue(each.type, each.data)}`)
          expect({ asked: `${owner} ${type}`, rcode, records, hasSoa: authorities.length === 1 }).toEqual({
            asked: `${owner} ${type}`,
            ...expected(sets, owner, type),
          })
          const soa = { name: ZONE, type: 'SOA', data: { primary: 'ns.z.test', mailbox: 'hostmaster.z.test' } }
          expect(authorities).toMatchObject(authorities.map(() => soa))
        }
      },
    ),
    { numRuns: 200 },
  )
})

it('answers the same after any changes as a zone that was made so', () => {
  const questions = fc.sample(name, { numRuns: 30, seed: 7 })
  const answer = (zones: AskedZones, owner: string) => {
    const { rcode, answers } = decodeMessage(zones.raw(encodeQuery({ id: 1, name: owner, type: 'A' }))!)
    return { owner, rcode, answers }
  }
  fc.assert(
    fc.property(content, content, fc.array(name, { minLength: 1, maxLength: 4 }), fc.nat(2), (before, after, targets, turnedFrom) => {
      const zones = new AskedZones({ name: ZONE, nameServers: ['ns.z.test'], records: before })
      const expectAs = (records: readonly ServedSet[]) => {
        const made = new AskedZones({ name: ZONE, nameServers: ['ns.z.test'], records })
        for (const owner of questions) expect(answer(zones, owner)).toEqual(answer(made, owner))
      }
      const kept = new Set(after.map((set) => `${set.name} ${set.type}`))
      const gone = before.filter((set) => !kept.has(`${set.name} ${set.type}`))
      zones.zone(ZONE).change(after, gone, 0)
      expectAs(after)
      // The same names, many with other values: of this version only some answers are made anew.
      const turned = after.map((set, index) => {
        const target = targets[index % targets.length]?.replace('*.', '') ?? ''
        if (index % 3 === turnedFrom % 3) return set
        return { ...set, values: set.type === 'CNAME' ? [target] : set.values.toReversed().slice(index % 2) }
      })
      zones.zone(ZONE).change(turned, [], 0)
      expectAs(turned)
    }),
    { numRuns: 150 },
  )
})

it('any bytes at all are answered with a message that can be read, within the limit, or not at all', () => {
  const zones = new AskedZones({
    name: ZONE,
    nameServers: ['ns.z.test'],
    records: [
      { name: 'a.z.test', type: 'A', ttlSeconds: 1, values: ['192.0.2.1'] },
      { name: '*.b.z.test', type: 'TXT', ttlSeconds: 1, values: ['x'.repeat(250), 'y'.repeat(250)] },
    ],
  })
  const valid = fc
    .tuple(name, fc.constantFrom('A', 'TXT', 'ANY', 'AXFR', 'IXFR'), fc.constantFrom(false as const, {}, { version: 3 }))
    .map(([owner, type, edns]) => encodeQuery({ id: 1, name: owner, type, edns }))
  const mutated = fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 5 }), fc.nat(90))
    .map(([bytes, changes, length]) => {
      const copy = Uint8Array.from(bytes)
      for (const [at, value] of changes) copy[at % copy.length] = value
      return copy.subarray(0, length)
    })
  const anything = fc.oneof(fc.uint8Array({ maxLength: 600 }), valid, mutated)
  fc.assert(
    fc.property(anything, fc.integer({ min: 12, max: 1_232 }), (bytes, limit) => {
      const answer = zones.raw(bytes, limit)
      if (!answer) return
      expect(answer.length).toBeLessThanOrEqual(Math.max(limit, bytes.length))
      expect([answer[0], answer[1]]).toEqual([bytes[0], bytes[1]])
      const { rcode, flags } = decodeMessage(answer)
      expect(flags.response).toBe(true)
      expect(rcode).not.toBe('SERVFAIL')
    }),
    { numRuns: 3_000 },
  )
})
