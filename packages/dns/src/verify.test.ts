import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { type ServedReport, verifyServed, type VerifyEvent, type VerifyOptions } from './verify.ts'
import { answer, authoritative, FakeNetwork, type FakeServer, silent } from './verify/fake-network.fixture.ts'

const zone = 'example.com'
const set = { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.2'] } as const
const OLD = zoneLines(7, 'www.example.com 30 A 192.0.2.1')
const NEW = zoneLines(8, 'www.example.com 30 A 192.0.2.2')

function zoneLines(serial: number, more: string): string {
  return `example.com 60 SOA ns1.example.com admin.example.com ${serial} 60 60 600 60\n${more}`
}

/** Two servers, 192.0.2.53 and 192.0.2.54; what they do is up to the test. */
function verify(servers: readonly FakeServer[], options: Partial<VerifyOptions> = {}) {
  const clock = new TestClock()
  const net = new FakeNetwork()
  const addresses = servers.map((server, index) => {
    net.at(`192.0.2.${53 + index}`, server)
    return `192.0.2.${53 + index}`
  })
  const events: VerifyEvent[] = []
  let report: ServedReport | undefined
  const done = verifyServed({ zone, set, servers: addresses, ask: net.ask, clock, onEvent: (event) => events.push(event), ...options })
  const settled = done.then((value) => (report = value))
  settled.catch(() => {})
  return { clock, net, events, done, report: () => report }
}

/** Serves the old zone until a time, then the new one. */
function follows(clock: () => TestClock, afterMs: number): FakeServer {
  return authoritative(zone, () => (clock().monotonicMs() < afterMs ? OLD : NEW))
}

describe('a change that is not served everywhere', () => {
  it('ends with the budget, and names who does not serve it, and why', async () => {
    const { clock, done, events } = verify([authoritative(zone, NEW), () => silent('no answer within 2000 ms')], { budgetMs: 10_000 })
    await clock.advance(9_999)
    expect(events.map(({ type }) => type)).toEqual(['dns-served'])
    await clock.advance(1)
    const report = await done
    expect(report).toMatchObject({ stage: 'served', serving: 1, of: 2, tookMs: 10_000 })
    expect(report.because).toBe('served by 1 of 2: 192.0.2.54: no answer within 2000 ms')
    expect(events.at(-1)).toMatchObject({
      type: 'dns-overdue',
      zone,
      name: 'www.example.com',
      recordType: 'A',
      serving: 1,
      of: 2,
      budgetMs: 10_000,
      missing: [{ server: '192.0.2.54', because: 'no answer within 2000 ms' }],
    })
    expect(clock.pendingTimers).toBe(0)
  })

  it('is not served at all where every server still has the old set', async () => {
    const { clock, done } = verify([authoritative(zone, OLD)], { budgetMs: 1_000, serial: 8 })
    await clock.advance(1_000)
    expect(await done).toMatchObject({
      stage: 'applied',
      because: 'served by 0 of 1: 192.0.2.53: serial 7, not yet 8: 192.0.2.1',
      servers: [{ lagMs: undefined, standing: { state: 'old-serial' } }],
    })
  })

  it('is told apart from a server that has the new zone and other values', async () => {
    // BIND and Knot say NOERROR to an A beside a CNAME, and leave it out.
    const alias = authoritative(zone, zoneLines(8, 'www.example.com 30 CNAME cdn.example.net'))
    const { clock, done } = verify([alias], { budgetMs: 1_000, serial: 8 })
    await clock.advance(1_000)
    expect((await done).because).toBe('served by 0 of 1: 192.0.2.53: an alias of cdn.example.net instead of 192.0.2.2')
  })

  it('has no server where none is found', async () => {
    const { done, events } = verify([], { servers: undefined, resolvers: [], parent: false })
    expect(await done).toMatchObject({ stage: 'applied', serving: 0, of: 0, because: 'no name server was found: no resolver to ask' })
    expect(events.map(({ type }) => type)).toEqual(['dns-overdue'])
  })

  it('is waited for until the caller gives up', async () => {
    const caller = new AbortController()
    const clock = new TestClock()
    const net = new FakeNetwork()
    const done = verifyServed({ zone, set, servers: ['192.0.2.53'], ask: net.ask, clock }, { signal: caller.signal })
    done.catch(() => {})
    await clock.advance(500)
    caller.abort(new Error('stopping'))
    await expect(done).rejects.toThrow('stopping')
    expect(clock.pendingTimers).toBe(0)
  })

  it('asks no question for a caller that has given up already', async () => {
    const net = new FakeNetwork()
    const done = verifyServed({ zone, set, servers: ['192.0.2.53'], ask: net.ask }, { signal: AbortSignal.abort(new Error('stopping')) })
    await expect(done).rejects.toThrow('stopping')
    expect(net.asked).toEqual([])
  })

  it.each<{ name: string; options: object; says: string }>([
    { name: 'a set of another zone', options: { set: { ...set, name: 'www.example.net' } }, says: 'set.name: is not in the zone' },
    { name: 'an ALIAS, which nobody can ask for', options: { set: { ...set, type: 'ALIAS' } }, says: 'set' },
    { name: 'a name where an address belongs', options: { servers: ['ns1.example.com'] }, says: 'servers.0: expected an address' },
    { name: 'an unknown key', options: { serverz: [] }, says: 'serverz' },
  ])('refuses $name', async ({ options, says }) => {
    await expect(verifyServed({ zone, set, ...options })).rejects.toMatchObject({
      code: 'HOTSPARE_DNS_OPTIONS',
      message: expect.stringContaining(says),
    })
  })
})

describe('a change that is served', () => {
  it('by all at once needs one question for the set and one for the serial of each', async () => {
    const { done, net, events } = verify([authoritative(zone, NEW), authoritative(zone, NEW)])
    expect(await done).toMatchObject({ stage: 'converged', serving: 2, of: 2, because: 'served by 2 of 2' })
    expect(net.asked).toHaveLength(4)
    expect(net.asked.every(({ recursion }) => !recursion)).toBe(true)
    expect(events.map(({ type }) => type)).toEqual(['dns-served', 'dns-served', 'dns-converged'])
  })

  it('has converged when the last server follows, and tells the lag of each', async () => {
    const run: { clock?: TestClock } = {}
    const verification = verify([authoritative(zone, NEW), follows(() => run.clock!, 4_500)])
    run.clock = verification.clock
    await verification.clock.advance(4_400)
    expect(verification.report()).toBeUndefined()
    await verification.clock.advance(5_000)
    const report = await verification.done
    expect(report).toMatchObject({ stage: 'converged', serving: 2, of: 2 })
    const [fast, slow] = report.servers
    expect(fast).toMatchObject({ lagMs: 0, lagAtLeastMs: 0 })
    expect(slow?.lagMs).toBeGreaterThanOrEqual(4_500)
    expect(slow?.lagAtLeastMs).toBeLessThan(4_500)
    expect(verification.events.at(-1)).toMatchObject({ type: 'dns-converged', of: 2, tookMs: report.tookMs })
  })

  it('counts lags from the time at which it was accepted', async () => {
    const clock = new TestClock()
    await clock.advance(1_000)
    const net = new FakeNetwork().at('192.0.2.53', authoritative(zone, NEW))
    const report = await verifyServed({ zone, set, servers: ['192.0.2.53'], ask: net.ask, clock, appliedAtMs: 400 })
    expect(report).toMatchObject({ tookMs: 0, servers: [{ lagMs: 600 }] })
  })

  it('has not converged while a server that served it has turned away again', async () => {
    const run: { clock?: TestClock } = {}
    const now = () => run.clock?.monotonicMs() ?? 0
    const turning = authoritative(zone, () => (now() > 500 && now() < 20_000 ? zoneLines(9, 'www.example.com 30 A 192.0.2.9') : NEW))
    const verification = verify([turning, follows(() => run.clock!, 2_000)])
    run.clock = verification.clock
    await verification.clock.advance(15_000)
    expect(verification.report()).toBeUndefined()
    await verification.clock.advance(15_000)
    const report = await verification.done
    expect(report.stage).toBe('converged')
    expect(report.servers[0]?.lagMs).toBeGreaterThanOrEqual(20_000)
    // Each server is told of once.
    expect(verification.events.filter(({ type }) => type === 'dns-served')).toHaveLength(2)
  })

  it('does not wait for an address family that this machine does not have', async () => {
    const net = new FakeNetwork()
      .at('192.0.2.53', authoritative(zone, `${NEW}\nexample.com 9 NS ns1.example.com`))
      .at('192.0.2.9', ({ name, type }) => {
        const values: Record<string, string> = { NS: 'ns1.example.com', A: '192.0.2.53', AAAA: '2001:db8::53' }
        return answer({ authoritative: false, answers: [{ name, type, ttlSeconds: 9, value: values[type] ?? '' }] })
      })
    net.at('2001:db8::53', () => silent('connect ENETUNREACH', true))
    const report = await verifyServed({ zone, set, ask: net.ask, resolvers: ['192.0.2.9'], parent: false, clock: new TestClock() })
    expect(report).toMatchObject({ stage: 'converged', serving: 1, of: 1 })
    expect(report.servers.map(({ address, counted }) => ({ address, counted }))).toEqual([
      { address: '192.0.2.53', counted: true },
      { address: '2001:db8::53', counted: false },
    ])
  })

  it('asks a server that does not follow with a growing pause, and a bounded number of times', async () => {
    const { clock, done, net } = verify([authoritative(zone, OLD)])
    await clock.advance(60_000)
    await done
    const rounds = net.asked.filter(({ type }) => type === 'A').length
    expect(rounds).toBeGreaterThan(20)
    expect(rounds).toBeLessThan(50)
  })

  it('also when a listener throws', async () => {
    const onEvent = () => {
      throw new Error('listener')
    }
    expect(await verify([authoritative(zone, NEW)], { onEvent }).done).toMatchObject({ stage: 'converged' })
  })

  it('as a removal, when nobody has the set any more', async () => {
    const removed = { name: 'www.example.com', type: 'A', removed: true } as const
    const { done } = verify([authoritative(zone, zoneLines(9, 'other.example.com 30 A 192.0.2.1'))], { set: removed })
    expect(await done).toMatchObject({ stage: 'converged' })
  })
})
