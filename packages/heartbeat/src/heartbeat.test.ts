import type { Clock } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { memoryCounter } from './counter.ts'
import { createHeartbeat } from './heartbeat.ts'
import type { TransportFactory } from './transport.ts'
import { SITE_SECRETS, SITE_WALL_MS, type VirtualNode, VirtualSite } from './virtual-site.fixture.ts'

async function pair(options: { seed?: number; networks?: number } = {}): Promise<{ site: VirtualSite; a: VirtualNode; b: VirtualNode }> {
  const site = new VirtualSite(options)
  const a = await site.start('a', {}, { startMs: 5_000 })
  const b = await site.start('b', {}, { startMs: 90_000 })
  await site.run(1_000)
  return { site, a, b }
}

const pathOf = (node: VirtualNode, peer: number = 0, path: number = 0) => node.heartbeat.snapshot().peers[peer]!.paths[path]!

describe('two heartbeats', () => {
  it('are up for each other within two intervals, and tell it once', async () => {
    const site = new VirtualSite()
    const a = await site.start('a')
    const b = await site.start('b')
    await site.run(250)
    expect([a.story(), b.story()]).toEqual([
      ['path-up b/1', 'peer-up b'],
      ['path-up a/1', 'peer-up a'],
    ])
    expect(a.heartbeat.verdict('b')).toMatchObject({ state: 'up', because: 'beats arrive on path 1' })
    await site.run(10_000)
    expect(a.events).toHaveLength(2)
  })

  it('know how long the way takes, and what was lost', async () => {
    const site = new VirtualSite({ seed: 7 })
    site.networks[0]!.setConditions({ delayMs: [10, 10] })
    const a = await site.start('a')
    await site.start('b')
    await site.run(10_000)
    expect(pathOf(a).rttMs).toBeCloseTo(20, 0)
    expect(pathOf(a).counters).toMatchObject({ missed: 0, drops: {} })
    site.networks[0]!.setConditions({ lossRatio: 0.3 })
    await site.run(60_000)
    const { missed, received } = pathOf(a).counters
    expect(missed / (missed + received)).toBeGreaterThan(0.2)
    expect(missed / (missed + received)).toBeLessThan(0.35)
  })

  it.each([{ seed: 1 }, { seed: 2 }, { seed: 3 }, { seed: 4 }])(
    'convict nobody in five minutes of heavy loss, jitter and duplicates (seed $seed)',
    async ({ seed }) => {
      const { site, a, b } = await pair({ seed })
      site.networks[0]!.setConditions({ lossRatio: 0.3, delayMs: [1, 200], duplicateRatio: 0.1 })
      await site.run(300_000)
      expect([a.story(), b.story()]).toEqual([
        ['path-up b/1', 'peer-up b'],
        ['path-up a/1', 'peer-up a'],
      ])
    },
  )

  it('see a peer that dies within the timeout and an interval, and one that comes back', async () => {
    const { site, a, b } = await pair()
    b.machine.kill()
    await site.run(1_400)
    expect(a.heartbeat.verdict('b').state).toBe('up')
    await site.run(250)
    expect(a.heartbeat.verdict('b').state).toBe('down')
    await site.start('b')
    await site.run(250)
    expect(a.story().slice(-3)).toEqual(['path-up b/1', 'peer-restarted b', 'peer-up b'])
  })

  it('see a peer restart that is too quick to be missed', async () => {
    const { site, a, b } = await pair()
    const former = b.heartbeat.session
    b.machine.kill()
    const next = await site.start('b')
    await site.run(300)
    expect(a.events.at(-1)).toMatchObject({ type: 'peer-restarted', peer: 'b', session: next.heartbeat.session, previousSession: former })
    expect(a.heartbeat.verdict('b').state).toBe('up')
  })

  it.each([1, 2, 3, 4, 5])(
    'say goodbye: down at once, even where half of all packets are lost and a path is cut (seed %i)',
    async (seed) => {
      const { site, a, b } = await pair({ networks: 3, seed })
      site.networks[0]!.cut('b', 'a')
      for (const network of site.networks.slice(1)) network.setConditions({ lossRatio: 0.5 })
      await site.during(25, b.heartbeat.stop())
      for (const network of site.networks) network.setConditions({ lossRatio: 0 })
      expect(a.heartbeat.verdict('b')).toMatchObject({ state: 'down', because: 'it said goodbye' })
      expect(b.heartbeat.verdict('a')).toMatchObject({ state: 'unknown', because: 'the heartbeat was stopped' })
      await site.run(5_000)
      expect(a.story().filter((line) => line.startsWith('peer-down'))).toHaveLength(1)
    },
  )

  it('do not fall for a suspended machine: it convicts nobody when it wakes, nor is it a restart', async () => {
    const { site, a, b } = await pair()
    b.machine.suspend()
    await site.run(600_000)
    b.machine.resume()
    await site.run(1_000)
    expect(b.story()).toEqual(['path-up a/1', 'peer-up a'])
    expect(a.story().slice(-2)).toEqual(['path-up b/1', 'peer-up b'])
  })
})

