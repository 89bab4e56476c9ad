import { expect, it } from 'vitest'
import { isWriter } from './writer.ts'

const ORDER = ['one', 'two', 'three']
const peers = (alive: readonly string[]) => ORDER.map((name) => ({ name, isAlive: alive.includes(name) }))

it('a node with a living one before it does not write', () => {
  expect(isWriter('two', ORDER, peers(['one', 'three']))).toBe(false)
  expect(isWriter('three', ORDER, peers(['two']))).toBe(false)
})

it('the first that lives writes, and exactly one of those that see each other', () => {
  expect(isWriter('two', ORDER, peers(['three']))).toBe(true)
  for (const alive of [['one', 'two', 'three'], ['two', 'three'], ['three']]) {
    expect(alive.filter((own) => isWriter(own, ORDER, peers(alive.filter((name) => name !== own))))).toHaveLength(1)
  }
})

it('a node that is alone, or sees nobody, writes', () => {
  expect(isWriter('only', [], [])).toBe(true)
  expect(isWriter('three', ORDER, peers([]))).toBe(true)
})
