import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { createWatchdog, type WatchdogDevice, type WatchdogEvent, type WatchdogOptions } from '../watchdog.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspare-watchdog-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A board that resets its machine, in virtual time. */
function board(clock: TestClock, knownMs?: number | null) {
  const seen = { pets: 0, resetAtMs: Infinity, closed: undefined as 'disarmed' | 'left armed' | undefined, breaks: false }
  const open = async (_path: string, timeoutMs: number): Promise<WatchdogDevice> => {
    const fuse = () => (seen.resetAtMs = clock.monotonicMs() + timeoutMs)
    fuse()
    return {
      timeoutMs: knownMs === null ? undefined : (knownMs ?? timeoutMs),
      isReal: true,
      pet() {
        if (seen.breaks) throw new Error('no such device')
        seen.pets += 1
        fuse()
      },
      close({ disarm }) {
        seen.closed = disarm ? 'disarmed' : 'left armed'
        if (disarm) seen.resetAtMs = Infinity
      },
    }
  }
  return { seen, open }
}

function started(changes: Partial<WatchdogOptions> = {}, knownMs?: number | null) {
  const clock = new TestClock()
  const { seen, open } = board(clock, knownMs)
  const right = { untilMs: Infinity }
  const watchdog = createWatchdog({ until: () => right.untilMs, clock, open, ...changes })
  const events: WatchdogEvent[] = []
  watchdog.subscribe((event) => events.push(event))
  return { clock, seen, right, watchdog, events }
}

const typesOf = (events: readonly WatchdogEvent[]) => events.map(({ type }) => type)

describe('createWatchdog', () => {
  it.each([[{ timeoutMs: 0 }], [{ path: 'watchdog' }], [{ mode: 'off' as never }]])('refuses %j', (options) => {
    expect(() => createWatchdog({ until: () => 0, ...options })).toThrow(expect.objectContaining({ code: 'HOTSPARE_FENCE_OPTIONS' }))
  })

  it.each(['required', 'automatic'] as const)('without a device, %s says so, and only "required" stands in the way', async (mode) => {
    const watchdog = createWatchdog({ path: join(folder, 'nothing'), until: () => Infinity, mode })
    const events: WatchdogEvent[] = []
    watchdog.subscribe((event) => events.push(event))
    expect(watchdog.obstacle() === undefined).toBe(mode === 'automatic')
    await watchdog.start()
    expect(typesOf(events)).toEqual(['watchdog-missing'])
    expect(watchdog.obstacle() === undefined).toBe(mode === 'automatic')
    await watchdog.stop()
  })

  it.each([[10_000], [null]])('a device whose timeout is %s is not trusted with five seconds, and is let go of', async (knownMs) => {
    const { watchdog, seen, events } = started({}, knownMs)
    await watchdog.start()
    expect(watchdog.obstacle()).toContain('5000 ms are wanted')
    expect(seen.closed).toBe('disarmed')
    expect(typesOf(events)).toEqual(['watchdog-missing'])
  })

  it('is petted for as long as nothing has to be let go of', async () => {
    const { clock, seen, watchdog, events } = started()
    await watchdog.start()
    expect(watchdog.obstacle()).toBeUndefined()
    await clock.advance(60_000)
    expect(seen.pets).toBe(61)
    expect(typesOf(events)).toEqual(['watchdog-armed'])
    await watchdog.stop()
    expect(clock.pendingTimers).toBe(0)
  })

  // A device that is gone resets nothing: the node went on as if it were guarded.
  it.each(['required', 'automatic'] as const)('a device that breaks while it is armed stands in the way of %s', async (mode) => {
    const { clock, seen, watchdog, events } = started({ mode })
    await watchdog.start()
    seen.breaks = true
    await clock.advance(1_000)
    expect(watchdog.obstacle()).toBe(mode === 'required' ? 'the watchdog is required: no such device' : undefined)
    seen.breaks = false
    await clock.advance(1_000)
    expect(watchdog.obstacle()).toBeUndefined()
    expect(typesOf(events)).toEqual(['watchdog-armed', 'watchdog-withheld', 'watchdog-petted-again'])
  })

  it('resets the machine before its right could pass on, when the right is not renewed', async () => {
    const { clock, seen, right, watchdog, events } = started()
    await watchdog.start()
    right.untilMs = 20_500
    await clock.advance(30_000)
    expect(seen.resetAtMs).toBeLessThanOrEqual(20_500 - 1_000)
    expect(seen.resetAtMs).toBeGreaterThan(20_500 - 1_000 - 5_000)
    expect(typesOf(events)).toEqual(['watchdog-armed', 'watchdog-withheld'])
  })

  it('is petted again once the right was renewed, or what was here has been let go of', async () => {
    const { clock, seen, right, watchdog, events } = started()
    await watchdog.start()
    right.untilMs = 8_000
    await clock.advance(5_000)
    const before = seen.pets
    right.untilMs = Infinity
    await clock.advance(2_000)
    expect(seen.pets).toBe(before + 2)
    expect(typesOf(events)).toEqual(['watchdog-armed', 'watchdog-withheld', 'watchdog-petted-again'])
  })

  it('a device that has gone is told once', async () => {
    const { clock, seen, watchdog, events } = started()
    await watchdog.start()
    seen.breaks = true
    await clock.advance(5_000)
    expect(typesOf(events)).toEqual(['watchdog-armed', 'watchdog-withheld'])
  })

  it('is disarmed at an orderly end, and left armed where something is still here', async () => {
    const orderly = started()
    await orderly.watchdog.start()
    await orderly.watchdog.stop()
    expect(orderly.seen.closed).toBe('disarmed')
    const hasty = started()
    await hasty.watchdog.start()
    await hasty.watchdog.stop({ safe: false })
    expect(hasty.seen.closed).toBe('left armed')
    expect(hasty.seen.resetAtMs).toBe(5_000)
  })

  it('writes what the kernel reads: pets, and the magic close at the end alone', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    const clock = new TestClock()
    const watchdog = createWatchdog({ path, until: () => Infinity, clock })
    await watchdog.start()
    await clock.advance(2_000)
    expect(readFileSync(path, 'latin1')).toBe('...')
    expect(watchdog.snapshot()).toMatchObject({ isArmed: true, isReal: false })
    await watchdog.stop()
    expect(readFileSync(path, 'latin1')).toBe('...V')
  })

  it('a pipe that nobody reads holds nothing up', async () => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const deserted = createWatchdog({ path, until: () => Infinity })
    await deserted.start()
    expect(deserted.obstacle()).toContain('cannot be opened')
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const watchdog = createWatchdog({ path, until: () => Infinity })
    await watchdog.start()
    await watchdog.stop({ safe: false })
    const buffer = Buffer.alloc(16)
    expect(buffer.toString('latin1', 0, readSync(reader, buffer))).toBe('.')
    closeSync(reader)
  })
})