describe('a process that was paused', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('convicts nobody for it, whether it reads its socket or its watch first (seed %i)', async (seed) => {
    const { site, a, b } = await pair({ seed })
    b.machine.pause()
    await site.run(10_000)
    expect(a.heartbeat.verdict('b').state).toBe('down')
    b.machine.resume()
    await site.run(1_400)
    expect(b.story()).toEqual(['path-up a/1', 'peer-up a'])
    expect(b.events.filter(({ type }) => type === 'heartbeat-late')).toHaveLength(1)
    // What had queued up in its socket counts.
    expect(b.heartbeat.snapshot().drops).toEqual({})
    expect(a.heartbeat.verdict('b').state).toBe('up')
  })

  it('still finds out when the peer died meanwhile', async () => {
    const { site, a, b } = await pair()
    b.machine.pause()
    await site.run(2_000)
    a.machine.kill()
    await site.run(5_000)
    b.machine.resume()
    await site.run(1_250)
    expect(b.heartbeat.verdict('a').state).toBe('up')
    await site.run(450)
    expect(b.heartbeat.verdict('a').state).toBe('down')
  })

  // Each pause set the silence back to zero, and a dead peer was up for as long as this node kept being late.
  it.each([
    { runsMs: 200, standsMs: 400 },
    { runsMs: 10, standsMs: 380 },
    { runsMs: 1_400, standsMs: 400 },
    { runsMs: 1_400, standsMs: 2_000 },
  ])('again and again, finds out all the same: $standsMs ms after each $runsMs ms', async ({ runsMs, standsMs }) => {
    const { site, a, b } = await pair()
    const rounds = async (untilMs: number) => {
      for (let ranMs = 0; ranMs < untilMs; ranMs += runsMs) {
        a.machine.pause()
        await site.run(standsMs)
        a.machine.resume()
        await site.run(runsMs)
      }
    }
    await rounds(1_000)
    expect(a.story()).toEqual(['path-up b/1', 'peer-up b'])
    b.machine.kill()
    await rounds(1_800)
    expect(a.heartbeat.verdict('b').state).toBe('down')
  })

  // Each link took the time anew: what the listener of the first took was a gap of our own for the others.
  it('by a listener in the middle of a look judges all peers by one time', async () => {
    const test = new TestClock()
    let listenersMs = 0
    const clock: Clock = {
      monotonicMs: () => test.monotonicMs() + listenersMs,
      wallMs: () => test.wallMs(),
      schedule: (delayMs, callback) => test.schedule(delayMs, callback),
    }
    const nowhere: TransportFactory = () => ({
      open: async () => {},
      send: (_packet, _route, done) => done(undefined),
      close: async () => {},
    })
    const peers = ['b', 'c', 'd'].map((name, index) => ({ name, paths: [{ address: `127.0.0.1:${index + 1}` }] }))
    const a = createHeartbeat({ node: 'a', listen: ['127.0.0.1:9'], peers, secrets: SITE_SECRETS, clock, transport: nowhere })
    a.subscribe(({ type }) => void (listenersMs += type === 'peer-down' ? 400 : 0))
    await a.start()
    await test.advance(1_500)
    expect(['b', 'c', 'd'].map((peer) => a.verdict(peer).state)).toEqual(['down', 'down', 'down'])
    const stopped = a.stop()
    await test.advance(100)
    await stopped
  })
})

