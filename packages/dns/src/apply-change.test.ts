import { describe, expect, it } from 'vitest'
import { ApplyWorld, leadsTo, ownedBy, OWNER, TestRight, WWW } from './apply-change.fixture.ts'
import { applyChange } from './apply-change.ts'
import type { MemoryZoneOptions } from './memory.ts'
import type { DnsProvider } from './provider.ts'

const kinds: readonly (readonly [string, Partial<MemoryZoneOptions>])[] = [
  ['exact, in one step', {}],
  ['etag, one by one', { compareAndSwap: 'etag', atomicBatch: false }],
  ['none, in one step', { compareAndSwap: 'none' }],
  ['none, one by one', { compareAndSwap: 'none', atomicBatch: false }],
]
const comparing = kinds.slice(0, 2)

describe.each(kinds)('with a provider of the kind %s', (_, options) => {
  it('an old token changes nothing', async () => {
    const world = new ApplyWorld(options).was('web-2', 8)
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'refused', code: 'stale-token' })
    expect([world.changes, world.shown]).toEqual([0, '192.0.2.2'])
  })

  it('a record of somebody else is left, until it is adopted', async () => {
    const world = new ApplyWorld(options)
    world.zone.put(leadsTo('nobody'))
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'refused', code: 'foreign', current: [{}, { set: leadsTo('nobody') }] })
    expect(world.changes).toBe(0)
    expect(await world.apply('web-1', 7, { policy: { adopt: true } })).toMatchObject({ kind: 'applied', changed: true })
    expect([world.shown, world.owner]).toEqual(['192.0.2.1', 'hotspare node=web-1 token=7'])
  })

  it('what is missing is created, and a second time nothing is written', async () => {
    const world = new ApplyWorld(options)
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied', changed: true })
    const { changes } = world
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied', changed: false })
    expect(world.changes).toBe(changes)
    expect([world.shown, world.owner]).toEqual(['192.0.2.1', 'hotspare node=web-1 token=7'])
  })

  it('what another has is taken over by a newer token, and then the older one is refused', async () => {
    const world = new ApplyWorld(options).was('web-1', 7)
    expect(await world.apply('web-2', 8)).toMatchObject({ kind: 'applied', changed: true })
    expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=8'])
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'refused', code: 'stale-token' })
    expect(world.shown).toBe('192.0.2.2')
  })

  it('nothing is asked for without a right, nor after its end', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    const ended = new TestRight(world.clock)
    ended.end()
    expect(await world.apply('web-1', 7, { right: ended })).toMatchObject({ kind: 'failed', mayBeWritten: false })
    expect(await world.apply('web-1', 7, { right: new TestRight(world.clock, 20) })).toMatchObject({ kind: 'failed' })
    expect(world.zone.asked).toEqual([])
  })

  it.each([1, 2])('a right that ends before change %i leaves what the next right completes', async (last) => {
    const world = new ApplyWorld(options).was('web-2', 6)
    const right = new TestRight(world.clock)
    const provider = world.before((changes) => (changes === last ? right.end() : undefined))
    const outcome = await world.apply('web-1', 7, { provider, right })
    // In one step there is no second change.
    const isWhole = last === 2 && options.atomicBatch !== false
    const ended = { kind: 'failed', because: expect.stringContaining('the right has ended'), mayBeWritten: true }
    expect(outcome).toMatchObject(isWhole ? { kind: 'applied' } : ended)
    // Owner first: whoever looks sees who was to have it.
    expect(world.shown === '192.0.2.2' || world.owner === 'hotspare node=web-1 token=7').toBe(true)
    expect(await world.apply('web-2', 8)).toMatchObject({ kind: 'applied' })
    expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=8'])
  })

  it('a crash between the owner and the set is mended by the next run, and so is the reverse', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.put(ownedBy('hotspare node=web-1 token=7'))
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied', changed: true })
    expect(world.shown).toBe('192.0.2.1')
    world.zone.put(ownedBy('hotspare node=web-2 token=6'))
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied', changed: true })
    world.zone.remove(OWNER)
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied', changed: true })
    expect([world.shown, world.owner]).toEqual(['192.0.2.1', 'hotspare node=web-1 token=7'])
  })

  it('paused by the machine after it has looked, overtaken, and continued, it changes nothing', async () => {
    const world = new ApplyWorld(options).was('web-1', 7)
    world.zone.put(leadsTo('nobody'))
    const right = new TestRight(world.clock, 5_000)
    let reads = 0
    const paused: DnsProvider = {
      ...world.zone,
      read: async (question, call) => {
        const reading = await world.zone.read(question, call)
        reads += 1
        // As SIGSTOP: the world goes on, and this process sees that the clock has jumped once it is continued.
        if (reads === 2) {
          world.was('web-2', 8)
          await new Promise<void>((resolve) => void world.clock.schedule(60_000, resolve))
        }
        return reading
      },
    }
    const outcome = await world.apply('web-1', 7, { provider: paused, right, allowedMs: 120_000 })
    expect(outcome).toMatchObject({ kind: 'failed', because: expect.stringMatching(/right has ended|time is over/), mayBeWritten: false })
    expect([world.changes, world.shown, world.owner]).toEqual([0, '192.0.2.2', 'hotspare node=web-2 token=8'])
  })

  it('a change whose answer was lost is found to be done', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.fail('lost', { changes: true, times: 2 })
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied' })
    expect([world.shown, world.owner]).toEqual(['192.0.2.1', 'hotspare node=web-1 token=7'])
  })

  it('calls that fail are made again, and in the end it says why it could not be done', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.fail('unavailable', { times: 2 })
    world.zone.fail('unavailable', { changes: true })
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied', changed: true })
    world.zone.fail('unavailable', { changes: true, times: Infinity })
    const startMs = world.clock.monotonicMs()
    const outcome = await world.apply('web-2', 8)
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, mayBeWritten: true, because: expect.stringContaining('no answer') })
    expect(world.clock.monotonicMs() - startMs).toBeLessThanOrEqual(20_050)
  })

  it('a limit is waited for where there is time, and told where there is none', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.fail('limited', { changes: true })
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'applied' })
    world.zone.fail('limited', { changes: true })
    expect(await world.apply('web-2', 8, { allowedMs: 500 })).toMatchObject({ kind: 'failed', retryAfterMs: 1_000, retryable: true })
  })

  it('credentials that are refused end it at once', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.fail('credentials', { changes: true })
    expect(await world.apply('web-1', 7)).toMatchObject({ kind: 'failed', retryable: false, mayBeWritten: false })
    expect([world.changes, world.clock.monotonicMs()]).toEqual([1, expect.toSatisfy((ms: number) => ms <= 50)])
  })

  it('a provider that hangs is given up in time, and at once when nobody waits any more', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.fail('hang', { times: Infinity })
    expect(await world.apply('web-1', 7, { allowedMs: 3_000 })).toMatchObject({
      kind: 'failed',
      because: expect.stringContaining('its time is over'),
    })
    const giveUp = new AbortController()
    const run = applyChange(world.options('web-1', 7, { signal: giveUp.signal }))
    await world.clock.advance(10)
    giveUp.abort(new Error('not wanted any more'))
    await expect(run).rejects.toThrow('not wanted any more')
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('what is accepted and left out is a failure, and is not asked for again and again', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    let changes = 0
    const provider: DnsProvider = {
      ...world.zone,
      change: () => {
        changes += 1
        return Promise.resolve({ kind: 'applied' })
      },
    }
    const outcome = await world.apply('web-1', 7, { provider })
    expect(outcome).toMatchObject({ kind: 'failed', retryable: false, because: expect.stringContaining('is a CNAME in the way?') })
    expect(changes).toBe(1)
  })

  it('what is shown a little later is waited for', async () => {
    const world = new ApplyWorld(options)
    const changedMs: number[] = []
    let old = new Map<string, ReturnType<typeof leadsTo> | undefined>()
    const provider: DnsProvider = {
      ...world.zone,
      async read(question, call) {
        const reading = await world.zone.read(question, call)
        const isOld = world.clock.monotonicMs() < (changedMs.at(-1) ?? -Infinity) + 1_000
        return isOld ? { ...reading, set: old.get(question.type) } : reading
      },
      async change(replacements, call) {
        old = new Map([WWW, OWNER].map((name) => [name.type, world.zone.get(name)]))
        changedMs.push(world.clock.monotonicMs())
        return world.zone.change(replacements, call)
      },
    }
    expect(await world.apply('web-1', 7, { provider })).toMatchObject({ kind: 'applied' })
    expect(changedMs).toHaveLength(options.atomicBatch === false ? 2 : 1)
  })
})

