import { describe, expect, it } from 'vitest'
import { typescriptBlocks } from './code-blocks.ts'

const page = (...lines: string[]) => lines.join('\n')

describe('typescriptBlocks', () => {
  it.each([
    ['another language', page('```js', 'no()', '```')],
    ['a language that begins alike', page('```tsx', 'no()', '```')],
    ['a block that is never closed', page('```ts', 'no()')],
    ['a block shown inside a longer fence', page('````md', '```ts', 'no()', '```', '````')],
    ['code in a sentence', 'Write `ts` or ```ts inline``` here'],
  ])('leaves out %s', (_, markdown) => {
    expect(typescriptBlocks(markdown)).toEqual([])
  })

  it('finds each block with its line', () => {
    const markdown = page('# Title', '', '```ts', 'one()', '', 'two()', '```', 'text', '~~~ts', 'three()', '~~~')

    expect(typescriptBlocks(markdown)).toEqual([
      { line: 4, code: 'one()\n\ntwo()\n', run: true },
      { line: 10, code: 'three()\n', run: true },
    ])
  })

  it('marks a block that is only to be shown', () => {
    expect(typescriptBlocks(page('```ts no-run', 'wish()', '```'))).toMatchObject([{ run: false }])
  })

  it('reads files with Windows line ends', () => {
    expect(typescriptBlocks('```ts\r\none()\r\n```\r\n')).toEqual([{ line: 2, code: 'one()\n', run: true }])
  })
})