describe('the paths between two nodes', () => {
  it('are judged apart: one cut makes the peer degraded, both make it down', async () => {
    const { site, a } = await pair({ networks: 2 })
    expect(a.heartbeat.verdict('b').state).toBe('up')
    site.networks[1]!.isolate('b')
    await site.run(2_000)
    expect(a.heartbeat.verdict('b')).toMatchObject({
      state: 'degraded',
      because: expect.stringMatching(/^no sign of life on path 2 for 1[56]\d\d ms$/),
    })
    site.networks[0]!.isolate('b')
    await site.run(2_000)
    expect(a.heartbeat.verdict('b').state).toBe('down')
    site.networks[0]!.heal()
    site.networks[1]!.heal()
    await site.run(400)
    expect(a.heartbeat.verdict('b').state).toBe('up')
  })

  it('show one-way loss on the side that is not heard', async () => {
    const { site, a, b } = await pair({ networks: 2 })
    site.networks[1]!.cut('a', 'b')
    await site.run(2_000)
    expect(a.heartbeat.verdict('b')).toMatchObject({ state: 'degraded', because: 'it hears nothing from us on path 2' })
    expect(pathOf(a, 0, 1)).toMatchObject({ hearsUs: false, verdict: { state: 'degraded' } })
    expect(pathOf(b, 0, 1)).toMatchObject({ hearsUs: undefined, verdict: { state: 'down' } })
    site.networks[1]!.heal()
    await site.run(500)
    expect([a.heartbeat.verdict('b').state, b.heartbeat.verdict('a').state]).toEqual(['up', 'up'])
  })

  it('stay one-way for hours where there is only one', async () => {
    const { site, a, b } = await pair()
    site.networks[0]!.cut('a', 'b')
    await site.run(120_000)
    expect(a.heartbeat.verdict('b')).toMatchObject({ state: 'degraded', because: 'it hears nothing from us on path 1' })
    expect(b.heartbeat.verdict('a').state).toBe('down')
  })

  it('say so when what comes is no proof: the peer sends, and has never heard us', async () => {
    const site = new VirtualSite()
    const a = await site.start('a')
    await site.start('b')
    site.networks[0]!.cut('a', 'b')
    await site.run(3_000)
    expect(a.heartbeat.verdict('b')).toMatchObject({
      state: 'down',
      because: 'no sign of life on path 1 since our start: it sends, but has not heard us since our start',
    })
  })

  it('show why sending fails, and count it', async () => {
    const { site, a } = await pair({ networks: 2 })
    site.sendFaults.set(1, Object.assign(new Error('network is unreachable'), { code: 'ENETUNREACH' }))
    await site.run(2_000)
    expect(pathOf(a, 0, 1).verdict.because).toMatch(/^no sign of life on path 2 for 1[56]\d\d ms; sending fails: ENETUNREACH$/)
    expect(pathOf(a, 0, 1).counters.sendErrors).toBe(20)
    site.sendFaults.clear()
    await site.run(500)
    expect(pathOf(a, 0, 1)).toMatchObject({ sendFault: undefined, verdict: { because: 'beats arrive on path 2' } })
  })

  it('take packets only where they are bound to', async () => {
    const { site, a } = await pair({ networks: 2 })
    const onOther = site.captured.findLast(({ network, to }) => network === 1 && to === 'a')!
    site.inject(0, 'a', onOther.bytes)
    await site.run(5)
    expect(a.heartbeat.snapshot().drops).toMatchObject({ 'wrong-socket': 1 })
  })
})

describe('a process that is known to be gone', () => {
  it('is down at once, stays down for what was on its way, and is back when it is heard again', async () => {
    const { site, a, b } = await pair()
    site.networks[0]!.setConditions({ delayMs: [40, 40] })
    await site.run(1_050)
    a.heartbeat.processGone('b', { session: b.heartbeat.session, because: 'its connection was reset' })
    expect(a.heartbeat.verdict('b')).toMatchObject({ state: 'down', because: 'its connection was reset' })
    b.machine.kill()
    await site.run(1_000)
    expect(a.heartbeat.verdict('b').state).toBe('down')
    await site.start('b')
    await site.run(300)
    expect(a.heartbeat.verdict('b').state).toBe('up')
  })

  it('is back soon when it is not gone at all', async () => {
    const { site, a, b } = await pair()
    a.heartbeat.processGone('b', { session: b.heartbeat.session, because: 'its connection was reset' })
    await site.run(310)
    expect(a.heartbeat.verdict('b').state).toBe('up')
  })

  it('must be a peer', async () => {
    const { a } = await pair()
    expect(() => a.heartbeat.processGone('c', { because: '' })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER' }),
    )
    expect(() => a.heartbeat.verdict('c')).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER' }))
  })
})

