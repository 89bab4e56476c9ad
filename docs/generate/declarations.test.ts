import { describe, expect, it } from 'vitest'
import { Declarations, literalsOf } from './declarations.ts'

const declarations = new Declarations([
  {
    path: 'a.ts',
    text: `
      /** How it is. */
      export type State =
        /** It answers. */
        | 'up'
        // No documentation.
        | 'down'
      interface Base { readonly type: string; readonly at: number }
      export interface Changed extends Base {
        readonly type: 'went-up' | 'went-down'
        /** Why,
         * in words. */
        readonly because?: string | undefined
      }
      export type Any = Changed | { readonly type: 'ended' }
    `,
  },
])

it('gives every variant of a union its fields, those of a base first, each once', () => {
  expect(declarations.shapes('Any')).toEqual([
    {
      fields: [
        { name: 'at', type: 'number', optional: false, doc: '' },
        { name: 'type', type: "'went-up' | 'went-down'", optional: false, doc: '' },
        { name: 'because', type: 'string | undefined', optional: true, doc: 'Why, in words.' },
      ],
    },
    { fields: [{ name: 'type', type: "'ended'", optional: false, doc: '' }] },
  ])
})

describe('types that are made of others', () => {
  const united = new Declarations([
    {
      path: 'a.ts',
      text: `interface Base { type: string; from: string }; export type A = Base & ({ type: 'a-up' | 'a-down' } | { type: 'a-gone'; count: number })`,
    },
    {
      path: 'b.ts',
      text: `
        interface Base { type: string; by: string }
        type Reason = Cause | 'other'
        type Cause = 'heat' | 'dust'
        type Left = 'a-gone' | 'b-gone'
        export type B = (Base & { type: 'b-read' }) | (Base & { type: 'b-gone' })
        export type All = Exclude<A | B, { readonly type: Left }> | { type: 'a-gone'; shown: string }`,
    },
  ])
  const rows = (name: string) => united.shapes(name).map(({ fields }) => fields.map((field) => `${field.name}: ${field.type}`).join('; '))

  it('unites what is intersected, each in the words of its own file', () => {
    expect(rows('A')).toEqual(["from: string; type: 'a-up' | 'a-down'", "from: string; type: 'a-gone'; count: number"])
    expect(rows('B')).toEqual(["by: string; type: 'b-read'", "by: string; type: 'b-gone'"])
  })

  it('leaves out what is excluded by its type', () => {
    expect(rows('All')).toEqual(["from: string; type: 'a-up' | 'a-down'", "by: string; type: 'b-read'", "type: 'a-gone'; shown: string"])
  })

  it('spells out words that another type names', () => {
    expect(united.spelledOut('Reason')).toBe("'heat' | 'dust' | 'other'")
  })

  it('refuses to choose between two files', () => {
    expect(() => united.shapes('Base')).toThrow('Base is declared in 2 of the files')
  })
})

it('gives the words of a union with their documentation', () => {
  expect(declarations.words('State')).toEqual([
    { word: 'up', doc: 'It answers.' },
    { word: 'down', doc: '' },
  ])
  expect(declarations.spelledOut('State')).toBe("'up' | 'down'")
  expect(declarations.spelledOut('string')).toBe('string')
})

it('refuses what it does not know, so that nothing is left out in silence', () => {
  expect(() => declarations.shapes('Missing')).toThrow('no type Missing')
  expect(() => declarations.words('Changed')).toThrow('no union')
})

it.each([
  ["'a' | 'b'", ['a', 'b']],
  ["| 'a'\n  | 'b'", ['a', 'b']],
  ['string', []],
  ["'a' | string", []],
])('reads the literals of %j', (type, words) => {
  expect(literalsOf(type)).toEqual(words)
})
