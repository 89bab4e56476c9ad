import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectName, prefixProblem } from './object-name.ts'

const CHARACTERS = 'abzAZ09._/-'.split('')
const FIRST = CHARACTERS.filter((character) => /[A-Za-z0-9]/.test(character))
const VALID = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

describe('objectName', () => {
  it('is a name that Kubernetes takes, and no two leases have one', () => {
    const names = property(
      array(constantFrom(...CHARACTERS), { maxLength: 127 }),
      array(constantFrom(...CHARACTERS), { maxLength: 127 }),
      constantFrom(...FIRST),
      (one, other, first) => {
        const [a, b] = [`${first}${one.join('')}`, `${first}${other.join('')}`]
        const [nameA, nameB] = [objectName('hotspare-', a), objectName('hotspare-', b)]
        expect(nameA).toMatch(VALID)
        expect(nameA.length).toBeLessThanOrEqual(253)
        expect(nameA === nameB).toBe(a === b)
      },
    )
    assert(names, { numRuns: 500 })
  })
  it('fits with the longest name and the longest prefix', () => {
    const longest = objectName('p'.repeat(63), 'z'.repeat(128))
    expect(longest).toMatch(VALID)
    expect(longest.length).toBeLessThanOrEqual(253)
  })
  it.each([
    ['shop', 'hotspare-shop'],
    ['shop.eu-1', 'hotspare-shop.eu-1'],
    ['Shop', 'hotspare-x--5uze5'],
    ['shop.', 'hotspare-x--jwlec4'],
  ])('of %s is %s', (lease, name) => expect(objectName('hotspare-', lease)).toBe(name))
  it('spells a name that looks like one that was spelled', () => {
    const spelled = objectName('', 'Shop')
    expect(objectName('', spelled)).not.toBe(spelled)
  })
})

describe('prefixProblem', () => {
  it.each(['Ha-', '-a', 'a_', 'a..', 'x'.repeat(64), '.'])('finds one in %s', (prefix) => expect(prefixProblem(prefix)).toBeDefined())
  it.each(['', 'ha', 'ha-', 'ha.'])('finds none in "%s"', (prefix) => expect(prefixProblem(prefix)).toBeUndefined())
})
