import { HotspareError, sleep } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { driverWith } from './driver.fixture.ts'
import type { LinkFacts } from './driver.ts'
import { memorySegment } from './memory.ts'
import { createVip } from './vip.ts'

const ADDRESS = '10.0.0.100'
const [MAC_A, MAC_B] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'] as const

function twoNodes() {
  const clock = new TestClock()
  const segment = memorySegment(clock)
  const [host, other] = [segment.host(MAC_A), segment.host(MAC_B)]
  const wires = { opened: 0, closed: 0, broken: false }
  let index: number | undefined
  const driver = driverWith(host, {
    links: async () => (await host.links()).map((link): LinkFacts => (link.mac === MAC_A ? { ...link, index: index ?? link.index } : link)),
    async openWire(link, address) {
      wires.opened += 1
      await sleep(5, { clock })
      const wire = await host.openWire(link, address)
      return {
        ...wire,
        probe() {
          if (wires.broken) throw new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: 'vip: probe on eth0: ENXIO', retryable: true })
          wire.probe()
        },
        close() {
          wires.closed += 1
          wire.close()
        },
      }
    },
  })
  const options = { address: ADDRESS, interface: 'eth0', clock }
  return {
    clock,
    wires,
    vip: createVip({ ...options, driver }),
    stranger: createVip({ ...options, driver: other }),
    remakeLink: () => (index = 9),
  }
}

describe('the wire of an address', () => {
  // Each of two callers opened one, and the socket of the first was never closed.
  it('is opened once for all who need it, and closed in the end', async () => {
    const { clock, wires, vip } = twoNodes()
    const all = [vip.probe(), vip.claim(), vip.probeHolder()]
    await clock.advance(1_000)
    await Promise.all(all)
    expect(wires).toMatchObject({ opened: 1, closed: 0 })
    await vip.stop()
    expect(wires).toMatchObject({ opened: 1, closed: 1 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('is opened anew for a probe when the interface was made anew', async () => {
    const { clock, wires, vip, remakeLink } = twoNodes()
    const first = vip.probe()
    await clock.advance(200)
    await first
    remakeLink()
    const second = vip.probe()
    await clock.advance(200)
    await second
    expect(wires).toMatchObject({ opened: 2, closed: 1 })
    await vip.stop()
  })
})

describe('a probe that could not be sent', () => {
  // Nobody had answered it, and that was taken for nobody being there.
  it('is not good for a claim', async () => {
    const { clock, wires, vip, stranger } = twoNodes()
    await stranger.claim({ probed: true })
    wires.broken = true
    const probe = vip.probe()
    await clock.advance(200)
    expect(await probe).toEqual([])
    wires.broken = false
    const claim = vip.claim()
    await clock.advance(200)
    expect(await claim).toMatchObject({ ok: false, because: expect.stringContaining(MAC_B) })
    await Promise.all([vip.stop(), stranger.stop()])
  })
})
