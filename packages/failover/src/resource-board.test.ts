import { sleep } from '@hotspare/core'
import type { Outcome, Right } from '@hotspare/core/plan'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { MemoryResource } from './cluster.fixture.ts'
import { engineDefaults } from './defaults.ts'
import { verdict } from './facts.fixture.ts'
import { ResourceBoard } from './resource-board.ts'

const signal = new AbortController().signal
const right: Right = { token: 1, deadlineMs: Infinity, signal, isValid: () => true, confirm: async () => true }
const options = { signal, handedOver: false }

function make() {
  const vip = new MemoryResource('vip')
  const dns = new MemoryResource('dns')
  const clock = new TestClock()
  let changes = 0
  const board = new ResourceBoard({ resources: [vip, dns], clock, changed: () => (changes += 1) })
  const states = () => board.facts().map(({ verdict: { state } }) => state)
  return { vip, dns, clock, board, states, changes: () => changes }
}

describe('ResourceBoard', () => {
  it('knows nothing before it has looked', () => {
    const { board, states } = make()
    expect([board.isKnown, board.isOld(1)]).toEqual([false, true])
    expect(states()).toEqual(['unknown', 'unknown'])
  })

  it('takes a look that throws, or never ends, for one that shows nothing', async () => {
    const { board, clock, vip, dns } = make()
    vip.onObserve = () => Promise.reject(new Error('EPERM'))
    dns.onObserve = () => new Promise(() => {})
    const looking = board.observe()
    await clock.advance(engineDefaults.observeTimeoutMs)
    await looking
    const [first, second] = board.facts()
    expect(first?.verdict).toMatchObject({ state: 'unknown', because: 'it could not be looked at: EPERM' })
    expect(second?.verdict).toMatchObject({ state: 'unknown', because: expect.stringContaining('no answer within 5000 ms') })
    expect([board.isKnown, clock.pendingTimers]).toEqual([true, 0])
  })

  it('acts under no right that is not valid', async () => {
    const { board, vip } = make()
    for (const bad of [undefined, { ...right, isValid: () => false }]) {
      await expect(board.acquire('vip', bad, options)).resolves.toMatchObject({
        ok: false,
        because: 'there is no valid right to act under',
      })
    }
    expect(vip.held).toBe(false)
  })

  it('refuses a resource that this node does not know', async () => {
    const { board } = make()
    const because = 'this node knows no resource "disk" of the service'
    await expect(board.acquire('disk', right, options)).resolves.toEqual({ ok: false, because, retryable: false })
    await expect(board.release('disk', signal)).resolves.toEqual({ ok: false, because, retryable: false })
  })

  it('knows at once what it did, and nothing of what has failed', async () => {
    const { board, states, dns } = make()
    await board.observe()
    await board.acquire('vip', right, options)
    dns.onAcquire = async () => ({ ok: false, because: 'busy', retryable: true })
    await board.acquire('dns', right, options)
    expect(states()).toEqual(['held', 'absent'])
    await board.release('vip', signal)
    expect(states()).toEqual(['absent', 'absent'])
  })

  it('does not believe a look that began before it acted', async () => {
    const { board, states, vip } = make()
    await board.observe()
    let show: (() => void) | undefined
    vip.onObserve = () => new Promise((resolve) => (show = () => resolve(verdict('absent'))))
    const looking = board.observe()
    await board.acquire('vip', right, options)
    show?.()
    await looking
    expect(states()).toEqual(['held', 'absent'])
  })

  it('does not believe a look that began while it acted', async () => {
    const { board, states, vip } = make()
    await board.observe()
    let acquired: ((outcome: Outcome) => void) | undefined
    vip.onAcquire = () => new Promise((resolve) => (acquired = resolve))
    const acting = board.acquire('vip', right, options)
    let show: (() => void) | undefined
    vip.onObserve = () => new Promise((resolve) => (show = () => resolve(verdict('absent'))))
    const looking = board.observe()
    acquired?.({ ok: true, detail: 'done' })
    await acting
    show?.()
    await looking
    expect(states()).toEqual(['held', 'absent'])
  })

  it('looks once more when it is asked to while it looks, and then no more', async () => {
    const { board, vip, clock, changes } = make()
    void board.observe()
    void board.observe()
    void board.observe()
    await clock.advance(1)
    expect([vip.observed, changes()]).toEqual([2, 2])
  })

  // Each look at the service asked for another one: what a provider counts was asked twice as often as it should be.
  it('is not old while it looks, however long that takes', async () => {
    const { board, vip, clock } = make()
    expect(board.isOld(1_000)).toBe(true)
    vip.onObserve = async () => {
      await sleep(2_000, { clock })
      return verdict('absent')
    }
    void board.observe()
    await clock.advance(1_500)
    expect(board.isOld(1_000)).toBe(false)
    await clock.advance(1_499)
    expect(board.isOld(1_000)).toBe(false)
    await clock.advance(1)
    expect(board.isOld(1_000)).toBe(true)
  })

  it('keeps since when a state has lasted', async () => {
    const { board, clock, vip } = make()
    await board.observe()
    await clock.advance(500)
    await board.observe()
    const since = () => (board.facts()[0]?.verdict.since ?? 0) - clock.wallMs()
    expect(since()).toBe(-500)
    vip.held = true
    await board.observe()
    expect(since()).toBe(0)
  })

  it('does nothing more once it was stopped', async () => {
    const { board, vip, changes } = make()
    board.stop()
    await board.observe()
    expect([vip.observed, changes()]).toEqual([0, 0])
  })
})
