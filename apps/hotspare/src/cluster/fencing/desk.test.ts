import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthState, Verdict } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import { TestClock } from '@hotspare/core/testing'
import type { FenceLevels } from '@hotspare/fence'
import { afterEach, describe, expect, it } from 'vitest'
import { FenceDesk, type FenceEvent } from './desk.ts'
import { peopleFile, setWord } from '../people-files.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const { signal } = new AbortController()

function make(
  off: (call?: { readonly signal?: AbortSignal | undefined }) => Promise<Outcome> = async () => ({
    ok: true,
    detail: 'the agent says that it is off',
  }),
) {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-fence-desk-'))
  folders.push(folder)
  const clock = new TestClock(Date.now())
  const seen = { state: 'down' as HealthState, calls: 0, changes: 0 }
  const events: FenceEvent[] = []
  const levels: FenceLevels = {
    allowedMs: 1_000,
    off: async (call) => {
      seen.calls += 1
      return await off(call)
    },
    probe: async () => [],
  }
  const desk = new FenceDesk({
    nodes: new Map([
      ['b', levels],
      ['c', undefined],
    ]),
    folder,
    alive: (): Verdict<HealthState> => ({ state: seen.state, since: 0, because: `heartbeat ${seen.state}` }),
    heardMs: 2_000,
    clock,
    changed: () => {
      seen.changes += 1
    },
    record: (event) => events.push(event),
  })
  const confirm = (node: string) => setWord(folder, `fenced.${node}`, 'both cables are out')
  const fileOf = (node: string) => peopleFile(folder, `fenced.${node}`)
  return { desk, clock, seen, events, confirm, fileOf }
}

const typesOf = (events: readonly FenceEvent[]) => events.map(({ type }) => type)

describe('FenceDesk', () => {
  it('nobody is off whose device fails, or who has none', async () => {
    const { desk, events } = make(async () => ({ ok: false, because: 'no session', retryable: true }))
    await expect(desk.fence('b', { signal })).resolves.toMatchObject({ ok: false, because: 'no session' })
    await expect(desk.fence('c', { signal })).resolves.toMatchObject({ ok: false, because: expect.stringContaining('no device for c') })
    expect([desk.isOff('b'), desk.isOff('c')]).toEqual([false, false])
    expect(typesOf(events)).toEqual(['fence-started', 'fence-failed', 'fence-started', 'fence-failed'])
  })

  it('who is still heard has power, whatever the device says: it may be the wrong plug', async () => {
    const { desk, clock, seen } = make()
    seen.state = 'up'
    const fenced = desk.fence('b', { signal })
    await clock.advance(3_000)
    await expect(fenced).resolves.toMatchObject({ ok: false, because: expect.stringContaining('is still heard: is it the device of b?') })
    expect(desk.isOff('b')).toBe(false)
  })

  it('who is heard no more after a moment is off', async () => {
    const { desk, clock, seen, events } = make()
    seen.state = 'up'
    const fenced = desk.fence('b', { signal })
    await clock.advance(500)
    seen.state = 'down'
    await clock.advance(100)
    await expect(fenced).resolves.toMatchObject({ ok: true })
    expect(desk.view()).toEqual([{ node: 'b', because: 'the agent says that it is off', since: expect.any(Number) }])
    expect(typesOf(events)).toEqual(['fence-started', 'fence-done'])
    expect(seen.changes).toBe(1)
  })

  it('two services that ask at once have it done once', async () => {
    const { desk, seen } = make()
    await Promise.all([desk.fence('b', { signal }), desk.fence('b', { signal })])
    expect(seen.calls).toBe(1)
  })

  it('is off until it is heard again', async () => {
    const { desk, seen, events } = make()
    await desk.fence('b', { signal })
    seen.state = 'up'
    await desk.look()
    expect(desk.isOff('b')).toBe(false)
    expect(typesOf(events)).toEqual(['fence-started', 'fence-done', 'fence-ended'])
  })

  // Its heartbeat may be cut in one direction alone: it was believed to be off for as long as that lasted.
  it('is off until it connects', async () => {
    const { desk, seen, events } = make()
    desk.connected('b')
    await desk.fence('b', { signal })
    desk.connected('c')
    expect(desk.isOff('b')).toBe(true)
    desk.connected('b')
    expect(desk.isOff('b')).toBe(false)
    expect(seen.changes).toBe(2)
    expect(typesOf(events)).toEqual(['fence-started', 'fence-done', 'fence-ended'])
  })

  it('a word from the future does not count: the clock was wrong when it was said, or is now', async () => {
    const { desk, clock, confirm, fileOf } = make()
    await confirm('c')
    const later = (clock.wallMs() + 3_600_000) / 1_000
    utimesSync(fileOf('c'), later, later)
    await desk.look()
    expect(desk.isOff('c')).toBe(false)
  })

  it("people's word counts for a silent node, with or without a device, and ends when it is heard", async () => {
    const { desk, seen, events, confirm, fileOf } = make()
    await confirm('c')
    await desk.look()
    await desk.look()
    expect(desk.isOff('c')).toBe(true)
    expect(events).toEqual([{ type: 'fence-confirmed', at: expect.any(Number), node: 'c', because: 'both cables are out' }])
    seen.state = 'up'
    await desk.look()
    await expect.poll(() => existsSync(fileOf('c'))).toBe(false)
    expect(desk.isOff('c')).toBe(false)
  })

  it("people's word ends the wait for a device that hangs", async () => {
    const { desk, confirm } = make(
      (call) =>
        new Promise((resolve) => {
          call?.signal?.addEventListener('abort', () => resolve({ ok: false, because: 'it was given up', retryable: true }))
        }),
    )
    const fenced = desk.fence('b', { signal })
    await confirm('b')
    await desk.look()
    await expect(fenced).resolves.toEqual({ ok: true, detail: 'people have confirmed that it is off' })
  })

  it("people's word does not count for a node that is heard, and is taken out of the way", async () => {
    const { desk, seen, events, confirm, fileOf } = make()
    seen.state = 'up'
    await confirm('b')
    await desk.look()
    expect([desk.isOff('b'), existsSync(fileOf('b'))]).toEqual([false, false])
    expect(typesOf(events)).toEqual(['fence-doubted'])
  })

  it("people's word from long before the start does not count: the node may have been back since", async () => {
    const { desk, confirm, fileOf, clock } = make()
    await confirm('b')
    const before = clock.wallMs() / 1_000 - 3_600
    utimesSync(fileOf('b'), before, before)
    await desk.look()
    expect(desk.isOff('b')).toBe(false)
  })

  it('looks for the word of people as long as it runs, and leaves nothing behind', async () => {
    const { desk, clock } = make()
    await desk.start()
    desk.stop()
    expect(clock.pendingTimers).toBe(0)
  })
})
