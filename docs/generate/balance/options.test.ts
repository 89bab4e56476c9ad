import { expect, it } from 'vitest'
import { fieldsOf, optionTable, split, takenBy } from './options.ts'

it('an option that the package does not have is not shown', () => {
  expect(() => fieldsOf('MaglevOptions', ['sice'])).toThrow('MaglevOptions has no sice')
  expect(() => optionTable('nothing')).toThrow(/nothing is known/)
})

it.each(Object.keys(takenBy))('every option of %s has a meaning, and a default unless it must be given', (name) => {
  const rows = optionTable(name).split('\n').slice(2)
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.filter((row) => /\| {2}\|.*\|$/.test(row))).toEqual([])
  // A zone is the one thing that a target may simply not have.
  const bare = rows.filter((row) => row.endsWith('|  |') && !row.includes('(required)'))
  expect(bare.filter((row) => !row.includes('`targets[].zone`'))).toEqual([])
})

it('what comments say of a default is what the code takes', () => {
  const numbers = Object.values(takenBy).flatMap((all) =>
    all.flatMap(({ type, only, defaults = {} }) =>
      fieldsOf(type, only).flatMap(({ name, doc }) => {
        const { fallback } = split(doc)
        const plain = /^\d[\d,.]*$/.test(fallback) ? Number(fallback.replaceAll(',', '')) : undefined
        const isTold = plain !== undefined && typeof defaults[name] === 'number' && !name.endsWith('Ms')
        return isTold ? [{ name, told: plain, taken: defaults[name] }] : []
      }),
    ),
  )
  expect(numbers.length).toBeGreaterThan(6)
  expect(numbers.filter(({ told, taken }) => told !== taken)).toEqual([])
})

it('a reference to the same option elsewhere is spelled out', () => {
  expect(fieldsOf('RingHashOptions', ['minimumRingSize'])[0]?.doc).toMatch(/^So many points at least/)
})
