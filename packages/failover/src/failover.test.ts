import { sleep } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { MemoryCluster } from './cluster.fixture.ts'
import { engineDefaults } from './defaults.ts'
import { verdict } from './facts.fixture.ts'
import type { PerformRequest } from './wire.ts'

const hold = { since: 0, because: 'by hand' }

async function started(changes: ConstructorParameters<typeof MemoryCluster>[0] = {}): Promise<MemoryCluster> {
  const cluster = new MemoryCluster(changes)
  await cluster.start()
  expect([cluster.role('a'), cluster.role('b')]).toEqual(['active', 'standby'])
  cluster.log.length = 0
  return cluster
}

async function afterCommand(cluster: MemoryCluster, node: string, type: 'switchover' | 'failover', to?: string) {
  const running = cluster.node(node).failover.command('shop', { type, to })
  await cluster.clock.advance(3_000)
  return running
}

const typesOf = (cluster: MemoryCluster, name: string) => cluster.node(name).events.map(({ type }) => type)

describe('two nodes', () => {
  it('start with the preferred one, which takes the lease before the resources', async () => {
    const cluster = new MemoryCluster()
    await cluster.start()
    expect(cluster.log).toEqual(['a: acquire vip', 'a: acquire dns'])
    expect(cluster.arbiter.holder).toBe('a')
    expect(cluster.node('a').vip.prepared).toBe(1)
    expect(typesOf(cluster, 'a')).toEqual([
      'role-changed',
      'plan-started',
      'step-finished',
      'step-finished',
      'step-finished',
      'plan-finished',
      'role-changed',
    ])
    expect(typesOf(cluster, 'b')).toEqual([])
  })

  it('do nothing before they were started, whatever they are told', async () => {
    const cluster = new MemoryCluster()
    await cluster.clock.advance(1_000)
    expect(cluster.log).toEqual([])
    const request: PerformRequest = { service: 'shop', run: 'r', action: { type: 'prepare' }, allowedMs: 100, untilNextMs: 0, last: false }
    const answer = cluster.node('b').failover.answer('failover-perform', request, { peer: 'a', signal: new AbortController().signal })
    await expect(answer).resolves.toMatchObject({ ok: false, because: 'it is not running, or is stopping' })
  })

  it('fail over once the dead one can have no right any more, and not before', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    await cluster.kill('a')
    await cluster.clock.advance(2_000)
    expect(cluster.log).toEqual([])
    cluster.arbiter.expire()
    await cluster.clock.advance(100)
    expect(cluster.log).toEqual(['b: acquire vip', 'b: acquire dns'])
    expect(cluster.node('b').failover.snapshot()[0]).toMatchObject({ role: 'active', active: 'b', token: 2, movesInLastHour: 1 })
    expect(cluster.node('b').events).toContainEqual(
      expect.objectContaining({ type: 'plan-started', purpose: 'failover', from: 'a', to: 'b' }),
    )
  })

  it('leave a site alone that answers with all of its Hotspare dead, and say so', async () => {
    const cluster = await started()
    cluster.node('b').served = 'yes'
    await cluster.clock.advance(200)
    await cluster.kill('a')
    cluster.arbiter.expire()
    await cluster.clock.advance(5_000)
    expect(cluster.log).toEqual([])
    expect(typesOf(cluster, 'b')).toEqual(['service-concern'])
    cluster.node('b').served = 'no'
    await cluster.clock.advance(300)
    expect(cluster.role('b')).toBe('active')
    expect(typesOf(cluster, 'b')).toContain('service-concern-ended')
  })

  it('switch a service that is to be kept over by making before breaking', async () => {
    const cluster = await started()
    await expect(afterCommand(cluster, 'a', 'switchover')).resolves.toMatchObject({ ok: true })
    expect(cluster.log).toEqual(['b: acquire vip', 'b: acquire dns', 'a: release dns', 'a: release vip'])
    expect([cluster.role('a'), cluster.role('b')]).toEqual(['standby', 'active'])
  })

  it('switch a service of one holder over by breaking before making', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    await expect(afterCommand(cluster, 'a', 'switchover')).resolves.toMatchObject({ ok: true })
    expect(cluster.log).toEqual(['a: release dns', 'a: release vip', 'b: acquire vip', 'b: acquire dns'])
  })

  it('carry a command out on the node that has to, and hand back how it went', async () => {
    const cluster = await started()
    const result = await afterCommand(cluster, 'b', 'switchover')
    expect(result.steps.map(({ id }) => id)).toContain('2 give-lease on a')
    expect(cluster.node('a').events).toContainEqual(expect.objectContaining({ type: 'plan-started', purpose: 'switchover' }))
    expect(cluster.role('b')).toBe('active')
  })

  it('refuse a command with its reason, and change nothing', async () => {
    const cluster = await started()
    const result = await afterCommand(cluster, 'b', 'failover')
    expect(result).toMatchObject({ ok: false, because: expect.stringContaining('a switchover moves the service without a gap'), steps: [] })
    await expect(cluster.node('a').failover.command('mail', { type: 'switchover' })).rejects.toMatchObject({
      code: 'HOTSPARE_FAILOVER_UNKNOWN_SERVICE',
    })
    expect(cluster.node('a').failover.plan('shop', { type: 'switchover' }).plan?.steps[0]?.id).toBe('1 prepare on b')
    expect(cluster.log).toEqual([])
  })

  it('run two commands one after the other, the second by what is true then', async () => {
    const cluster = await started()
    const first = cluster.node('a').failover.command('shop', { type: 'switchover', to: 'b' })
    const second = cluster.node('a').failover.command('shop', { type: 'switchover', to: 'b' })
    await cluster.clock.advance(3_000)
    await expect(first).resolves.toMatchObject({ ok: true })
    await expect(second).resolves.toMatchObject({ ok: false, because: 'b is active already' })
  })

  // It waited for the plan before it, and moved the service when whoever had asked for that had long been told that it failed.
  it('do not carry a command out that nobody waits for any more', async () => {
    const cluster = await started()
    const { failover } = cluster.node('a')
    const first = failover.command('shop', { type: 'switchover', to: 'b' })
    const abort = new AbortController()
    const second = failover.command('shop', { type: 'switchover', to: 'b' }, { signal: abort.signal })
    abort.abort(new Error('too late'))
    await cluster.clock.advance(3_000)
    expect(await first).toMatchObject({ ok: true })
    expect(await second).toMatchObject({ ok: false, because: 'nobody waits for it any more: too late', steps: [] })
  })

  it('move away from a service that fails, once', async () => {
    const cluster = await started()
    cluster.node('a').check = 'down'
    await cluster.clock.advance(2_000)
    expect(cluster.log).toEqual(['a: release dns', 'a: release vip', 'b: acquire vip', 'b: acquire dns'])
    expect([cluster.role('a'), cluster.role('b')]).toEqual(['standby', 'active'])
  })

  it('repair what somebody took away, within about a second', async () => {
    const cluster = await started()
    cluster.node('a').vip.held = false
    await cluster.clock.advance(engineDefaults.observeMs + engineDefaults.tickMs)
    expect(cluster.log).toEqual(['a: acquire vip'])
    expect(cluster.role('a')).toBe('active')
  })

  it('fail back by themselves once the preferred one was well for long enough', async () => {
    const cluster = await started({ failback: { type: 'after', holdMs: 5_000 } })
    await afterCommand(cluster, 'a', 'switchover')
    await cluster.clock.advance(1_500)
    expect(cluster.role('b')).toBe('active')
    await cluster.clock.advance(3_000)
    expect([cluster.role('a'), cluster.role('b')]).toEqual(['active', 'standby'])
  })
})

