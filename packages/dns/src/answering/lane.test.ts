import { describe, expect, it } from 'vitest'
import { gate } from './answering.fixture.ts'
import { Lane } from './lane.ts'

describe('Lane', () => {
  it('goes on after work that fails', async () => {
    const lane = new Lane(1)
    const failing = lane.enter(() => Promise.reject(new Error('no')), false).done
    const next = lane.enter(async () => 'yes', false).done
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })

  it('never does more at once than it is wide', async () => {
    const lane = new Lane(2)
    let [under, most] = [0, 0]
    const work = async () => {
      under += 1
      most = Math.max(most, under)
      await Promise.resolve()
      under -= 1
    }
    await Promise.all(Array.from({ length: 10 }, () => lane.enter(work, false).done))
    expect(most).toBe(2)
  })

  it('does what is urgent first, also what has become so while it waited', async () => {
    const lane = new Lane(1)
    const { opened, open } = gate()
    const order: string[] = []
    const enter = (name: string, isUrgent = false) => lane.enter(async () => void order.push(name), isUrgent)
    const blocked = lane.enter(() => opened, false)
    const [one, two] = [enter('one'), enter('two')]
    const three = enter('three', true)
    two.hurry()
    open()
    await Promise.all([blocked, one, two, three].map(({ done }) => done))
    expect(order).toEqual(['two', 'three', 'one'])
  })
})
