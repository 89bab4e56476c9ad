import { expect, it } from 'vitest'
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