describe('a plan that does not go through', () => {
  it('goes back where the guest cannot bring the resources, and is not tried without end', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    cluster.node('b').vip.onAcquire = async () => ({ ok: false, because: 'the cable is out', retryable: true })
    const result = await afterCommand(cluster, 'a', 'switchover')
    expect(result).toMatchObject({ ok: false, because: expect.stringContaining('the cable is out') })
    await cluster.clock.advance(10_000)
    expect([cluster.role('a'), cluster.role('b')]).toEqual(['active', 'standby'])
    expect(cluster.node('b').vip.held).toBe(false)
    const plans = [...cluster.node('a').events, ...cluster.node('b').events].filter(({ type }) => type === 'plan-started')
    expect(plans.length).toBeLessThan(12)
  })

  it('tells the guest what the other node had, so that it need not look for anybody else there', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    const handedOver: (boolean | undefined)[] = []
    cluster.node('b').vip.onAcquire = async (options) => (handedOver.push(options.handedOver), { ok: true, detail: 'here' })
    await expect(afterCommand(cluster, 'a', 'switchover')).resolves.toMatchObject({ ok: true })
    expect(handedOver).toEqual([true])
  })

  // A standby took an address that a stranger held: it believed that whoever handed over had had it.
  it('has the guest look for a stranger where the other node could not have it either', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    const handedOver: (boolean | undefined)[] = []
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    const refused = { ok: false, because: 'a stranger has it', retryable: true } as const
    a.vip.held = false
    a.vip.onAcquire = async () => refused
    b.vip.onAcquire = async (options) => (handedOver.push(options.handedOver), refused)
    await cluster.clock.advance(20_000)
    expect(handedOver.length).toBeGreaterThan(0)
    expect(handedOver).not.toContain(true)
  })

  it('is taken up by the guest when the other node dies in the middle', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    cluster.node('b').served = 'no'
    cluster.onRequest = async (to, method, body) => {
      if (to !== 'b' || method !== 'failover-perform' || (body as PerformRequest).action.type !== 'take-lease') return
      // The lease has been handed over, and the one that was to have it is never told: it runs out.
      await cluster.kill('a')
    }
    void cluster.node('a').failover.command('shop', { type: 'switchover' })
    await cluster.clock.advance(3_000)
    expect([cluster.arbiter.holder, cluster.node('b').vip.held]).toEqual(['a', false])
    cluster.arbiter.expire()
    await cluster.clock.advance(3_000)
    expect(cluster.arbiter.holder).toBe('b')
    expect(cluster.log.slice(-2)).toEqual(['b: acquire vip', 'b: acquire dns'])
    expect(cluster.role('b')).toBe('active')
  })

  it('is not gone on with by a guest that has given it up', async () => {
    const cluster = await started()
    const { failover } = cluster.node('b')
    const ask = (action: PerformRequest['action'], run = 'one') => {
      const request: PerformRequest = { service: 'shop', run, action, allowedMs: 1_000, untilNextMs: 500, last: false }
      return failover.answer('failover-perform', request, { peer: 'a', signal: new AbortController().signal })
    }
    await expect(ask({ type: 'acquire', resource: 'vip' })).resolves.toMatchObject({
      ok: false,
      because: expect.stringContaining('did not begin'),
    })
    await expect(ask({ type: 'prepare' })).resolves.toMatchObject({ ok: true })
    await expect(ask({ type: 'prepare' }, 'two')).resolves.toMatchObject({ ok: false, because: 'it is busy with another plan' })
    expect(cluster.role('b')).toBe('taking')
    await cluster.clock.advance(1_000 + 500 + engineDefaults.guestSlackMs)
    expect(cluster.role('b')).toBe('standby')
    await expect(ask({ type: 'take-lease' })).resolves.toMatchObject({ ok: false, because: expect.stringContaining('took too long') })
    expect(cluster.log).toEqual([])
  })

  it('that failed because its guest could not is asked for again after a pause, not at every look', async () => {
    const cluster = await started()
    let asked = 0
    cluster.onRequest = (_, method) => {
      if (method !== 'failover-perform') return
      asked += 1
      throw new Error('refused')
    }
    cluster.node('a').check = 'down'
    await cluster.clock.advance(2_000)
    expect(asked).toBeGreaterThan(1)
    expect(asked).toBeLessThan(6)
    expect(cluster.role('a')).toBe('active')
  })

  it('whose right is lost in the middle leaves nothing behind', async () => {
    const cluster = new MemoryCluster({ onControlLoss: 'release' })
    cluster.node('a').dns.onAcquire = async () => {
      cluster.node('a').lease.lose()
      cluster.arbiter.grant('somebody')
      return { ok: true, detail: 'done all the same' }
    }
    await cluster.start()
    const { vip, dns, events } = cluster.node('a')
    expect([vip.held, dns.held]).toEqual([false, false])
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan-failed', because: expect.stringContaining('the right was gone') }))
    expect(cluster.node('a').failover.snapshot()[0]?.role).toBe('standby')
  })

  it('survives a resource that throws wherever it can', async () => {
    const cluster = new MemoryCluster()
    const { vip } = cluster.node('a')
    const broken = () => Promise.reject(new Error('EIO'))
    Object.assign(vip, {
      prepare: () => {
        throw new Error('EIO')
      },
      onAcquire: broken,
      onObserve: broken,
    })
    await cluster.start()
    await cluster.clock.advance(3_000)
    // It is tried three times, and then the other one has it.
    expect([cluster.role('a'), cluster.role('b')]).toEqual(['standby', 'active'])
  })
})

