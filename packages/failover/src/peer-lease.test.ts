import type { Clock, HealthState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { peerLeaseDefaults } from './defaults.ts'
import { createPeerLease, type PeerLease } from './peer-lease.ts'

const NODES = ['web-1', 'web-2']

/** Two members whose messages arrive unless the way is cut. */
function twoMembers() {
  const clock = new TestClock()
  let pausedMs = 0
  const time: Clock = {
    monotonicMs: () => clock.monotonicMs() + pausedMs,
    wallMs: () => clock.wallMs() + pausedMs,
    schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
  }
  const sleptMs = new Map<string, number>()
  const states = new Map<string, HealthState>(NODES.map((node) => [node, 'up']))
  const cut = new Set<string>()
  const listeners = new Set<() => void>()
  const leases = new Map<string, PeerLease>()
  for (const node of NODES) {
    const lease = createPeerLease({
      node,
      name: 'shop',
      members: NODES,
      clock: time,
      bootMs: () => time.monotonicMs() + (sleptMs.get(node) ?? 0),
      peers: {
        verdict: (other) => ({ state: states.get(other) ?? 'unknown', since: 0, because: '' }),
        subscribe(listener) {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
        async request(to, _method, body) {
          if (cut.has(node) || cut.has(to)) throw new Error('cut')
          return structuredClone(leases.get(to)?.answer(structuredClone(body), { peer: node }))
        },
      },
    })
    leases.set(node, lease)
  }
  const get = (node: string) => leases.get(node) as PeerLease
  const hear = (node: string, state: HealthState) => {
    states.set(node, state)
    for (const listener of listeners) listener()
  }
  for (const lease of leases.values()) lease.start()
  const pause = (forMs: number) => void (pausedMs += forMs)
  /** The machine sleeps: its monotonic clock stands still. */
  const suspend = (node: string, forMs: number) => void sleptMs.set(node, forMs)
  return { clock, one: get('web-1'), two: get('web-2'), cut, hear, pause, suspend }
}

describe('createPeerLease', () => {
  it('is given to one of two that want it, and to the other when it is given back', async () => {
    const { clock, one, two } = twoMembers()
    const first = one.acquire()
    const second = two.acquire()
    await clock.advance(100)
    const right = await first
    expect([one.verdict().state, two.verdict().state]).toEqual(['held', 'elsewhere'])
    await right.release()
    await clock.advance(100)
    expect((await second).token).toBeGreaterThan(right.token)
    expect(right.isValid()).toBe(false)
    await Promise.all([one.stop(), two.stop()])
  })

  it('goes to the other one as soon as its holder is silent, and no sooner', async () => {
    const { clock, one, two, cut, hear } = twoMembers()
    await clock.advance(100)
    const right = await one.acquire()
    await clock.advance(peerLeaseDefaults.tellMs)
    const next = two.acquire()
    cut.add('web-1')
    await clock.advance(5_000)
    expect(two.verdict().state).toBe('elsewhere')
    hear('web-1', 'down')
    expect((await next).token).toBeGreaterThan(right.token)
    await Promise.all([one.stop(), two.stop()])
  })

  it('leaves it to the preferred one when two that were cut apart meet again', async () => {
    const { clock, one, two, cut, hear } = twoMembers()
    await clock.advance(100)
    const right = await one.acquire()
    await clock.advance(peerLeaseDefaults.tellMs)
    cut.add('web-1')
    hear('web-1', 'down')
    const other = await two.acquire()
    cut.clear()
    hear('web-1', 'up')
    await clock.advance(2 * peerLeaseDefaults.tellMs)
    expect([right.isValid(), other.isValid(), other.signal.aborted]).toEqual([true, false, true])
    await Promise.all([one.stop(), two.stop()])
  })

  it('does not act after a pause before the others have said that they did not', async () => {
    const { clock, one, two, cut, pause } = twoMembers()
    await clock.advance(100)
    const right = await one.acquire()
    await clock.advance(100)
    cut.add('web-2')
    pause(5_000)
    expect(right.isValid()).toBe(false)
    await clock.advance(1_000)
    expect([right.isValid(), one.verdict().state]).toEqual([false, 'unconfirmed'])
    cut.clear()
    await clock.advance(1_000)
    expect([right.isValid(), one.verdict().state]).toEqual([true, 'held'])
    await Promise.all([one.stop(), two.stop()])
  })

  // By the monotonic clock nothing had happened: it took the right back from the member that had served meanwhile.
  it('is not that of a machine that wakes up, however preferred it is', async () => {
    const { clock, one, two, cut, hear, suspend } = twoMembers()
    await clock.advance(100)
    const right = await one.acquire()
    await clock.advance(peerLeaseDefaults.tellMs)
    cut.add('web-1')
    hear('web-1', 'down')
    const other = await two.acquire()
    suspend('web-1', 60_000)
    expect([right.isValid(), right.deadlineMs < clock.monotonicMs()]).toEqual([false, true])
    cut.clear()
    hear('web-1', 'up')
    await clock.advance(2 * peerLeaseDefaults.tellMs)
    expect([right.isValid(), right.signal.aborted, other.isValid()]).toEqual([false, true, true])
    await Promise.all([one.stop(), two.stop()])
  })

  it('lasts for as long as a pause would stay unseen, by the monotonic clock', async () => {
    const { clock, one, suspend } = twoMembers()
    suspend('web-1', 60_000)
    await clock.advance(1_000)
    const right = await one.acquire()
    const restMs = right.deadlineMs - clock.monotonicMs()
    expect(restMs).toBeGreaterThan(0)
    expect(restMs).toBeLessThanOrEqual(peerLeaseDefaults.validMs)
    await one.stop()
  })

  it('is stopped for good, and leaves no timer', async () => {
    const { clock, one, two } = twoMembers()
    await Promise.all([one.stop(), two.stop(), one.stop()])
    one.start()
    await expect(one.acquire()).rejects.toMatchObject({ code: 'HOTSPARE_FAILOVER_LEASE_STOPPED' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('goes on when a listener throws', async () => {
    const { clock, one, two } = twoMembers()
    let heard = 0
    one.subscribe(() => {
      throw new Error('not again')
    })
    one.subscribe(() => (heard += 1))
    await clock.advance(100)
    const right = await one.acquire()
    expect([right.isValid(), heard]).toEqual([true, 1])
    await Promise.all([one.stop(), two.stop()])
  })

  // The second right had no end: its holder kept it, and could do nothing with it.
  it('a right that is asked for at the end of the one before ends like any other', async () => {
    const { clock, one, two, hear } = twoMembers()
    await clock.advance(100)
    hear('web-1', 'down')
    const first = await two.acquire()
    const next = new Promise<Awaited<ReturnType<PeerLease['acquire']>>>((resolve) => {
      first.signal.addEventListener('abort', () => resolve(two.acquire()), { once: true })
    })
    const claim = () => {
      hear('web-1', 'up')
      two.answer({ name: 'shop', token: 1 }, { peer: 'web-1' })
      hear('web-1', 'down')
    }
    claim()
    await clock.advance(100)
    const second = await next
    expect(second.signal.aborted).toBe(false)
    claim()
    expect([second.signal.aborted, second.isValid()]).toEqual([true, false])
    await Promise.all([one.stop(), two.stop()])
  })

  // It took our right away, and was gone again before it counted as its holder: we took it anew at once.
  it('is not lost to a claim of a member that the heartbeat does not hear', async () => {
    const { clock, one, two, hear } = twoMembers()
    await clock.advance(100)
    hear('web-1', 'down')
    const right = await two.acquire()
    two.answer({ name: 'shop', token: 1 }, { peer: 'web-1' })
    expect(right.isValid()).toBe(true)
    await Promise.all([one.stop(), two.stop()])
  })

  it('refuses what is no message, a stranger, and another name', () => {
    const { one } = twoMembers()
    const refused = expect.objectContaining({ code: 'HOTSPARE_FAILOVER_MESSAGE' })
    expect(() => one.answer({ name: 'shop', token: 'x' }, { peer: 'web-2' })).toThrow(refused)
    expect(() => one.answer({ name: 'shop', token: 1 }, { peer: 'stranger' })).toThrow(refused)
    expect(() => one.answer({ name: 'other', token: 1 }, { peer: 'web-2' })).toThrow(refused)
  })

  it('rejects a wait that is called off, and a second one', async () => {
    const { clock, one, two } = twoMembers()
    await clock.advance(100)
    await one.acquire()
    await expect(one.acquire()).rejects.toMatchObject({ code: 'HOTSPARE_FAILOVER_LEASE_IN_USE' })
    const abort = new AbortController()
    const wait = two.acquire({ signal: abort.signal })
    abort.abort(new Error('called off'))
    await expect(wait).rejects.toThrow('called off')
    await Promise.all([one.stop(), two.stop()])
  })
})
