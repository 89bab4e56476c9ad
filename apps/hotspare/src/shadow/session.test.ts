import { TestClock } from '@hotspare/core/testing'
import type { Heard } from '@hotspare/vrrp'
import type { Capture, CaptureOptions } from '@hotspare/vrrp/capture'
import { parseKeepalived } from '@hotspare/vrrp/keepalived'
import { describe, expect, it } from 'vitest'
import { parseCheck } from './checks.ts'
import { renderHtml } from './html.ts'
import { configNotes, watchedInstances } from './instances.ts'
import { shadowReportSchema } from './report-schema.ts'
import type { ShadowReport } from './report-types.ts'
import { Session } from './session.ts'

const VIP = '10.0.0.100'
const CONFIG = parseKeepalived({
  file: 'k.conf',
  text: `vrrp_instance site {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n ${VIP}\n }\n notify /x\n}`,
})

/** A machine that speaks, and answers for the address, as it is told. */
interface Router {
  readonly source: string
  readonly hardware: string
  readonly priority: number
  speaks: boolean
  holds: boolean
}

/** A network with two routers, in the time of a test. */
class Network {
  readonly clock = new TestClock()
  readonly asked: string[] = []
  readonly one: Router = { source: '10.0.0.1', hardware: '02:00:00:00:00:01', priority: 150, speaks: true, holds: true }
  readonly two: Router = { source: '10.0.0.2', hardware: '02:00:00:00:00:02', priority: 100, speaks: false, holds: false }
  readonly own = new Set<string>()
  isUp = true
  #options: CaptureOptions | undefined

  readonly openCapture = (options: CaptureOptions): Capture => {
    this.#options = options
    const look = () => {
      options.onRead?.(this.clock.monotonicMs())
      this.clock.schedule(20, look)
    }
    const stop = async () => {
      this.#options = undefined
    }
    return {
      interface: options.interface,
      hardware: '02:00:00:00:00:99',
      start: async () => look(),
      ask: (address) => {
        this.asked.push(address)
        for (const { hardware, holds } of [this.one, this.two]) if (holds) this.#say({ type: 'claim', address, hardware, how: 'answer' })
      },
      isUp: () => this.isUp,
      drops: () => 0,
      stop,
      [Symbol.asyncDispose]: stop,
    }
  }