describe('a standby', () => {
  it('prepares its resources as soon as the site does not answer, and before the right can be had', async () => {
    const cluster = await started()
    cluster.node('b').vip.prepared = 0
    cluster.node('b').served = 'no'
    await cluster.clock.advance(1_000)
    expect([cluster.role('b'), cluster.node('b').vip.prepared]).toEqual(['standby', 1])
    cluster.node('b').served = 'yes'
    await cluster.clock.advance(1_000)
    expect(cluster.node('b').vip.prepared).toBe(1)
  })

  it('prepares them already when it is in doubt whether the site answers, and takes nothing on a doubt', async () => {
    const cluster = await started()
    cluster.node('b').vip.prepared = 0
    cluster.node('b').served = 'unknown'
    await cluster.clock.advance(100)
    expect(cluster.node('b').vip.prepared).toBe(1)
    cluster.arbiter.expire()
    await cluster.clock.advance(1_000)
    expect(cluster.role('b')).toBe('standby')
  })
})

describe('people', () => {
  it('stop everything with a hold on any node, and find it untouched', async () => {
    const cluster = await started()
    cluster.node('b').hold = hold
    cluster.node('b').failover.look()
    await cluster.clock.advance(100)
    cluster.node('a').check = 'down'
    cluster.node('a').vip.held = false
    await cluster.clock.advance(5_000)
    expect(cluster.log).toEqual([])
    expect(cluster.node('a').failover.snapshot()[0]?.automation).toMatchObject({ state: 'off', because: 'people hold it on b: by hand' })
    expect(typesOf(cluster, 'a')).toContain('automation-off')
    cluster.node('b').hold = undefined
    cluster.node('b').failover.look()
    await cluster.clock.advance(2_000)
    expect(typesOf(cluster, 'a')).toContain('automation-on')
    expect(cluster.role('b')).toBe('active')
  })

  it('may move a service under a hold', async () => {
    const cluster = await started()
    cluster.node('a').hold = hold
    await expect(afterCommand(cluster, 'b', 'switchover')).resolves.toMatchObject({ ok: true })
    expect(cluster.role('b')).toBe('active')
  })

  it('send a service away for maintenance, and it does not come back for it', async () => {
    const cluster = await started({ failback: { type: 'after', holdMs: 1_000 } })
    cluster.node('a').maintenance = 'new disks'
    cluster.node('a').failover.look()
    await cluster.clock.advance(10_000)
    expect([cluster.role('a'), cluster.role('b')]).toEqual(['standby', 'active'])
  })
})