describe('a node whose numbers went back', () => {
  // Peers took only higher numbers, so a clock that was wrong at the start, and mended later, cut it off for days.
  it('is known again as soon as it answers, with a wrong clock and no counter file', async () => {
    const { site, a, b } = await pair()
    await site.run(60_000)
    b.machine.kill()
    await site.run(10_000)
    const next = await site.start('b', {}, { startWallMs: SITE_WALL_MS - 3_600_000 })
    await site.run(400)
    expect([a.heartbeat.verdict('b').state, next.heartbeat.verdict('a').state]).toEqual(['up', 'up'])
    expect(a.heartbeat.snapshot().peers[0]?.session).toBe(next.heartbeat.session)
  })

  it('under the same session is not taken, and its peer says why, also when it is down already', async () => {
    const session = '00000000000000aa'
    const site = new VirtualSite()
    const a = await site.start('a')
    const b = await site.start('b', { session })
    await site.run(5_000)
    b.machine.kill()
    await site.run(5_000)
    await site.start('b', { session }, { startWallMs: SITE_WALL_MS - 3_600_000 })
    await site.run(5_000)
    expect(a.heartbeat.verdict('b').because).toMatch(/its counters are behind: its clock or its counter file has gone back$/)
  })

  it('under the same session is known at once when it counts on above its floor, and nothing is called lost', async () => {
    const session = '00000000000000aa'
    const site = new VirtualSite()
    const a = await site.start('a')
    const b = await site.start('b', { session })
    await site.run(5_000)
    const counterFloor = b.heartbeat.snapshot().beats.counter + 1_000
    b.machine.kill()
    await site.run(200)
    const next = await site.start('b', { session, counterFloor }, { startWallMs: SITE_WALL_MS - 3_600_000 })
    expect(next.heartbeat.snapshot().beats.counter).toBe(counterFloor + 1)
    await site.run(1_000)
    expect([a.heartbeat.verdict('b').state, next.heartbeat.verdict('a').state]).toEqual(['up', 'up'])
    expect(a.story()).toEqual(['path-up b/1', 'peer-up b'])
    expect(pathOf(a).counters.missed).toBeLessThan(100)
  })
})

