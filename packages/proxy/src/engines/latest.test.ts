import { expect, it } from 'vitest'
import { Latest } from './latest.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

it('does not do what was wanted meanwhile and is wanted no more', async () => {
  const done: number[] = []
  const gates: (() => void)[] = []
  const latest = new Latest<number, number>(async ({ take }) => {
    const input = take()
    await new Promise<void>((resolve) => gates.push(resolve))
    done.push(input)
    return input
  })
  const results = [latest.run(1)]
  await settle()
  results.push(latest.run(2), latest.run(3), latest.run(4))
  await settle()
  gates[0]!()
  await settle()
  gates[1]!()
  expect(await Promise.all(results)).toEqual([1, 4, 4, 4])
  expect(done).toEqual([1, 4])
})

it('lets a newer input take the place of one that is not taken yet', async () => {
  let go = () => {}
  const latest = new Latest<number, number>(async ({ peek, take }) => {
    if (peek() === 1) await new Promise<void>((resolve) => (go = resolve))
    return take()
  })
  const first = latest.run(1)
  await settle()
  const second = latest.run(2)
  go()
  expect(await Promise.all([first, second])).toEqual([2, 2])
})

it('goes on after work that failed, taken or not', async () => {
  const latest = new Latest<number, number>(async ({ peek, take }) => {
    if (peek() < 0) throw new Error('untaken')
    if (take() === 0) throw new Error('taken')
    return peek()
  })
  await expect(latest.run(-1)).rejects.toThrow('untaken')
  await expect(latest.run(0)).rejects.toThrow('taken')
  expect(await latest.run(7)).toBe(7)
})