describe('stop', () => {
  it.each(['keep', 'release'] as const)('hands over first (%s)', async (onControlLoss) => {
    const cluster = await started({ onControlLoss })
    const stopping = cluster.node('a').failover.stop({ handOver: true })
    await cluster.clock.advance(1_000)
    await stopping
    expect(cluster.role('b')).toBe('active')
    expect([cluster.node('a').vip.held, cluster.node('b').vip.held]).toEqual([false, true])
    await cluster.node('b').failover.stop()
    // The one that plays the checks.
    expect(cluster.clock.pendingTimers).toBe(1)
  })

  it('leaves what is to be kept where it is, and gives the lease back, where nobody could take over', async () => {
    const cluster = await started()
    cluster.node('b').maintenance = 'new disks'
    cluster.node('b').failover.look()
    await cluster.clock.advance(100)
    const stopping = cluster.node('a').failover.stop({ handOver: true })
    await cluster.clock.advance(1_000)
    await stopping
    expect(cluster.log).toEqual([])
    expect(cluster.arbiter.holder).toBeNull()
  })

  it('lets go of what must not be held twice before it gives the lease back', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    let holderThen: string | null = null
    cluster.node('a').vip.onRelease = async () => {
      holderThen = cluster.arbiter.holder
      return { ok: true, detail: 'gone' }
    }
    const stopping = cluster.node('a').failover.stop()
    await cluster.clock.advance(1_000)
    await stopping
    expect(holderThen).toBe('a')
    expect(cluster.log.slice(0, 2)).toEqual(['a: release dns', 'a: release vip'])
  })

  it('keeps the lease of what it could not let go of: another node would hold it too', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    cluster.node('a').vip.onRelease = () => Promise.reject(new Error('EBUSY'))
    const stopping = cluster.node('a').failover.stop()
    await cluster.clock.advance(20_000)
    await stopping
    expect(cluster.node('a').lease.stopped).toBe(false)
    expect(cluster.arbiter.holder).toBe('a')
    expect(cluster.role('b')).toBe('standby')
    expect(cluster.node('a').events).toContainEqual(
      expect.objectContaining({ type: 'service-concern', because: expect.stringContaining('EBUSY') }),
    )
  })

  it('does not wait for a peer that has begun a plan here', async () => {
    const cluster = await started()
    const request: PerformRequest = {
      service: 'shop',
      run: 'r',
      action: { type: 'prepare' },
      allowedMs: 9_000,
      untilNextMs: 0,
      last: false,
    }
    await cluster.node('b').failover.answer('failover-perform', request, { peer: 'a', signal: new AbortController().signal })
    let stopped = false
    void cluster
      .node('b')
      .failover.stop()
      .then(() => (stopped = true))
    await cluster.clock.advance(1)
    expect(stopped).toBe(true)
  })

  it('ends within its time though a step hangs, and nothing of it runs on', async () => {
    const cluster = new MemoryCluster({ names: ['a'] })
    cluster.node('a').vip.onAcquire = () => new Promise(() => {})
    await cluster.start()
    const stopping = cluster.node('a').failover.stop({ handOver: true })
    await cluster.clock.advance(engineDefaults.stopMs)
    await stopping
    const before = cluster.node('a').events.length
    await cluster.clock.advance(10_000)
    expect(cluster.node('a').events.length).toBe(before)
  })

  // Ticks ended with the first word of the stop: what came in later looked like the end of a pause.
  it('takes its time for a pause of nobody', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    const { failover, vip, events } = cluster.node('a')
    vip.onRelease = async () => {
      await sleep(900, { clock: cluster.clock })
      return { ok: true, detail: 'gone' }
    }
    const stopping = failover.stop({ handOver: true })
    await cluster.clock.advance(800)
    expect(failover.snapshot()[0]?.candidates[0]).toMatchObject({ node: 'a', eligible: true })
    await cluster.clock.advance(2_000)
    await stopping
    expect(cluster.role('b')).toBe('active')
    expect(events.map(({ type }) => type)).not.toContain('engine-paused')
  })

  // Nobody looked at the time of its guest any more, and its step had no deadline: the stop took 15 s, and left the resources.
  it('gives up a step of a peer that does not end', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    const { failover, vip } = cluster.node('b')
    vip.onAcquire = () => new Promise(() => {})
    void cluster.node('a').failover.command('shop', { type: 'switchover' })
    await cluster.clock.advance(100)
    expect(cluster.role('b')).toBe('taking')
    let stopped = false
    void failover.stop().then(() => (stopped = true))
    await cluster.clock.advance(100)
    expect(stopped).toBe(true)
  })

  it('ends, and lets go, though a lease cannot be stopped', async () => {
    const cluster = await started({ onControlLoss: 'release' })
    const { failover, lease, vip } = cluster.node('a')
    lease.stop = () => Promise.reject(new Error('no file'))
    await expect(failover.stop()).resolves.toBeUndefined()
    expect(vip.held).toBe(false)
  })

  it('is for good, comes early without harm, and is done once', async () => {
    const cluster = new MemoryCluster()
    const { failover } = cluster.node('a')
    const stopping = failover.stop()
    await cluster.clock.advance(1)
    await stopping
    expect(failover.stop()).toBe(stopping)
    await expect(failover.start()).rejects.toMatchObject({ code: 'HOTSPARE_FAILOVER_STOPPED' })
  })
})