describe('an attacker who repeats packets', () => {
  it('cannot keep a dead peer alive', async () => {
    const { site, a, b } = await pair()
    b.machine.kill()
    for (let round = 0; round < 20; round++) {
      for (const { to, network, bytes } of site.captured.filter((packet) => packet.to === 'a')) site.inject(network, to, bytes)
      await site.run(100)
    }
    expect(a.heartbeat.verdict('b').state).toBe('down')
    expect(a.heartbeat.snapshot().drops.replayed).toBeGreaterThan(100)
    expect(a.heartbeat.verdict('b').because).toContain('what comes is repeated')
  })

  it('cannot wake a dead peer for a restarted node, with whatever was captured before', async () => {
    const { site, a, b } = await pair()
    a.machine.kill()
    b.machine.kill()
    const restarted = await site.start('a')
    for (let round = 0; round < 30; round++) {
      for (const { to, bytes } of site.captured.slice(0, 40)) site.inject(0, to, bytes)
      await site.run(100)
    }
    expect(restarted.story()).toEqual(['path-down b/1', 'peer-down b'])
  })

  // Started again under its own session, a node took what was captured before for answers to its beats.
  it('cannot wake a dead peer for a node that was started again under the same session', async () => {
    const session = '00000000000000aa'
    const site = new VirtualSite()
    const a = await site.start('a', { session })
    const b = await site.start('b')
    await site.run(5_000)
    b.machine.kill()
    await site.run(5_000)
    const { counter } = a.heartbeat.snapshot().beats
    const captured = site.captured.filter(({ to }) => to === 'a')
    a.machine.kill()
    const again = await site.start('a', { session, counterFloor: counter })
    for (const { bytes } of captured) {
      site.inject(0, 'a', bytes)
      await site.run(100)
    }
    expect(again.story()).toEqual(['path-down b/1', 'peer-down b'])
  })

  it('cannot keep two live nodes apart, nor drive them apart, though he repeats all he has all the time', async () => {
    const { site, a, b } = await pair()
    a.machine.kill()
    const again = await site.start('a')
    const states: string[] = []
    for (let round = 0; round < 50; round++) {
      for (const { to, bytes } of site.captured.slice(-200)) site.inject(0, to, bytes)
      await site.run(50)
      states.push(`${again.heartbeat.verdict('b').state} ${b.heartbeat.verdict('a').state}`)
    }
    expect(new Set(states.slice(6))).toEqual(new Set(['up up']))
    expect(again.story()).toEqual(['path-up b/1', 'peer-up b'])
    expect(b.story()).toEqual(['path-up a/1', 'peer-up a', 'peer-restarted a'])
  })

  it('cannot say goodbye for a peer again', async () => {
    const { site, a, b } = await pair()
    await site.during(50, b.heartbeat.stop())
    const goodbyes = site.captured.slice(-3)
    await site.start('b')
    await site.run(500)
    expect(a.heartbeat.verdict('b').state).toBe('up')
    for (const { bytes } of goodbyes) site.inject(0, 'a', bytes)
    a.machine.kill()
    const restarted = await site.start('a')
    for (const { bytes } of goodbyes) site.inject(0, 'a', bytes)
    await site.run(500)
    expect(restarted.story()).toEqual(['path-up b/1', 'peer-up b'])
  })

  it('gains little by holding packets back: they are dated', async () => {
    const { site, a, b } = await pair()
    site.networks[0]!.cut('b', 'a')
    await site.run(1_000)
    b.machine.kill()
    const held = site.captured.filter(({ from }) => from === 'b').slice(-8)
    await site.run(6_000)
    expect(a.heartbeat.verdict('b').state).toBe('down')
    for (const { bytes } of held) site.inject(0, 'a', bytes)
    await site.run(100)
    expect(a.heartbeat.verdict('b').state).toBe('down')
    expect(a.heartbeat.snapshot().drops.stale).toBeGreaterThan(0)
  })

  it('reaches nothing by sending them to another, or back', async () => {
    const site = new VirtualSite({ names: ['a', 'b', 'c'] })
    const [a, , c] = [await site.start('a'), await site.start('b'), await site.start('c')]
    await site.run(500)
    const packet = site.captured.findLast(({ from, to }) => from === 'a' && to === 'b')!
    site.inject(0, 'c', packet.bytes)
    site.inject(0, 'a', packet.bytes)
    await site.run(10)
    expect(c.heartbeat.snapshot().drops).toMatchObject({ 'not-for-us': 1 })
    expect(a.heartbeat.snapshot().drops).toMatchObject({ reflected: 1 })
  })

  it('is told of in one event for a while, by reason', async () => {
    const { site, a } = await pair()
    for (let packet = 0; packet < 1_000; packet++) site.inject(0, 'a', new Uint8Array(packet % 200))
    await site.run(20_000)
    expect(a.events.filter(({ type }) => type === 'packets-dropped')).toEqual([
      { type: 'packets-dropped', at: expect.any(Number), counts: { 'wrong-length': 995, 'not-a-heartbeat': 5 } },
    ])
  })
})

