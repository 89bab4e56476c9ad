import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as balance from './index.ts'

const folder = new URL('.', import.meta.url)
const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))

test.each(sources)('%s imports nothing but core and its neighbours, and needs no machine: it runs in a browser', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, specifier]) => specifier)
  expect(imported.filter((specifier) => !specifier?.startsWith('./') && specifier !== '@hotspare/core')).toEqual([])
  expect(text).not.toMatch(/\b(process|Buffer|setTimeout|setImmediate|async|await|Date)\b[.(]?/)
})

test('the package gives exactly these values to others', () => {
  expect(Object.keys(balance).toSorted()).toEqual(['createPool', 'leastRequest', 'roundRobin', 'smoothWeightedRoundRobin'])
})
