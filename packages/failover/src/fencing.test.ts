import { sleep } from '@hotspare/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryCluster } from './cluster.fixture.ts'
import { decide } from './decide.ts'
import { active, facts, instructions, memory, NOW_MS, peer, report, rules, service, verdict } from './facts.fixture.ts'
import { isClear, nodesToFence } from './fencing.ts'
import { makePlan } from './make-plan.ts'
import { createFailover } from './failover.ts'

const fencing = { mode: 'required', startDelayMs: 60_000 } as const
const fenced = service({ fencing })
const take = { type: 'take', purpose: 'failover', from: 'b', to: 'a', because: 'b is dead' } as const
const clearPeer = (node: string) => peer(node, { report: report({ clear: true }) })
const idsOf = (plan: ReturnType<typeof makePlan>) => plan.steps.map(({ id }) => id)

describe('who is fenced', () => {
  it('nobody, where the service does not ask for it', () => {
    expect(nodesToFence(service(), facts({ peers: [peer('b', { alive: 'down' })] }), { to: 'a' })).toEqual([])
  })

  it.each([
    ['is dead', peer('b', { alive: 'down', report: report({ clear: true }) })],
    ['was never heard', peer('b', { alive: 'unknown', report: undefined })],
    ['says nothing of it', peer('b')],
    ['has something', peer('b', { report: report({ clear: false }) })],
    ['has told nothing', peer('b', { report: undefined })],
  ])('a member that %s', (_, b) => {
    expect(nodesToFence(fenced, facts({ peers: [b, clearPeer('c')] }), take)).toEqual(['b'])
    expect(isClear(fenced, facts({ peers: [b] }), 'b')).toBe(false)
  })

  it('every member that is not certain, and not the last holder alone', () => {
    const both = facts({ peers: [peer('b', { alive: 'down' }), peer('c', { alive: 'down' })] })
    expect(nodesToFence(fenced, both, take)).toEqual(['b', 'c'])
  })

  it('nobody who has said that it has nothing, nor who is off, nor once it is certain, nor where all is here already', () => {
    const dead = peer('b', { alive: 'down' })
    expect(nodesToFence(fenced, facts({ peers: [clearPeer('b'), clearPeer('c')] }), take)).toEqual([])
    expect(nodesToFence(fenced, facts({ peers: [dead, clearPeer('c')], off: ['b'] }), take)).toEqual([])
    expect(nodesToFence(fenced, facts({ peers: [dead, clearPeer('c')], cleared: true }), take)).toEqual([])
    expect(nodesToFence(fenced, active({ peers: [dead, clearPeer('c')] }), take)).toEqual([])
  })
})

describe('the plan', () => {
  const dead = facts({ lease: 'free', peers: [peer('b', { alive: 'down' }), clearPeer('c')] })

  it('fences after the lease is taken, and before anything is brought here', () => {
    expect(idsOf(makePlan(fenced, dead, take, instructions()))).toEqual([
      '1 take-lease on a',
      '2 fence b on a',
      '3 acquire vip on a',
      '4 acquire dns on a',
    ])
  })

  it('is refused where nothing says how', () => {
    const without = { ...instructions(), fence: undefined }
    expect(() => makePlan(fenced, dead, take, without)).toThrow(expect.objectContaining({ code: 'HOTSPARE_CORE_PLAN' }))
  })

  it('fences in a repair too, as long as it is not certain', () => {
    const repair = { type: 'complete', purpose: 'repair', because: 'the last attempt failed' } as const
    const held = { lease: 'held', peers: [peer('b', { alive: 'down' }), clearPeer('c')] } as const
    expect(idsOf(makePlan(fenced, facts(held), repair, instructions()))[0]).toBe('1 fence b on a')
    expect(idsOf(makePlan(fenced, facts({ ...held, cleared: true }), repair, instructions()))[0]).toBe('1 acquire vip on a')
  })

  it('lets go before it brings, in an orderly move, and fences nobody', () => {
    const move = { type: 'hand-over', purpose: 'switchover', from: 'a', to: 'b', because: 'asked' } as const
    const ids = idsOf(makePlan(service({ fencing, onControlLoss: 'keep' }), active(), move, instructions()))
    expect(ids.findLastIndex((id) => id.includes('release'))).toBeLessThan(ids.findIndex((id) => id.includes('acquire')))
    expect(ids.some((id) => id.includes('fence'))).toBe(false)
  })
})

