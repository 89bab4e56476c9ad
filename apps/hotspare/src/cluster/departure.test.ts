import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CarriedService, type CarrierNode, departureOf, moveOf, objectionTo } from './departure.ts'

/** A node that is well for `shop`, `db` and `mail`, and active for those that are named. */
function node(name: string, acts: readonly string[] = [], changes: Partial<CarrierNode> = {}): CarrierNode {
  const services = Object.fromEntries(['shop', 'db', 'mail'].map((each) => [each, { acts: acts.includes(each), obstacle: undefined }]))
  return { name, capacity: undefined, obstacle: undefined, services, ...changes }
}

const members = ['a', 'b', 'c']
const shop: CarriedService = { name: 'shop', members, load: 40 }
const db: CarriedService = { name: 'db', members, load: 60 }
const sick = { shop: { acts: false, obstacle: 'its check says down' } }

describe('what leaves', () => {
  it.each([
    ['the only other node is dead', [node('a', ['shop']), node('b', [], { obstacle: 'dead' })], /nobody could take shop over \(b: dead\)/],
    ['the service is not well elsewhere', [node('a', ['shop']), node('b', [], { services: sick })], /b: its check says down/],
    ['the other node has not told of it', [node('a', ['shop']), node('b', [], { services: {} })], /b: it has not told/],
    ['all nodes leave', [node('a', ['shop'])], /it has no member that stays/],
  ])('has nowhere to go where %s', (_what, nodes, objection) => {
    const answer = departureOf({ nodes, services: [shop] }, ['a'])
    expect(answer.stranded).toEqual(['shop'])
    expect(objectionTo(answer)).toMatch(objection)
  })

  it('is too much for a node that would carry more than it can, with figures', () => {
    const answer = departureOf({ nodes: [node('a', ['shop']), node('b', ['db'], { capacity: 90 })], services: [shop, db] }, ['a'])
    expect(objectionTo(answer)).toBe('b would carry 100 of 90')
    expect(answer.loads).toEqual([{ node: 'b', load: 100, added: 40, capacity: 90, fits: false }])
  })

  it('is no reason against a node that carries too much already, and gets nothing', () => {
    const nodes = [node('a', ['shop']), node('b'), node('c', ['db'], { capacity: 50 })]
    const answer = departureOf({ nodes, services: [shop, db] }, ['a'])
    expect(objectionTo(answer)).toBeUndefined()
    expect(answer.loads).toMatchObject([{ node: 'c', added: 0, fits: false }])
  })

  it('goes to the first that has room, and not to the preferred one that has none', () => {
    const nodes = [node('a', ['shop']), node('b', ['db'], { capacity: 90 }), node('c', [], { capacity: 50 })]
    expect(departureOf({ nodes, services: [shop, db] }, ['a'])).toMatchObject({ departures: [{ to: 'c' }], overloaded: [] })
  })

  it('is placed one after the other, and each counts for the next', () => {
    const nodes = [node('a', ['shop', 'db']), node('b', [], { capacity: 60 }), node('c', [], { capacity: 60 })]
    expect(departureOf({ nodes, services: [shop, db] }, ['a']).departures).toMatchObject([
      { service: 'db', to: 'b' },
      { service: 'shop', to: 'c' },
    ])
  })

  it('is not what is active elsewhere, or nowhere', () => {
    const nodes = [node('a'), node('b', ['db'])]
    expect(departureOf({ nodes, services: [shop, db] }, ['a'])).toMatchObject({ departures: [], stranded: [] })
  })

  it('is not counted where the file does not say what it asks for', () => {
    const nodes = [node('a', ['shop']), node('b', [], { capacity: 1 })]
    expect(objectionTo(departureOf({ nodes, services: [{ ...shop, load: undefined }] }, ['a']))).toBeUndefined()
  })
})

describe('a move', () => {
  it('to a node that is named is judged for that one', () => {
    const nodes = [node('a', ['shop']), node('b', ['db'], { capacity: 90 }), node('c', [], { capacity: 50 })]
    expect(objectionTo(moveOf({ nodes, services: [shop, db] }, 'shop', 'b'))).toBe('b would carry 100 of 90')
    expect(objectionTo(moveOf({ nodes, services: [shop, db] }, 'shop', undefined))).toBeUndefined()
  })

  it('takes those along that go with it: it is refused where one of them could not come, and they need room as well', () => {
    const mail: CarriedService = { name: 'mail', members: ['c', 'b', 'a'], load: 30, with: 'shop' }
    const services = [mail, shop]
    const free = [node('a', ['shop', 'mail']), node('b', [], { capacity: 50 }), node('c', [], { capacity: 80 })]
    expect(moveOf({ nodes: free, services }, 'shop', undefined).departures).toMatchObject([
      { service: 'shop', to: 'c' },
      { service: 'mail', to: 'c' },
    ])
    expect(objectionTo(moveOf({ nodes: free, services }, 'shop', 'b'))).toBe('b would carry 70 of 50')
    const left = [
      node('a', ['shop', 'mail']),
      node('b', [], { services: { shop: { acts: false, obstacle: undefined }, mail: { acts: false, obstacle: 'dead' } } }),
    ]
    expect(objectionTo(moveOf({ nodes: left, services }, 'shop', 'b'))).toBe('nobody could take mail over (b: dead)')
    expect(objectionTo(departureOf({ nodes: [node('a', ['shop', 'mail'])], services }, ['a']))).toContain(
      'mail over (it goes with shop, which has nowhere to go)',
    )
  })

  it('of what is active nowhere, or is no service, is none', () => {
    expect(moveOf({ nodes: [node('a')], services: [shop] }, 'shop', undefined).departures).toEqual([])
    expect(moveOf({ nodes: [node('a')], services: [shop] }, 'other', undefined).departures).toEqual([])
  })
})

it('never places anything on a node that leaves or is not well, and says of every service where it goes', () => {
  const anyNode = fc.record({ well: fc.boolean(), capacity: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }) })
  const anyService = fc.record({ on: fc.nat(3), load: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }) })
  fc.assert(
    fc.property(
      fc.array(anyNode, { minLength: 4, maxLength: 4 }),
      fc.array(anyService, { minLength: 1, maxLength: 5 }),
      fc.subarray(['0', '1', '2', '3']),
      (drawn, wanted, leaving) => {
        const services = wanted.map(({ load }, index) => ({ name: `s${index}`, members: ['0', '1', '2', '3'], load }))
        const nodes = drawn.map(({ well, capacity }, index): CarrierNode => {
          const own = wanted.map(({ on }, each): [string, CarrierNode['services'][string]] => [
            `s${each}`,
            { acts: on === index, obstacle: undefined },
          ])
          return { name: String(index), capacity, obstacle: well ? undefined : 'dead', services: Object.fromEntries(own) }
        })
        const answer = departureOf({ nodes, services }, leaving)
        for (const { to } of answer.departures) {
          if (to === undefined) continue
          expect(leaving).not.toContain(to)
          expect(drawn[Number(to)]?.well).toBe(true)
        }
        expect(answer.departures).toHaveLength(wanted.filter(({ on }) => leaving.includes(String(on))).length)
        const nobody = nodes.every((each) => leaving.includes(each.name) || each.obstacle !== undefined)
        expect(answer.stranded.length === 0 || nobody).toBe(true)
        // What was there before it is the same after it, but for what is added.
        const before = (name: string) => wanted.reduce((sum, { on, load }) => sum + (String(on) === name ? (load ?? 0) : 0), 0)
        for (const { node: name, load, added } of answer.loads) expect(load - added).toBe(before(name))
      },
    ),
  )
})
