import { expect, it } from 'vitest'
import { linked, vectorTable } from './vector-tables.ts'
import { vectors } from './vectors.ts'

it('a vector that the code does not give is never shown', () => {
  const [vector] = vectors.jumpHash
  if (!vector) throw new Error('there is none')
  const wrong = { ...vector, results: vector.results.map((bucket) => bucket + 1) }
  expect(() => vectorTable('jumpHash', [wrong])).toThrow(/not what was published by Lamping and Veach/)
})

it('a share that is a per cent off is not what was published', () => {
  const [vector] = vectors.localityLoads
  if (!vector) throw new Error('there is none')
  expect(() => vectorTable('localityLoads', [{ ...vector, firstPercent: vector.firstPercent + 1 }])).toThrow(/not what was published/)
})

it('shows what was published, and where', () => {
  const text = vectorTable('smoothWeightedRoundRobin')
  expect(text).toContain('| 5, 1, 1 | a a b a c a a |')
  expect(text).toMatch(/^- \[nginx\/nginx: commit 52327e0627f4\]\(https:\/\/github\.com\//)
})

it('tests of one file are one source', () => {
  const sources = vectorTable('envoyRing')
    .split('\n')
    .filter((line) => line.startsWith('- '))
  expect(sources).toHaveLength(1)
  expect(sources[0]).toContain('(Basic, BasicWithRetryHostPredicate; ')
})

it('links an address within a sentence, and nothing after it', () => {
  expect(linked('A paper, https://arxiv.org/abs/1406.2294: its values')).toBe(
    'A paper, [arxiv.org: 1406.2294](https://arxiv.org/abs/1406.2294): its values',
  )
})