describe('the decision', () => {
  const decideNow = (known: Parameters<typeof facts>[0], atMs = NOW_MS) => decide(fenced, facts(known), memory(), atMs, rules)

  it('waits for a member that may be booting before it would be fenced', () => {
    const known = { lease: 'free', served: 'no', peers: [peer('b', { alive: 'unknown', report: undefined }), clearPeer('c')] } as const
    expect(decideNow(known, 59_000).move).toBeUndefined()
    expect(decideNow(known, 59_000).because).toContain('b would be fenced')
    expect(decideNow(known, 60_000).move).toMatchObject({ type: 'take' })
  })

  it('does not act while people hold it', () => {
    const known = { lease: 'free', served: 'no', hold: { since: 0, because: 'by hand' }, peers: [peer('b', { alive: 'down' })] } as const
    expect(decideNow(known).move).toBeUndefined()
  })

  it('lets go for a member that has the right and waits, whatever the arbiter says', () => {
    const taker = peer('b', { report: report({ role: 'taking', token: 2 }) })
    const known = { lease: 'unknown', arbiterAnswers: false, resources: ['held', 'held'], peers: [taker] } as const
    expect(decideNow(known).move).toMatchObject({ type: 'let-go' })
    expect(decide(service(), facts(known), memory(), NOW_MS, rules).move).toBeUndefined()
  })
})

async function started(changes: ConstructorParameters<typeof MemoryCluster>[0] = {}): Promise<MemoryCluster> {
  const cluster = new MemoryCluster({ fencing, ...changes })
  await cluster.start()
  expect(cluster.role('a')).toBe('active')
  cluster.log.length = 0
  return cluster
}

/** The process is gone, or its machine stands still; what it has is still there. */
async function cutOff(cluster: MemoryCluster, name: string): Promise<void> {
  await cluster.kill(name)
  cluster.arbiter.expire()
  for (const node of cluster.nodes.values()) node.served = 'no'
}

/** It lives, and hears its peers, but not the arbiter: its right runs out. */
function cutFromArbiter(cluster: MemoryCluster, name: string): void {
  const { lease } = cluster.node(name)
  lease.hear({ type: 'register-unreachable' })
  lease.leave()
  lease.lose()
  cluster.arbiter.expire()
}

const concernsOf = (cluster: MemoryCluster, name: string) =>
  cluster.node(name).events.flatMap((event) => (event.type === 'service-concern' ? [event.because] : []))

