import { seededRandom } from '@hotspare/core'
import { expect, it } from 'vitest'
import { randomSchedule } from './schedule.ts'

const told = (seed: number) => randomSchedule(seededRandom(seed), 20).map(({ fault, lastsMs }) => `${fault.name} ${lastsMs}`)

it('is the same for the same seed, and another for another', () => {
  expect(told(7)).toEqual(told(7))
  expect(told(7)).not.toEqual(told(8))
})

it('has faults of many kinds, none of which lasts for more than three seconds', () => {
  const schedule = randomSchedule(seededRandom(1), 200)
  expect(new Set(schedule.map(({ fault }) => fault.name.replace(/\d+/u, ''))).size).toBeGreaterThan(10)
  expect(Math.max(...schedule.map(({ lastsMs }) => lastsMs))).toBeLessThanOrEqual(3_000)
})
