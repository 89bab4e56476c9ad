import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Slots } from './slots.ts'

it('holds what a Set would hold, whatever comes and goes, and does not grow past the most that was in it', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(20)), { maxLength: 200 }), (actions) => {
      const slots = new Slots<{ readonly name: number }>()
      const held = new Map<number, { readonly name: number }>()
      let most = 0
      let places = 0
      for (const [name, action] of actions.entries()) {
        if (action === 'add') {
          const item = { name }
          const place = slots.add(item)
          held.set(place, item)
          places = Math.max(places, place + 1)
        } else {
          slots.remove(action)
          held.delete(action)
        }
        most = Math.max(most, held.size)
        expect(new Set(slots)).toEqual(new Set(held.values()))
      }
      expect(places).toBe(most)
    }),
  )
})
