import { describe, expect, it } from 'vitest'
import { formatNumber, markdownTable } from './table.ts'

describe('markdownTable', () => {
  it('fills missing cells', () => {
    expect(markdownTable(['a', 'b'], [['x']])).toBe('| a   |   b |\n| --- | --: |\n| x   |     |')
  })

  it('lines columns up, names to the left and numbers to the right', () => {
    const lines = markdownTable(
      ['system', 'us'],
      [
        ['nginx', '14.8'],
        ['a longer name', '7'],
      ],
    ).split('\n')
    expect(lines).toEqual(['| system        |   us |', '| ------------- | ---: |', '| nginx         | 14.8 |', '| a longer name |    7 |'])
  })
})

describe('formatNumber', () => {
  it.each([
    [undefined, '-'],
    [Number.NaN, '-'],
    [0, '0.00'],
    [9.374, '9.37'],
    [59.52, '59.5'],
    [1_240.4, '1,240'],
    [34_017, '34,017'],
  ])('writes %s as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})
