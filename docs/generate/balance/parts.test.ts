import { describe, expect, it } from 'vitest'
import { pages, readPage } from '../../checks/markdown-blocks.ts'
import { sidebar } from '../../.vitepress/navigation.ts'
import { Declarations } from '../declarations.ts'
import { readSource } from '../sources.ts'
import { balanceParts } from './parts.ts'

const own = pages().filter((page) => page.startsWith('balance/'))
const included = new Set(
  own.flatMap((page) => [...readPage(page).matchAll(/<!--@include: \.\.\/\.generated\/(\S+)-->/g)].map(([, part = '']) => part)),
)

it('pages include what is made, and all that is made is on a page', () => {
  expect([...included].toSorted()).toEqual(Object.keys(balanceParts).toSorted())
})

it('every algorithm of the package has a page, and so has what bounds them', () => {
  const names = new Declarations([readSource('packages/balance/src/algorithm.ts')]).words('AlgorithmName').map(({ word }) => word)
  expect(names.length).toBeGreaterThan(9)
  expect([...names, 'bounded-load'].filter((name) => !own.includes(`balance/${name}.md`))).toEqual([])
})

it('every page is in the navigation', () => {
  const links = new Set(sidebar.flatMap(({ items = [] }) => items.map(({ link = '' }) => link)))
  expect(own.filter((page) => !links.has(`/${page.replace(/(?:index)?\.md$/, '')}`))).toEqual([])
})

describe.each(own.filter((page) => page !== 'balance/index.md'))('%s', (page) => {
  it('has an example, when to use it, its rule, a picture, options, limits and a source', () => {
    const text = readPage(page)
    for (const part of ['```ts\n', '**Use ', '**Do not**', '```text\n', '-picture.md-->', '## Options', '## Limits', '## Source']) {
      expect(text).toContain(part)
    }
    expect(text).toMatch(/^## (?:Formula|Rules)$/m)
  })
})
