import { describe, expect, it } from 'vitest'
import { arcShares, keyFigures, ringFigures, timeInSystem } from './figures.ts'

const hosts = ['a', 'b', 'c', 'd'].map((key) => ({ key }))

it('the arcs of a ring are the whole of it', () => {
  expect(arcShares(hosts, 1024).reduce((sum, share) => sum + share, 0)).toBeCloseTo(hosts.length)
})

it('a larger ring is more even', () => {
  expect(Math.max(...arcShares(hosts, 65_536))).toBeLessThan(Math.max(...arcShares(hosts, 64)))
  expect(ringFigures()).toContain('1,024 (the default)')
})

describe('the supermarket model', () => {
  it('with one choice is a queue of its own for each target', () => {
    expect(timeInSystem(0.9, 1)).toBeCloseTo(10)
  })

  it('with two is what the paper prints', () => {
    expect(timeInSystem(0.99, 2)).toBeCloseTo(5.43, 1)
    expect(timeInSystem(0.5, 2)).toBeCloseTo(1.27, 1)
  })
})

it('where a target is down, no key of another one moves, by any algorithm', () => {
  const rows = keyFigures().split('\n').slice(2)
  expect(rows).toHaveLength(5)
  expect(rows.filter((row) => row.split('|')[2]?.trim() !== '0.0 %')).toEqual([])
})