describe('secrets', () => {
  const next = { id: 2, secret: 'the next secret of the site' }

  it('that differ keep nodes apart, and it is counted', async () => {
    const site = new VirtualSite()
    const a = await site.start('a')
    const b = await site.start('b', { secrets: [{ ...next, id: 1 }] })
    await site.run(2_000)
    for (const { heartbeat } of [a, b]) expect(heartbeat.snapshot().drops['bad-mac']).toBeGreaterThan(15)
    expect([a.heartbeat.verdict('b').state, b.heartbeat.verdict('a').state]).toEqual(['down', 'down'])
  })

  it('are rotated without a gap, and the old one is then refused', async () => {
    const { site, a, b } = await pair()
    for (const secrets of [[...SITE_SECRETS, next], [next, ...SITE_SECRETS], [next]]) {
      a.heartbeat.replaceSecrets(secrets)
      await site.run(1_000)
      b.heartbeat.replaceSecrets(secrets)
      await site.run(1_000)
    }
    expect([a, b].flatMap((node) => node.story())).toEqual(['path-up b/1', 'peer-up b', 'path-up a/1', 'peer-up a'])
    const old = await site.start('b', { secrets: SITE_SECRETS })
    await site.run(2_000)
    expect(a.heartbeat.snapshot().drops['unknown-key']).toBeGreaterThan(10)
    expect(old.heartbeat.verdict('a').state).toBe('down')
  })

  it('that cannot be used are refused, and the present ones stay', async () => {
    const { site, a, b } = await pair()
    expect(() => a.heartbeat.replaceSecrets([])).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS' }))
    await site.run(5_000)
    expect(b.heartbeat.verdict('a').state).toBe('up')
  })
})

describe('the life of a heartbeat', () => {
  it('has one start: a stopped one is not started again, and nothing of it is left', async () => {
    const { site, a } = await pair()
    await Promise.all([a.heartbeat.start(), a.heartbeat.start()])
    const sent = site.captured.length
    await site.during(100, Promise.all([a.heartbeat.stop(), a.heartbeat.stop()]))
    expect(site.captured.slice(sent).filter(({ from }) => from === 'a')).toHaveLength(3)
    await expect(a.heartbeat.start()).rejects.toMatchObject({ code: 'HOTSPARE_HEARTBEAT_STOPPED' })
    expect(a.heartbeat.snapshot().running).toBe(false)
  })

  it('is closed also when nobody waits for it: an aborted stop says its goodbyes at once', async () => {
    const { site, a, b } = await pair()
    await a.heartbeat.stop({ signal: AbortSignal.abort() })
    await site.run(5)
    expect(b.heartbeat.verdict('a')).toMatchObject({ state: 'down', because: 'it said goodbye' })
    expect(a.heartbeat.verdict('b').because).toBe('the heartbeat was stopped')
  })

  it('says nothing before its start, and may be stopped then', async () => {
    const idle = createHeartbeat({
      node: 'a',
      listen: ['127.0.0.1:2'],
      peers: [{ name: 'b', paths: [{ address: '127.0.0.1:1' }] }],
      secrets: SITE_SECRETS,
    })
    expect(idle.verdict('b')).toMatchObject({ state: 'unknown', because: 'the heartbeat has not started' })
    await idle.stop()
    await idle[Symbol.asyncDispose]()
  })

  it('fails to start where its counter fails, and then holds nothing', async () => {
    const site = new VirtualSite()
    const counter = { ...memoryCounter(), open: () => Promise.reject(new Error('no counter')) }
    await expect(site.start('a', { counter })).rejects.toThrow('no counter')
    await site.run(1_000)
    expect(site.captured).toEqual([])
  })

  it('tells once when its counter cannot be kept', async () => {
    const site = new VirtualSite()
    const a = await site.start('a', { counter: { ...memoryCounter(), problem: () => 'ENOSPC' } })
    await site.run(1_000)
    expect(a.events.filter(({ type }) => type === 'counter-unsaved')).toMatchObject([{ because: 'ENOSPC' }])
  })

  it('goes on when a listener throws', async () => {
    const logger = recordingLogger()
    const site = new VirtualSite()
    const a = await site.start('a', { logger })
    a.heartbeat.subscribe(() => {
      throw new Error('a bad listener')
    })
    const b = await site.start('b')
    await site.run(5_000)
    expect(b.heartbeat.verdict('a').state).toBe('up')
    expect(logger.records.some(({ level }) => level === 'error')).toBe(true)
  })

  it('shows itself as plain data, without a secret', async () => {
    const { a } = await pair()
    const shown = a.heartbeat.snapshot()
    expect(structuredClone(shown)).toEqual(shown)
    expect(JSON.stringify(shown)).not.toContain('secret')
    expect(shown).toMatchObject({ node: 'a', running: true, beats: { skipped: 0 }, peers: [{ name: 'b', verdict: { state: 'up' } }] })
  })
})
