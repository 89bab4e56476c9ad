import { HotspareError, sleep } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { driverWith } from './driver.fixture.ts'
import type { VipEvent } from './events.ts'
import type { VipDriver } from './driver.ts'
import { TestRight } from './right.fixture.ts'
import { memorySegment } from './memory.ts'
import { createVip } from './vip.ts'

const ADDRESS = '10.0.0.100'
const MAC = '02:00:00:00:00:0a'

function oneNode(changes: (host: VipDriver, clock: TestClock) => Partial<VipDriver>) {
  const clock = new TestClock()
  const segment = memorySegment(clock)
  const host = segment.host(MAC)
  const driver = driverWith(host, changes(host, clock))
  const vip = createVip({ address: ADDRESS, interface: 'eth0', driver, clock, lifetimeMs: 2_000 })
  const events: VipEvent[] = []
  vip.subscribe((event) => events.push(event))
  return { clock, segment, vip, events, there: async () => (await host.entries()).length > 0 }
}

describe('an address with a lifetime', () => {
  // It was added without a gate then, for a second: a process that was killed left it answering past the end of its right.
  it('is not added at all when the right ends within the margin', async () => {
    const { clock, vip, there } = oneNode(() => ({}))
    const outcome = await vip.claim({ right: new TestRight(clock, 25), probed: true })
    expect(outcome).toEqual({ ok: false, retryable: true, because: 'the right to act ends too soon for the gate to open' })
    expect(await there()).toBe(false)
    expect(vip.snapshot().held).toBe(false)
    await vip.stop()
    expect(clock.pendingTimers).toBe(0)
  })

  // Commands take their time: the refresh set the address anew after the release had removed it.
  it('does not come back by a refresh that was under way when it was released', async () => {
    let refreshes = 0
    const { clock, segment, vip, there } = oneNode((host, clock_) => ({
      async openGate(address, times) {
        if (++refreshes > 1) await sleep(100, { clock: clock_ })
        return host.openGate(address, times)
      },
    }))
    const right = new TestRight(clock, 1_000)
    await vip.claim({ right, probed: true })
    right.renew(60_000)
    await clock.advance(250)
    const released = vip.release()
    await clock.advance(1_000)
    expect(await released).toMatchObject({ ok: true })
    expect(await there()).toBe(false)
    expect(segment.holders(ADDRESS)).toEqual([])
    await vip.stop()
    expect(clock.pendingTimers).toBe(0)
  })

  // Once it had failed, the gate stayed open until the right's own end.
  it('is shut again and again while its right is in doubt, until the kernel has done it', async () => {
    let fails = 2
    const { clock, segment, vip, events } = oneNode((host) => ({
      async shutGate(address, times) {
        if (fails-- > 0) throw new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: 'busy', retryable: true })
        return host.shutGate(address, times)
      },
    }))
    const right = new TestRight(clock, 60_000)
    await vip.claim({ right, probed: true })
    right.doubted = true
    await clock.advance(300)
    expect(segment.holders(ADDRESS)).toEqual([])
    right.doubted = false
    await clock.advance(50)
    expect(segment.holders(ADDRESS)).toEqual([MAC])
    expect(events.map(({ type }) => type)).toEqual(['vip-claimed', 'vip-suspended', 'vip-refresh-failed', 'vip-resumed'])
    await vip.stop()
  })
})
