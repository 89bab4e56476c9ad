import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recoveryOrder, shownOrder } from './recovery-order.ts'

describe('the order of recovery', () => {
  it('ends with what waits for itself, and passes over what is not there', () => {
    const round = [
      { name: 'a', after: ['b'] },
      { name: 'b', after: ['a'] },
      { name: 'c', after: ['gone'] },
    ]
    expect(recoveryOrder(round)[0]).toBe('c')
    expect(recoveryOrder(round)).toHaveLength(3)
  })

  it('is what each needs, then priority, then the file', () => {
    const services = [
      { name: 'mail' },
      { name: 'app', after: ['db'], priority: 9 },
      { name: 'shop', priority: 5 },
      { name: 'db' },
      { name: 'low', priority: -1 },
    ]
    expect(recoveryOrder(services)).toEqual(['shop', 'mail', 'db', 'app', 'low'])
    expect(shownOrder(services)).toEqual([
      { service: 'shop', because: 'priority 5' },
      { service: 'mail' },
      { service: 'db' },
      { service: 'app', because: 'after db; priority 9' },
      { service: 'low', because: 'priority -1' },
    ])
  })

  it('has what goes with another one after it, and says on which node', () => {
    const services = [{ name: 'web', with: 'app', after: ['db'] }, { name: 'app', with: 'db' }, { name: 'db' }]
    expect(shownOrder(services)).toEqual([
      { service: 'db' },
      { service: 'app', because: 'with db, on its node' },
      { service: 'web', because: 'after db; with app, on its node' },
    ])
  })

  it('is none where the file says nothing of it', () => {
    expect(shownOrder([{ name: 'a' }, { name: 'b' }])).toBeUndefined()
    expect(shownOrder([{ name: 'a', priority: 5 }])).toBeUndefined()
    expect(shownOrder([{ name: 'a' }, { name: 'b', after: ['a'] }])).toHaveLength(2)
  })

  it('has each service once, and none before what it needs', () => {
    const drawn = fc.array(fc.record({ priority: fc.integer({ min: -5, max: 5 }), needs: fc.array(fc.nat(7)) }), { maxLength: 8 })
    fc.assert(
      fc.property(drawn, (all) => {
        const services = all.map(({ priority, needs }, index) => {
          return { name: `s${index}`, priority, after: needs.filter((each) => each < index).map((each) => `s${each}`) }
        })
        const order = recoveryOrder(services)
        expect(order.toSorted()).toEqual(services.map(({ name }) => name).toSorted())
        for (const { name, after } of services) for (const base of after) expect(order.indexOf(base)).toBeLessThan(order.indexOf(name))
      }),
    )
  })
})
