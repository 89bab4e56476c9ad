import { HotspareError, type Clock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { VipEvent } from './events.ts'
import type { VipOptions } from './options.ts'
import { TestRight } from './right.fixture.ts'
import { memorySegment, type MemoryHost } from './memory.ts'
import { createVip } from './vip.ts'
import type { Vip } from './vip-types.ts'

const ADDRESS = '10.0.0.100'
const MAC_A = '02:00:00:00:00:0a'
const MAC_B = '02:00:00:00:00:0b'

interface Node {
  readonly host: MemoryHost
  readonly vip: Vip
  readonly events: VipEvent[]
}

function site(options: Partial<VipOptions> = {}) {
  const clock = new TestClock()
  const segment = memorySegment(clock)
  const node = (mac: string, own: Partial<VipOptions> = {}): Node => {
    const host = segment.host(mac)
    const vip = createVip({ address: `${ADDRESS}/32`, interface: 'eth0', driver: host, clock, ...options, ...own })
    const events: VipEvent[] = []
    vip.subscribe((event) => events.push(event))
    return { host, vip, events }
  }
  return { clock, segment, a: node(MAC_A), b: node(MAC_B) }
}

/** Lets time pass until the work is done. */
async function during<T>(clock: TestClock, work: Promise<T>, stepMs = 1): Promise<T> {
  const state = { done: false }
  const settled = work.finally(() => (state.done = true))
  settled.catch(() => {})
  for (let steps = 0; !state.done && steps < 20_000; steps++) await clock.advance(stepMs)
  return settled
}

const typesOf = ({ events }: Node) => events.map(({ type }) => type)
const addressOf = async ({ host }: Node) => (await host.entries({ text: ADDRESS } as never))[0]

describe('claiming an address', () => {
  it('refuses it while a stranger holds it, as soon as the stranger answers, and says who that is', async () => {
    const { clock, a, b } = site()
    await during(clock, a.vip.claim())
    const startMs = clock.monotonicMs()
    const outcome = await during(clock, b.vip.claim())
    expect(outcome).toEqual({ ok: false, retryable: true, because: `${MAC_A} holds ${ADDRESS} on this network, and is none of us` })
    expect(clock.monotonicMs() - startMs).toBeLessThan(10)
    expect(b.events.at(-1)).toMatchObject({ type: 'vip-refused', mac: MAC_A })
    expect((await b.vip.observe()).state).toBe('foreign')
    await clock.advance(10_001)
    expect((await b.vip.observe()).state).toBe('absent')
    await Promise.all([a.vip.stop(), b.vip.stop()])
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes it from a holder that is tolerated, however its hardware address is written', async () => {
    const { clock, segment, a, b } = site()
    await during(clock, a.vip.claim())
    expect(await during(clock, b.vip.claim({ tolerate: [MAC_A.toUpperCase()] }))).toMatchObject({ ok: true })
    expect(segment.holders(ADDRESS)).toEqual([MAC_A, MAC_B])
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('waits for 75 ms when nobody was asked, and not at all after a probe a moment ago', async () => {
    const { clock, a, b } = site()
    expect(await during(clock, a.vip.claim())).toMatchObject({ ok: true })
    expect(a.events.find(({ type }) => type === 'vip-claimed')).toMatchObject({ tookMs: { probe: 76, add: 0, announce: 0, total: 76 } })
    await a.vip.release()
    expect(await during(clock, b.vip.probe())).toEqual([])
    await clock.advance(2_000)
    expect(await b.vip.claim()).toMatchObject({ ok: true })
    expect(b.vip.snapshot().tookMs).toMatchObject({ probe: 0, total: 0 })
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('asks once more when the probe is too old, or had found somebody', async () => {
    const { clock, a, b } = site()
    await during(clock, a.vip.claim())
    expect(await during(clock, b.vip.probe())).toEqual([MAC_A])
    await a.vip.release()
    expect(await during(clock, b.vip.claim())).toMatchObject({ ok: true })
    await b.vip.release()
    await during(clock, b.vip.probe())
    await clock.advance(3_001)
    await during(clock, b.vip.claim())
    expect(b.vip.snapshot().tookMs?.probe).toBeGreaterThan(70)
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('does not ask when the former holder is known to have let go', async () => {
    const { clock, a, b } = site()
    expect(await a.vip.claim({ probed: true })).toMatchObject({ ok: true })
    expect(a.vip.snapshot()).toMatchObject({
      held: true,
      announcer: 'raw',
      driver: 'memory',
      gate: undefined,
      link: { mac: MAC_A, carrier: true },
    })
    await Promise.all([a.vip.stop(), b.vip.stop()])
    expect(clock.pendingTimers).toBe(0)
  })

  it('announces it at 0, 0.2, 1.2, 2.4 and 5 s, and then every 30 s', async () => {
    const { clock, segment, a, b } = site()
    await a.vip.claim({ probed: true })
    await clock.advance(70_000)
    expect(segment.announcements.map(({ atMs }) => atMs)).toEqual([0, 200, 1_200, 2_400, 5_000, 35_000, 65_000])
    await a.vip.stop()
    await clock.advance(70_000)
    expect(segment.announcements).toHaveLength(7)
    await b.vip.stop()
  })

  it('is no claim without the interface, without its being up, without a carrier, or without being allowed to', async () => {
    const { clock, a, b } = site()
    a.host.setLink({ name: 'ens3' })
    expect(await a.vip.claim()).toEqual({ ok: false, retryable: false, because: 'there is no interface eth0 here; there are lo, ens3' })
    expect(await a.vip.observe()).toMatchObject({ state: 'unknown', because: 'there is no interface eth0 here' })
    a.host.setLink({ name: 'eth0', up: false })
    expect(await a.vip.claim()).toEqual({ ok: false, retryable: true, because: 'interface eth0 is down' })
    a.host.setLink({ up: true, carrier: false })
    expect(await a.vip.claim()).toMatchObject({ ok: false, because: 'interface eth0 has no carrier: cable, switch port or peer' })
    a.host.setLink({ carrier: true })
    a.host.failWith(new HotspareError({ code: 'HOTSPARE_VIP_PERMISSION', message: 'vip: needs CAP_NET_ADMIN' }))
    expect(await a.vip.claim({ probed: true })).toEqual({ ok: false, retryable: false, because: 'vip: needs CAP_NET_ADMIN' })
    expect(a.vip.snapshot().held).toBe(false)
    expect(typesOf(a)).toEqual(['vip-refused', 'vip-refused', 'vip-refused', 'vip-refused'])
    a.host.failWith(undefined)
    await Promise.all([a.vip.stop(), b.vip.stop()])
    expect(clock.pendingTimers).toBe(0)
  })

  it('adopts an address that a process before us has left, without touching who else might answer', async () => {
    const { clock, a, b } = site()
    await a.vip.claim({ probed: true })
    await a.vip.stop({ leave: true })
    const after = createVip({ address: ADDRESS, interface: 'eth0', driver: a.host, clock })
    await during(clock, after.start())
    expect(after.verdict()).toMatchObject({ state: 'held', because: 'it is on eth0' })
    expect(await after.claim()).toMatchObject({ ok: true })
    expect(after.snapshot().tookMs?.probe).toBe(0)
    await after.stop()
    expect(await addressOf(a)).toBeUndefined()
    await b.vip.stop()
  })

  it('sweeps what is marked as ours only when it is told to', async () => {
    const { clock, a, b } = site()
    await a.vip.claim({ probed: true })
    await a.vip.stop({ leave: true })
    const after = createVip({ address: ADDRESS, interface: 'eth0', driver: a.host, clock })
    await during(clock, after.start())
    expect(await addressOf(a)).toBeDefined()
    await during(clock, after.start({ sweep: true }))
    expect(await addressOf(a)).toBeUndefined()
    const [link] = (await a.host.links()).slice(1)
    await a.host.setAddress({
      link: link!,
      address: { family: 4, text: ADDRESS, bytes: new Uint8Array(4), prefixLength: 32 },
      prefixLength: 32,
    })
    await during(clock, after.start({ sweep: true }))
    expect(await addressOf(a)).toBeDefined()
    await after.stop()
    await b.vip.stop()
  })

  it('is done already when the address is held: nothing is announced or told twice', async () => {
    const { clock, segment, a, b } = site()
    await a.vip.claim({ probed: true })
    expect(await a.vip.claim()).toEqual({ ok: true, detail: `${ADDRESS}/32 is on eth0` })
    expect(typesOf(a)).toEqual(['vip-claimed'])
    expect(segment.announcements).toHaveLength(1)
    await a.host.removeAddress({ address: { text: ADDRESS } } as never)
    expect((await a.vip.observe()).state).toBe('absent')
    expect(await during(clock, a.vip.claim())).toMatchObject({ ok: true })
    expect((await a.vip.observe()).state).toBe('held')
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('gives way to a release, and throws only when the caller has ended it', async () => {
    const { clock, a, b } = site()
    const claim = a.vip.claim()
    await clock.advance(10)
    expect(await during(clock, a.vip.release())).toMatchObject({ ok: true })
    expect(await claim).toMatchObject({ ok: false, retryable: true })
    expect(await addressOf(a)).toBeUndefined()
    const controller = new AbortController()
    const ended = a.vip.claim({ signal: controller.signal })
    await clock.advance(10)
    controller.abort(new Error('enough'))
    await expect(ended).rejects.toThrow('enough')
    await clock.advance(100)
    expect(await addressOf(a)).toBeUndefined()
    await Promise.all([a.vip.stop(), b.vip.stop()])
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('defending an address', () => {
  it('announces it again when somebody else claims it, once a second, with the last word', async () => {
    const { clock, segment, a, b } = site()
    await a.vip.claim({ probed: true })
    await clock.advance(10_000)
    const before = segment.announcements.length
    await during(clock, b.vip.claim({ tolerate: [MAC_A] }))
    await clock.advance(6_000)
    expect(typesOf(a)).toContain('vip-conflict')
    // Both think that it is theirs: each answers the other, and neither more than once a second.
    const byA = segment.announcements.slice(before).filter(({ mac }) => mac === MAC_A)
    expect(byA.length).toBeGreaterThan(3)
    expect(byA.length).toBeLessThan(9)
    await Promise.all([a.vip.stop(), b.vip.stop()])
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('an address whose right has passed on', () => {
  // It was announced once more while its successor announced it: for a moment, clients went to the one that was about to let go.
  it('is not defended against those who may have it, and is announced again under a new right', async () => {
    const { clock, segment, a, b } = site()
    const right = new TestRight(clock, 60_000)
    await a.vip.claim({ right, probed: true, tolerate: [MAC_B] })
    await clock.advance(10_000)
    right.end()
    await a.vip.observe()
    const before = segment.announcements.length
    await b.vip.claim({ probed: true, tolerate: [MAC_A] })
    await clock.advance(40_000)
    expect(segment.announcements.slice(before).filter(({ mac }) => mac === MAC_A)).toEqual([])
    expect(typesOf(a)).not.toContain('vip-conflict')

    await b.vip.release()
    const again = segment.announcements.length
    expect(await a.vip.claim({ right: new TestRight(clock, 60_000), probed: true, tolerate: [MAC_B] })).toMatchObject({ ok: true })
    expect(segment.announcements.slice(again).map(({ mac }) => mac)).toContain(MAC_A)
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('is defended against strangers all the same', async () => {
    const { clock, segment, a, b } = site()
    const right = new TestRight(clock, 60_000)
    await a.vip.claim({ right, probed: true })
    await clock.advance(10_000)
    right.end()
    const before = segment.announcements.length
    await b.vip.claim({ probed: true, tolerate: [MAC_A] })
    await clock.advance(3_000)
    expect(segment.announcements.slice(before).map(({ mac }) => mac)).toContain(MAC_A)
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })
})

describe('an address with a lifetime', () => {
  it('is not claimed without a right, or under one that is not valid', async () => {
    const { clock, a, b } = site({ lifetimeMs: 2_000 })
    expect(await a.vip.claim()).toMatchObject({ ok: false, retryable: false, because: 'an address with a lifetime needs a right' })
    const right = new TestRight(clock, 2_000)
    right.end()
    expect(await a.vip.claim({ right })).toMatchObject({ ok: false, retryable: true })
    expect(await addressOf(a)).toBeUndefined()
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('never answers past the end of its right, though the process is gone from one moment to the next', async () => {
    for (const stoppedAtMs of [1, 199, 200, 777, 1_000, 1_500, 1_900]) {
      const { clock, segment, a, b } = site({ lifetimeMs: 2_000 })
      // A clock that stands still for the process, while the kernel's goes on.
      let frozen = false
      const own: Clock = {
        monotonicMs: () => clock.monotonicMs(),
        wallMs: () => clock.wallMs(),
        schedule: (delayMs, callback) => clock.schedule(delayMs, () => !frozen && callback()),
      }
      const vip = createVip({ address: ADDRESS, interface: 'eth0', driver: a.host, clock: own, lifetimeMs: 2_000 })
      const right = new TestRight(clock, 2_000)
      expect(await vip.claim({ right, probed: true })).toMatchObject({ ok: true })
      await clock.advance(stoppedAtMs)
      right.renew(2_000)
      await clock.advance(10)
      frozen = true
      await clock.advance(right.deadlineMs - clock.monotonicMs() - 300)
      await clock.advance(300)
      expect(segment.holders(ADDRESS)).toEqual([])
      await Promise.all([a.vip.stop(), b.vip.stop()])
    }
  })

  it('stays as long as the right is renewed, and goes at once with it', async () => {
    const { clock, segment, a, b } = site({ lifetimeMs: 2_000 })
    const right = new TestRight(clock, 2_000)
    await a.vip.claim({ right, probed: true })
    for (let round = 0; round < 300; round++) {
      await clock.advance(100)
      right.renew(2_000)
      expect(segment.holders(ADDRESS)).toEqual([MAC_A])
    }
    right.end()
    await clock.advance(0)
    expect(segment.holders(ADDRESS)).toEqual([])
    expect(a.events.at(-1)).toMatchObject({ type: 'vip-released', because: 'the right has ended: another has it' })
    await Promise.all([a.vip.stop(), b.vip.stop()])
    expect(clock.pendingTimers).toBe(0)
  })

  it('uses its right to the last but for the margin, and then says that it has expired', async () => {
    const { clock, segment, a, b } = site({ lifetimeMs: 2_000 })
    const right = new TestRight(clock, 1_700)
    await a.vip.claim({ right, probed: true })
    await clock.advance(1_450)
    expect(segment.holders(ADDRESS)).toEqual([MAC_A])
    await clock.advance(225)
    expect(segment.holders(ADDRESS)).toEqual([])
    await clock.advance(300)
    expect(typesOf(a)).toEqual(['vip-claimed', 'vip-expired', 'vip-released'])
    expect(await addressOf(a)).toBeUndefined()
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('shuts while the right is in doubt, and opens again when it is confirmed', async () => {
    const { clock, segment, a, b } = site({ lifetimeMs: 2_000 })
    const right = new TestRight(clock, 10_000)
    await a.vip.claim({ right, probed: true })
    right.doubted = true
    await clock.advance(200)
    expect(segment.holders(ADDRESS)).toEqual([])
    expect(await a.vip.observe()).toMatchObject({ state: 'absent', because: 'the gate is shut: the right is in doubt' })
    right.doubted = false
    await clock.advance(20)
    expect(segment.holders(ADDRESS)).toEqual([MAC_A])
    expect(typesOf(a)).toEqual(['vip-claimed', 'vip-suspended', 'vip-resumed'])
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('tells once that it cannot be refreshed, and goes when that lasts', async () => {
    const { clock, segment, a, b } = site({ lifetimeMs: 2_000 })
    const right = new TestRight(clock, 60_000)
    await a.vip.claim({ right, probed: true })
    a.host.failWith(new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: 'no memory', retryable: true }))
    await clock.advance(5_000)
    expect(typesOf(a)).toEqual(['vip-claimed', 'vip-refresh-failed'])
    expect(segment.holders(ADDRESS)).toEqual([])
    a.host.failWith(undefined)
    await clock.advance(200)
    expect(segment.holders(ADDRESS)).toEqual([MAC_A])
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })

  it('is absent when a process before us has left it to go by itself, and held when it would never go', async () => {
    const { clock, a, b } = site({ lifetimeMs: 2_000 })
    const [link] = (await a.host.links()).slice(1)
    const request = {
      link: link!,
      address: { family: 4, text: ADDRESS, bytes: new Uint8Array(4), prefixLength: 32 },
      prefixLength: 32,
    } as const
    await a.host.setAddress({ ...request, validSeconds: 2 })
    expect(await a.vip.observe()).toMatchObject({ state: 'absent', because: 'it is left over on eth0, and goes within 2 s' })
    await a.host.setAddress(request)
    expect((await a.vip.observe()).state).toBe('held')
    const right = new TestRight(clock, 2_000)
    expect(await a.vip.claim({ right })).toMatchObject({ ok: true })
    expect((await addressOf(a))?.validSeconds).toBe(3)
    await Promise.all([a.vip.stop(), b.vip.stop()])
  })
})

describe('the end', () => {
  it('leaves an address without a lifetime when it is told to, and never one with a lifetime', async () => {
    const keep = site()
    await keep.a.vip.claim({ probed: true })
    await Promise.all([keep.a.vip.stop({ leave: true }), keep.a.vip.stop()])
    expect(keep.segment.holders(ADDRESS)).toEqual([MAC_A])
    const release = site({ lifetimeMs: 2_000 })
    await release.a.vip.claim({ right: new TestRight(release.clock, 2_000), probed: true })
    await release.a.vip.stop({ leave: true })
    expect(release.segment.holders(ADDRESS)).toEqual([])
    await keep.b.vip.stop()
    await release.b.vip.stop()
  })

  it('is for good', async () => {
    const { a, b } = site()
    await a.vip.start()
    await a.vip.stop()
    await expect(a.vip.start()).rejects.toMatchObject({ code: 'HOTSPARE_VIP_STOPPED' })
    expect(await a.vip.claim()).toMatchObject({ ok: false, retryable: false })
    await b.vip.stop()
  })

  it('leaves nothing behind when it comes in the middle of a start or a claim', async () => {
    for (const begin of ['start', 'claim', 'probe'] as const) {
      const { clock, a, b } = site()
      const begun: Promise<unknown> = a.vip[begin]().catch(() => {})
      await a.vip.stop()
      await during(clock, begun)
      expect(await addressOf(a)).toBeUndefined()
      await b.vip.stop()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  it('refuses options that cannot work, by name', () => {
    expect(() => createVip({ address: '300.0.0.1', interface: 'eth0' })).toThrow('vip: address: expected an address like 10.0.0.100/32')
    expect(() => createVip({ address: ADDRESS, interface: 'a b' })).toThrow('interface: expected the name of an interface')
    expect(() => createVip({ address: ADDRESS, interface: 'eth0', lifetimeMs: 1 })).toThrow('lifetimeMs')
    expect(() => createVip({ address: ADDRESS, interface: 'eth0', lifetimeMs: 500, gateMarginMs: 500 })).toThrow(
      'gateMarginMs: leaves nothing',
    )
    expect(() => createVip({ address: ADDRESS, interface: 'eth0', colour: 1 } as never)).toThrow('colour')
  })
})

describe('an obstacle', () => {
  it('is what would keep a claim from working, as it was last seen', async () => {
    const { segment, a } = site()
    expect(a.vip.obstacle()).toBeUndefined()
    await a.vip.observe()
    expect(a.vip.obstacle()).toBeUndefined()
    a.host.setLink({ carrier: false })
    await a.vip.observe()
    expect(a.vip.obstacle()).toContain('has no carrier')
    expect(segment.announcements).toEqual([])
    await a.vip.stop()
  })
})

describe('a claim that was prepared for', () => {
  // A second preparation began the wait anew, just when the address was wanted.
  it('waits for what is left of the first look, however often it was prepared', async () => {
    const { clock, a } = site()
    a.vip.prepare()
    await clock.advance(60)
    a.vip.prepare()
    const claimed = a.vip.claim()
    await clock.advance(20)
    expect(a.vip.snapshot().held).toBe(true)
    await claimed
    await a.vip.release()
    await clock.advance(10_000)
    a.vip.prepare()
    await clock.advance(100)
    a.vip.prepare()
    await clock.advance(0)
    expect(await during(clock, a.vip.claim())).toMatchObject({ ok: true })
    expect(a.vip.snapshot().tookMs?.probe).toBe(0)
    await a.vip.stop()
  })
})