  /** Lets time pass, with an advert each second from whoever speaks. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const router of [this.one, this.two]) if (router.speaks) this.advert(router, router.priority)
      await this.clock.advance(1_000)
    }
  }

  advert({ source, hardware }: Router, priority: number, routerId = 51): void {
    const advert = {
      version: 2,
      family: 4,
      source,
      destination: '224.0.0.18',
      ttl: 255,
      routerId,
      priority,
      intervalMs: 1_000,
      addresses: [VIP],
      authentication: 'none',
      checksum: 'message',
    } as const
    this.#say({ type: 'advert', hardware, advert })
  }

  #say(heard: Heard): void {
    this.#options?.onHeard({ heard, atMs: this.clock.monotonicMs() })
  }
}

function sessionOn(network: Network, earlier?: ShadowReport): Session {
  const instances = watchedInstances(CONFIG, undefined)
  return new Session({
    instances,
    check: parseCheck(undefined, 500),
    probeEveryMs: 500,
    ttlMs: 2_000,
    clock: network.clock,
    openCapture: network.openCapture,
    ownAddresses: () => network.own,
    earlier,
    facts: { version: '0.0.0', host: 'node <b>&</b>', file: 'k.conf', notes: configNotes(CONFIG, instances) },
  })
}

const only = ({ routers }: ShadowReport) => routers[0] ?? expect.fail('a router')

describe('a session', () => {
  it('tells nothing of a router that is well, and asks for its address in its time', async () => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    await network.pass(10)
    const router = only(session.report())
    expect(router.incidents).toEqual([])
    expect(router.totals).toMatchObject({ adverts: 10, advertsLost: 0, probesFailed: 0, twoHoldersMs: 0 })
    expect(network.asked).toHaveLength(21)
    await session.stop()
  })

  it('tells of a master that died and left its address behind', async () => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    await network.pass(5)
    network.one.speaks = false
    await network.pass(3)
    Object.assign(network.two, { speaks: true, holds: true })
    await network.pass(5)
    const router = only(session.report())
    expect(router.incidents).toMatchObject([
      { kind: 'orphaned-address', before: '10.0.0.1', after: '10.0.0.2', takeoverMs: 4_000, to: null },
    ])
    expect(router.totals.twoHoldersMs).toBeGreaterThan(3_000)
    await session.stop()
  })

  it('tells of an address that nobody answers for, from the last answer to the next', async () => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    await network.pass(2)
    network.one.holds = false
    await network.pass(3)
    network.one.holds = true
    await network.pass(2)
    const router = only(session.report())
    expect(router.incidents).toMatchObject([{ kind: 'outage' }])
    expect(router.totals.outageMs).toBe(3_500)
    await session.stop()
  })

  it('takes an address of this machine for held here, though it answers none of its own questions', async () => {
    const network = new Network()
    network.one.holds = false
    network.own.add(VIP)
    const session = sessionOn(network)
    await session.start()
    await network.pass(3)
    expect(only(session.report())).toMatchObject({ totals: { probesFailed: 0 }, holders: [{ who: '02:00:00:00:00:99', what: VIP }] })
    await session.stop()
  })

  it('blames nobody while its own interface is down, and says for how long it saw nothing', async () => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    await network.pass(5)
    network.isUp = false
    Object.assign(network.one, { speaks: false, holds: false })
    await network.pass(20)
    network.isUp = true
    Object.assign(network.one, { speaks: true, holds: true })
    await network.pass(5)
    const report = session.report()
    expect(only(report)).toMatchObject({ incidents: [], totals: { advertsLost: 0, probesFailed: 0, outageMs: 0 } })
    expect(report.observer.blindMs).toBeGreaterThan(19_000)
    await session.stop()
  })

  it('mentions a virtual router that the file does not have', async () => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    network.advert(network.two, 100, 9)
    expect(session.report().notes).toEqual([
      'Not followed: notify.',
      '10.0.0.2 speaks for virtual router 9 on eth0, which the file does not have.',
    ])
    await session.stop()
  })

  it('goes on where an earlier one has ended, and says that it was away', async () => {
    const network = new Network()
    const first = sessionOn(network)
    await first.start()
    await network.pass(5)
    Object.assign(network.two, { speaks: true, holds: true })
    await network.pass(5)
    await first.stop()
    const earlier = shadowReportSchema.parse(JSON.parse(JSON.stringify(first.report())))
    await network.clock.advance(60_000)
    Object.assign(network.two, { speaks: false, holds: false })
    const other = { ...only(earlier), name: 'another', routerId: 9 }
    const second = sessionOn(network, { ...earlier, routers: [...earlier.routers, other] })
    await second.start()
    await network.pass(5)
    const report = second.report()
    expect(report.runs).toHaveLength(2)
    expect(report.runs[1]).toMatchObject({ to: null })
    const router = only(report)
    expect(router.totals.adverts).toBe(20)
    expect(router.incidents).toMatchObject([{ id: 1, kind: 'two-masters' }])
    expect(router.incidents[0]?.to).toBe(earlier.updatedAt)
    expect(router.masters.filter(({ to }) => to === null)).toMatchObject([{ who: '10.0.0.1' }])
    // A router that is watched no longer is kept as it was.
    expect(report.routers[1]).toMatchObject({ name: 'another', totals: other.totals, incidents: [{ to: earlier.updatedAt }] })
    expect(report.routers[1]?.masters.every(({ to }) => to !== null)).toBe(true)
    await second.stop()
  })

  it.each([
    ['outage', 1, true],
    ['hand-over', 2, true],
    ['hand-over', 1, false],
  ] as const)('does not call a service that fails gone with the hand-over: %s, %i times', async (kind, times, hasToBeFound) => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    await network.pass(5)
    network.one.speaks = false
    await network.pass(20)
    const report = session.report()
    const router = only(report)
    const incidents = router.incidents.map((each) => ({
      ...each,
      kind,
      outages: Array.from({ length: times }, () => ({ from: each.from, to: each.from + 1_000 })),
      promised: each.promised.map((promised) => ({ ...promised, action: 'hand-over' as const, takeoverMs: null })),
    }))
    const html = renderHtml({ ...report, routers: [{ ...router, incidents }] })
    expect(html.includes('until its own check says down, and while it is handed over')).toBe(hasToBeFound)
    expect(html).toContain('while it is handed over')
    await session.stop()
  })

  it('is rendered as a page of its own, with everything escaped', async () => {
    const network = new Network()
    const session = sessionOn(network)
    await session.start()
    await network.pass(5)
    network.one.speaks = false
    await network.pass(20)
    const report = session.report()
    const [router] = report.routers
    const html = renderHtml({
      ...report,
      notes: ['<script>alert(1)</script>'],
      routers: router ? [{ ...router, name: '"><img src=x>' }] : [],
    })
    expect(html).toContain('node &lt;b&gt;&amp;&lt;/b&gt;')
    expect(html).not.toMatch(/<script|<img|https?:\/\/|src=x>|<link/u)
    expect(html).toContain('No master')
    await session.stop()
  })
})