describe('a pause of the process', () => {
  // A peer that was first told its own report to a process that had not ticked since the machine was booted.
  it('is not what passes before the start, during it, and after the end', async () => {
    const cluster = new MemoryCluster()
    const { failover, events, vip } = cluster.node('b')
    const about = { peer: 'a', signal: new AbortController().signal }
    const hear = () => failover.answer('failover-report', { identities: [], services: {} }, about)
    await cluster.clock.advance(5_000)
    await hear()
    vip.onObserve = async () => {
      await sleep(1_000, { clock: cluster.clock })
      return verdict('absent')
    }
    const starting = failover.start()
    await cluster.clock.advance(900)
    await hear()
    await cluster.clock.advance(200)
    await starting
    await failover.stop()
    await cluster.clock.advance(1_000)
    await hear()
    expect(events.map(({ type }) => type)).not.toContain('engine-paused')
  })

  it('is told, and nothing that was seen before it is believed', async () => {
    const cluster = await started()
    const { failover, events } = cluster.node('b')
    cluster.node('b').alive = false
    // Whatever fires late fires together: the clock jumps over the ticks.
    const schedule = cluster.clock.schedule.bind(cluster.clock)
    cluster.clock.schedule = (delayMs, callback) => schedule(delayMs + engineDefaults.pauseMs, callback)
    await cluster.clock.advance(1_000)
    cluster.clock.schedule = schedule
    expect(events).toContainEqual(expect.objectContaining({ type: 'engine-paused' }))
    expect(failover.snapshot()[0]?.check.state).toBe('unknown')
  })
})