describe.each(comparing)('with a provider that compares (%s)', (_, options) => {
  it('somebody who comes in between with a newer token keeps it', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    const provider = world.before((changes) => void (changes === 1 && world.was('web-2', 8)))
    expect(await world.apply('web-1', 7, { provider })).toMatchObject({ kind: 'refused', code: 'stale-token' })
    expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=8'])
  })

  it('between the owner and the set too', async () => {
    const world = new ApplyWorld(options)
    world.zone.put(leadsTo('nobody'))
    world.zone.put(ownedBy('hotspare node=web-1 token=7'))
    // Our own claim stands; the set is about to change when somebody else has changed both.
    const provider = world.before((changes) => void (changes === 1 && world.was('web-2', 8)))
    expect(await world.apply('web-1', 7, { provider })).toMatchObject({ kind: 'refused', code: 'stale-token' })
    expect(world.shown).toBe('192.0.2.2')
  })

  // Who read the owner first would see its own claim, and then the set of the other, as something that it may replace.
  it('between the two looks at the owner and the set too', async () => {
    const world = new ApplyWorld(options)
    world.zone.put(leadsTo('nobody'))
    world.zone.put(ownedBy('hotspare node=web-1 token=7'))
    let reads = 0
    const provider: DnsProvider = {
      ...world.zone,
      async read(question, call) {
        const reading = await world.zone.read(question, call)
        reads += 1
        if (reads === 1) world.was('web-2', 8)
        return reading
      },
    }
    expect(await world.apply('web-1', 7, { provider })).toMatchObject({ kind: 'refused', code: 'stale-token' })
    expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=8'])
  })

  it('somebody who comes in between without one is overruled by a claim, and told of without one', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    const comeIn = () => world.before((changes) => void (changes === 1 && world.zone.put(leadsTo('nobody'))))
    expect(await world.apply('web-1', 7, { provider: comeIn() })).toMatchObject({ kind: 'applied' })
    expect(world.shown).toBe('192.0.2.1')
    const outcome = await world.apply('web-2', 0, { provider: comeIn(), claim: undefined })
    expect(outcome).toMatchObject({ kind: 'conflict', current: [{ set: leadsTo('nobody') }] })
    expect(world.shown).toBe('192.0.2.99')
  })

  it('a quarrel without end is ended', async () => {
    const world = new ApplyWorld(options).was('web-1', 7)
    let address = 0
    const provider = world.before(() => world.zone.put({ ...leadsTo('nobody'), values: [`198.51.100.${(address += 1)}`] }))
    world.zone.put(leadsTo('nobody'))
    expect(await world.apply('web-1', 7, { provider })).toMatchObject({ kind: 'conflict', because: expect.stringMatching(/12 times/) })
  })

  it('a change that arrives late, when another has taken over, is lost', async () => {
    const world = new ApplyWorld(options).was('web-2', 6)
    world.zone.fail('late', { changes: true, lateMs: 10_000 })
    expect(await world.apply('web-1', 7, { allowedMs: 100 })).toMatchObject({ kind: 'failed', mayBeWritten: true })
    expect(await world.apply('web-2', 8)).toMatchObject({ kind: 'applied' })
    await world.clock.advance(20_000)
    expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=8'])
  })
})

describe('with a provider that does not compare', () => {
  it('a change that arrives late is seen by the next look, and undone', async () => {
    const world = new ApplyWorld({ compareAndSwap: 'none' }).was('web-2', 6)
    world.zone.fail('late', { changes: true, lateMs: 10_000 })
    expect(await world.apply('web-1', 7, { allowedMs: 100 })).toMatchObject({ kind: 'failed', mayBeWritten: true })
    await world.apply('web-2', 8)
    await world.clock.advance(20_000)
    expect(world.shown).toBe('192.0.2.1')
    expect(await world.apply('web-2', 8)).toMatchObject({ kind: 'applied', changed: true })
    expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=8'])
  })
})
