import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryCounter } from './counter.ts'
import { fileCounter } from './file-counter.ts'

let folder = ''
let file = ''
/** So low that only the file decides. */
const longAgo = () => new TestClock(1_000)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotspare-counter-'))
  file = join(folder, 'counter')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the counter in a file', () => {
  it.each([
    { what: 'empty', text: '' },
    { what: 'cut off', text: 'hotspare heartbeat counter 1: 12345' },
    { what: 'of something else', text: '{"counter": 5}\n' },
    { what: 'of a later version', text: 'hotspare heartbeat counter 2: 5\n' },
    { what: 'beyond what a number can hold', text: 'hotspare heartbeat counter 1: 9999999999999999\n' },
    { what: 'doubled', text: 'hotspare heartbeat counter 1: 5\nhotspare heartbeat counter 1: 6\n' },
  ])('is not started from a file that is $what, and says what to do', async ({ text }) => {
    await writeFile(file, text)
    await expect(fileCounter(file, { clock: longAgo() }).open()).rejects.toMatchObject({
      code: 'HOTSPARE_HEARTBEAT_COUNTER',
      message: expect.stringContaining('is damaged: delete it if'),
    })
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('is not started where it cannot be kept', async () => {
    await expect(fileCounter(join(folder, 'nowhere', 'counter')).open()).rejects.toMatchObject({
      code: 'HOTSPARE_HEARTBEAT_COUNTER',
      message: expect.stringContaining('cannot be written: ENOENT'),
    })
    await expect(fileCounter(folder).open()).rejects.toMatchObject({ code: 'HOTSPARE_HEARTBEAT_COUNTER' })
  })

  it('continues above all that it ever gave out, after a start that was not ended', async () => {
    let highest = 0
    for (let start = 0; start < 5; start++) {
      const counter = fileCounter(file, { clock: longAgo(), blockSize: 10 })
      await counter.open()
      const numbers = Array.from({ length: start }, () => counter.next())
      expect(numbers.every((number, index) => number > (numbers[index - 1] ?? highest))).toBe(true)
      highest = numbers.at(-1) ?? highest
    }
  })

  it('reserves the next block before the present one ends', async () => {
    const counter = fileCounter(file, { clock: longAgo(), blockSize: 100 })
    await counter.open()
    for (let given = 0; given < 60; given++) counter.next()
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('hotspare heartbeat counter 1: 1200\n'))
    await counter.close()
    expect(await readdir(folder)).toEqual(['counter'])
  })

  // Each start used up a block: after 2,000 of them the numbers were 55 hours ahead of the wall clock.
  it('gives back what is left of its block when it is closed', async () => {
    for (let start = 1; start <= 5; start++) {
      const counter = fileCounter(file, { clock: longAgo() })
      await counter.open()
      expect(counter.next()).toBe(1_000 + start)
      await counter.close()
      expect(await readFile(file, 'utf8')).toBe(`hotspare heartbeat counter 1: ${1_000 + start}\n`)
    }
  })

  it('writes nothing when it is closed and was never opened', async () => {
    await fileCounter(file).close()
    expect(await readdir(folder)).toEqual([])
  })

  it.each([Number.NaN, 0, 1.5, Infinity, '6000'])('is not made with blocks of %s', (blockSize) => {
    expect(() => fileCounter(file, { blockSize: blockSize as number })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS' }),
    )
  })

  it('gives out only numbers above the floor', async () => {
    const counter = fileCounter(file, { clock: longAgo() })
    await counter.open({ above: 5_000 })
    expect(counter.next()).toBe(5_001)
    await counter.close()
  })

  it('goes on when the disk fails, says so, and tries again', async () => {
    const counter = fileCounter(file, { clock: longAgo(), blockSize: 100 })
    await counter.open()
    await rm(folder, { recursive: true })
    const numbers = Array.from({ length: 300 }, () => counter.next())
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, index) => 1_001 + index))
    await counter.close()
    expect(counter.problem()).toContain('ENOENT')
    await mkdir(folder)
    await vi.waitFor(async () => {
      counter.next()
      await counter.close()
      expect(counter.problem()).toBeUndefined()
    })
    const [, reserved] = /: (\d+)\n/.exec(await readFile(file, 'utf8')) ?? []
    expect(counter.next()).toBe(Number(reserved) + 1)
  })

  it('continues by the wall clock when its file was lost or set back', async () => {
    const clock = new TestClock(5_000)
    const before = fileCounter(file, { clock })
    await before.open()
    const given = before.next()
    await rm(file)
    await clock.advance(10_000)
    const after = fileCounter(file, { clock })
    await after.open()
    expect(after.next()).toBeGreaterThan(given)
  })

  it('continues by its file when the wall clock went back', async () => {
    const before = fileCounter(file, { clock: new TestClock(1_700_000_000_000) })
    await before.open()
    const given = before.next()
    const after = fileCounter(file, { clock: new TestClock(0) })
    await after.open()
    expect(after.next()).toBeGreaterThan(given)
  })
})

describe('the counter in memory', () => {
  it('continues by the wall clock, and never goes back by itself', async () => {
    const clock = new TestClock(5_000)
    const counter = memoryCounter({ clock })
    await counter.open()
    expect([counter.next(), counter.next(), counter.problem()]).toEqual([5_001, 5_002, undefined])
    clock.stepWall(-4_000)
    await counter.open()
    expect(counter.next()).toBe(5_003)
  })
})