describe('two nodes with fencing', () => {
  it('a service that asks for it needs somebody who does it', () => {
    const peers = { verdict: () => verdict('up' as const), agrees: () => true, subscribe: () => () => {}, request: async () => ({}) }
    const { lease } = new MemoryCluster().node('a')
    const services = [{ definition: fenced, lease, resources: [], instructions: instructions(), hasCheck: false }]
    const people = { hold: () => undefined, maintenance: () => undefined }
    expect(() => createFailover({ node: 'a', peerNodes: ['b'], services, peers, people })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_FAILOVER_OPTIONS', message: expect.stringContaining('fence') }),
    )
  })

  it('bring nothing to themselves while the other one cannot be switched off, say so, and try again', async () => {
    const cluster = await started({ onControlLoss: 'keep' })
    cluster.onFence = async () => ({ ok: false, because: 'the controller does not answer', retryable: true })
    await cutOff(cluster, 'a')
    await cluster.clock.advance(30_000)
    expect(new Set(cluster.log)).toEqual(new Set(['b: fence a']))
    expect(cluster.log.length).toBeGreaterThan(3)
    // Ever longer pauses: 0.25 s, doubled up to 10 s.
    expect(cluster.log.length).toBeLessThan(12)
    expect(cluster.arbiter.holder).toBe('b')
    expect(concernsOf(cluster, 'b').join()).toContain('the controller does not answer')
    cluster.onFence = undefined
    await cluster.clock.advance(11_000)
    expect(cluster.log.slice(-3)).toEqual(['b: fence a', 'b: acquire vip', 'b: acquire dns'])
    expect(cluster.role('b')).toBe('active')
  })

  it('try again no more once people hold it, and go on when they lift it', async () => {
    const cluster = await started()
    cluster.onFence = async () => ({ ok: false, because: 'the controller does not answer', retryable: true })
    await cutOff(cluster, 'a')
    await cluster.clock.advance(2_000)
    cluster.node('b').hold = { since: 0, because: 'by hand' }
    await cluster.clock.advance(1_000)
    cluster.log.length = 0
    await cluster.clock.advance(20_000)
    expect(cluster.log).toEqual([])
    cluster.node('b').hold = undefined
    cluster.off.add('a')
    await cluster.clock.advance(11_000)
    expect(cluster.log).toEqual(['b: acquire vip', 'b: acquire dns'])
  })

  it('fence whoever is silent, and never before the lease is theirs', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    let holder: string | null = 'nobody'
    cluster.onFence = async () => {
      holder = cluster.arbiter.holder
      return { ok: true, detail: 'off' }
    }
    await cutOff(cluster, 'a')
    await cluster.clock.advance(1_000)
    expect(holder).toBe('b')
    expect(cluster.log.filter((what) => what.startsWith('b'))).toEqual(['b: fence a', 'b: acquire vip', 'b: acquire dns'])
  })

  it('do not fence a second time who is off and was not heard since', async () => {
    const cluster = await started()
    cluster.off.add('a')
    await cutOff(cluster, 'a')
    await cluster.clock.advance(1_000)
    expect(cluster.log).toEqual(['b: acquire vip', 'b: acquire dns'])
  })

  it('do not fence in an orderly move, and have one holder at any time', async () => {
    const cluster = await started({ onControlLoss: 'keep' })
    const moved = cluster.node('a').failover.command('shop', { type: 'switchover' })
    await cluster.clock.advance(3_000)
    await expect(moved).resolves.toMatchObject({ ok: true })
    expect(cluster.log).toEqual(['a: release dns', 'a: release vip', 'b: acquire vip', 'b: acquire dns'])
  })

  it('do not fence a living one that has lost its right, and lets go when it is asked', async () => {
    const cluster = await started({ onControlLoss: 'keep' })
    for (const node of cluster.nodes.values()) node.served = 'no'
    cutFromArbiter(cluster, 'a')
    await cluster.clock.advance(5_000)
    expect(cluster.log).toEqual(['a: release dns', 'a: release vip', 'b: acquire vip', 'b: acquire dns'])
  })

  it('do not pass a right on as if it were certain: the third one asks and fences for itself', async () => {
    const cluster = await started({ names: ['a', 'b', 'c'], onControlLoss: 'keep' })
    let fencer = ''
    cluster.onFence = async () => {
      fencer = cluster.log.at(-1) ?? ''
      return fencer.startsWith('c') ? { ok: true, detail: 'off' } : { ok: false, because: 'no way to the controller', retryable: true }
    }
    const tooEarly: string[] = []
    for (const name of ['b', 'c']) {
      const { vip } = cluster.node(name)
      vip.onAcquire = async () => {
        if (cluster.node('a').vip.held) tooEarly.push(name)
        return { ok: true, detail: 'here' }
      }
    }
    await cutOff(cluster, 'a')
    await cluster.clock.advance(5_000)
    expect(cluster.arbiter.holder).toBe('b')
    const moved = cluster.node('b').failover.command('shop', { type: 'switchover', to: 'c' })
    await cluster.clock.advance(20_000)
    await expect(moved).resolves.toMatchObject({ ok: false, because: expect.stringContaining('a may still hold something') })
    expect(tooEarly).toEqual([])
    expect(fencer).toBe('c: fence a')
    expect(cluster.role('c')).toBe('active')
  })

  it('give a right up in time where a watchdog would reset them, and let go before it does', async () => {
    const cluster = await started({ onControlLoss: 'release', reserveMs: 6_000 })
    const { failover, lease } = cluster.node('a')
    expect(failover.heldUntilMs()).toBe(Infinity)
    lease.deadlineMs = cluster.clock.monotonicMs() + 10_000
    await cluster.clock.advance(3_900)
    expect(cluster.node('a').vip.held).toBe(true)
    expect(failover.heldUntilMs()).toBe(lease.deadlineMs)
    cluster.arbiter.silence()
    await cluster.clock.advance(300)
    expect(cluster.node('a').vip.held).toBe(false)
    expect(failover.heldUntilMs()).toBe(Infinity)
  })

  // After a pause, a right that was about to end was given back first, and another node had it while all was still here.
  it('give a right up after what belongs to it, and never before', async () => {
    const cluster = await started({ onControlLoss: 'release', reserveMs: 6_000, fencing: undefined })
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    const tooEarly: string[] = []
    a.vip.onRelease = async () => {
      await sleep(800, { clock: cluster.clock })
      return { ok: true, detail: 'gone' }
    }
    b.vip.onAcquire = async () => {
      if (a.vip.held) tooEarly.push(cluster.log.join(', '))
      return { ok: true, detail: 'here' }
    }
    a.lease.deadlineMs = cluster.clock.monotonicMs() + 5_000
    await cluster.clock.advance(900)
    expect(cluster.log.slice(0, 2)).toEqual(['a: release dns', 'a: release vip'])
    expect(cluster.log.slice(2)).toContainEqual(expect.stringContaining('acquire vip'))
    expect(tooEarly).toEqual([])
  })

  it('keep a right that is about to end where something cannot be let go of, and try that again and again', async () => {
    const cluster = await started({ onControlLoss: 'release', reserveMs: 6_000, fencing: undefined })
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    a.vip.onRelease = async () => ({ ok: false, because: 'busy', retryable: true })
    a.lease.deadlineMs = cluster.clock.monotonicMs() + 5_000
    await cluster.clock.advance(4_500)
    const tried = cluster.log.filter((line) => line === 'a: release vip').length
    expect(tried).toBeGreaterThan(2)
    expect(tried).toBeLessThan(10)
    expect(b.vip.held).toBe(false)
    // The reset comes.
    expect(a.failover.heldUntilMs()).toBe(a.lease.deadlineMs)
  })

  it.each([
    ['what could not be let go of', 'release', 'busy', true],
    ['what was let go of', 'release', undefined, false],
    ['what may stay', 'keep', 'busy', false],
  ] as const)('say at the end whether something is left for a watchdog: %s', async (_, onControlLoss, busy, isLeft) => {
    const cluster = await started({ names: ['a'], onControlLoss, fencing: undefined })
    const { failover, vip } = cluster.node('a')
    if (busy !== undefined) vip.onRelease = async () => ({ ok: false, because: busy, retryable: true })
    const stopping = failover.stop({ handOver: true })
    await cluster.clock.advance(20_000)
    await stopping
    expect(failover.mayHold()).toBe(isLeft)
  })

  // Nothing is here yet, and a reset would be for nothing.
  it('have nothing left for a watchdog while a device that hangs was all that they were at', async () => {
    const cluster = new MemoryCluster({ fencing, onControlLoss: 'release' })
    cluster.onFence = () => new Promise<never>(() => {})
    await cluster.kill('b')
    await cluster.start()
    await cluster.clock.advance(5_000)
    const { failover } = cluster.node('a')
    expect(new Set(cluster.log)).toEqual(new Set(['a: fence b']))
    const stopping = failover.stop({ handOver: true })
    await cluster.clock.advance(20_000)
    await stopping
    expect(failover.mayHold()).toBe(false)
  })

  it('fence a living one that cannot let go', async () => {
    const cluster = await started({ onControlLoss: 'keep' })
    for (const node of cluster.nodes.values()) node.served = 'no'
    cluster.node('a').vip.onRelease = async () => ({ ok: false, because: 'busy', retryable: true })
    cutFromArbiter(cluster, 'a')
    await cluster.clock.advance(8_000)
    const fencedAt = cluster.log.indexOf('b: fence a')
    expect(fencedAt).toBeGreaterThan(-1)
    expect(cluster.log.indexOf('b: acquire vip')).toBeGreaterThan(fencedAt)
  })

  it('with "automatic", go on after one attempt, and say that nothing is certain', async () => {
    const cluster = await started({ fencing: { mode: 'automatic', startDelayMs: 0 } })
    cluster.onFence = async () => ({ ok: false, because: 'the controller does not answer', retryable: true })
    await cutOff(cluster, 'a')
    await cluster.clock.advance(1_000)
    expect(cluster.log).toEqual(['b: fence a', 'b: acquire vip', 'b: acquire dns'])
    expect(cluster.node('b').events).toContainEqual(
      expect.objectContaining({ type: 'step-finished', detail: expect.stringContaining('NOT CONFIRMED') }),
    )
  })

  it(
    'bring nothing to themselves while the old one neither has let go nor is off, whatever happens in what order',
    { timeout: 20_000 },
    async () => {
      let acquired = 0
      const happening = fc.constantFrom(
        'cut a',
        'cut b',
        'expire',
        'lose a',
        'lose b',
        'fence works',
        'fence fails',
        'stuck',
        'served',
        'unserved',
        'wait',
        'wait',
        'move',
      )
      await fc.assert(
        fc.asyncProperty(
          fc.array(happening, { minLength: 3, maxLength: 12 }),
          fc.constantFrom('keep' as const, 'release' as const),
          async (happenings, onControlLoss) => {
            const cluster = await started({ onControlLoss })
            const [a, b] = [cluster.node('a'), cluster.node('b')]
            const tooEarly: string[] = []
            for (const node of [a, b]) {
              const other = node === a ? b : a
              for (const resource of [node.vip, node.dns]) {
                resource.onAcquire = async () => {
                  acquired += 1
                  if (other.vip.held || other.dns.held) tooEarly.push(`${node.name} brings ${resource.id}: ${cluster.log.join(', ')}`)
                  return { ok: true, detail: 'here' }
                }
              }
            }
            for (const each of happenings) {
              if (each.startsWith('cut')) await cluster.kill(each.slice(4))
              if (each === 'expire') cluster.arbiter.expire()
              if (each.startsWith('lose')) cluster.node(each.slice(5)).lease.lose()
              if (each === 'fence works') cluster.onFence = undefined
              if (each === 'fence fails') cluster.onFence = async () => ({ ok: false, because: 'no', retryable: true })
              if (each === 'stuck') a.vip.onRelease = async () => ({ ok: false, because: 'busy', retryable: true })
              if (each === 'served' || each === 'unserved') for (const node of [a, b]) node.served = each === 'served' ? 'yes' : 'no'
              if (each === 'move') void a.failover.command('shop', { type: 'switchover' })
              await cluster.clock.advance(each === 'wait' ? 5_000 : 300)
            }
            expect(tooEarly).toEqual([])
          },
        ),
        { numRuns: 60 },
      )
      // Otherwise it would show nothing.
      expect(acquired).toBeGreaterThan(0)
    },
  )
})
