import type { TargetState } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { AnsweringWorld, gate, TARGETS } from './answering/answering.fixture.ts'

describe('createAnswering refuses', () => {
  const two = { main: {}, backup: { minimumTtlSeconds: 300 } }

  it.each([
    ['a name outside a zone', { name: 'www.example.net' }, 'providers.main: www.example.net is not in its zone example.com'],
    [
      'a TTL that one of two providers does not have',
      {},
      'providers.backup: www.example.com A: a TTL of 30 s is below the least there is, 300 s',
    ],
    ['a value that is no address', { targets: [{ id: 't1', values: ['www'] }] }, 'targets.0.values: value: "www" is no value'],
    ['a target without a value', { targets: [{ id: 't1', values: [] }] }, 'targets.0.values'],
    ['a target that is there twice', { targets: [TARGETS[0], TARGETS[0]] }, 'targets.1.id: t1 is there twice'],
    [
      'an alias with several answers',
      {
        type: 'CNAME',
        targets: [
          { id: 'a', values: ['a.example'] },
          { id: 'b', values: ['b.example'] },
        ],
      },
      'policy: www.example.com CNAME can have one value',
    ],
    ['no provider', { providers: {} }, 'providers: expected one provider at least'],
    ['a policy with a key that it does not know', { policy: { choose: 'all', least: 1 } }, 'policy'],
    ['a share of more than everything', { blastRadius: { share: 2 } }, 'blastRadius.share'],
  ] as readonly (readonly [string, object, string])[])('%s', (_, options, message) => {
    const code = 'HOTSPARE_DNS_OPTIONS'
    const world = new AnsweringWorld(two)
    expect(() => world.answering(options)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  it('names the record of a set', () => {
    const world = new AnsweringWorld({ main: {}, backup: { minimumTtlSeconds: 300 } })
    const record = (name: string, ttlSeconds: number) => ({ name, type: 'A', ttlSeconds, targets: TARGETS }) as const
    expect(() => world.set([record('a.example.com', 300), record('b.example.com', 60)])).toThrow(
      'answering set: records.1.providers.backup: b.example.com A: a TTL of 60 s is below the least there is, 300 s',
    )
    expect(() => world.set([record('a.example.com', 300), record('A.example.com.', 300)])).toThrow(
      'records.1: a.example.com A is there twice',
    )
  })

  it.each([
    ['a type', { types: ['AAAA', 'TXT'] as const }, 'there are no records of type A, only AAAA, TXT'],
    ['a step of TTLs', { ttlSteps: [300, 3_600] }, 'there is no TTL of 30 s, only 300, 3600'],
  ])('%s that one of two providers does not have', (_, capabilities, message) => {
    const { main } = new AnsweringWorld()
    const backup = { ...main, capabilities: { ...main.capabilities, ...capabilities } }
    expect(() => new AnsweringWorld().answering({ providers: { main, backup } })).toThrow(
      `answering: providers.backup: www.example.com A: ${message}`,
    )
  })

  it('more answers than a provider can have, and nothing that fits because fewer are answered', () => {
    const world = new AnsweringWorld({ main: { mostValues: 2 } })
    expect(() => world.answering({ policy: { choose: 'all', most: 2 } })).not.toThrow()
    expect(() => world.answering()).toThrow('answering: providers.main: www.example.com A has 3 values: a set can have 2')
  })
})

describe('createAnswering writes nothing', () => {
  it('before it is started', async () => {
    const world = new AnsweringWorld()
    const answering = world.answering()
    answering.report('t1', 'up')
    await answering.reconcile()
    await world.clock.advance(100_000)
    expect(world.main.asked).toEqual([])
  })

  it('while nothing is known of any target', async () => {
    const world = new AnsweringWorld()
    const answering = world.answering()
    await answering.start()
    await world.clock.advance(100_000)
    expect(world.changes()).toBe(0)
    expect(answering.snapshot().records[0]).toMatchObject({ desired: undefined, because: 'nothing is known of any target' })
  })

  it('once nothing is known any more, not even to repair', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    for (const { id } of TARGETS) answering.report(id, 'unknown')
    await world.clock.advance(0)
    world.put('9')
    const before = world.changes()
    await world.clock.advance(600_000)
    expect(world.changes()).toBe(before)
    expect(world.shown()).toBe('9')
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no inventory')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no inventory'))],
    ['hangs', () => new Promise<never>(() => {})],
    ['says nothing', () => undefined as never],
  ])('for a source of health that %s, whatever it said before', async (_, fails) => {
    const world = new AnsweringWorld()
    let broken = false
    let states: Record<string, TargetState> = { t1: 'up', t2: 'up', t3: 'up' }
    const answering = world.answering({ health: () => (broken ? fails() : states) })
    await answering.start()
    await world.clock.advance(1_000)
    expect(world.shown()).toBe('1 2 3')
    const before = world.changes()
    broken = true
    world.put('1')
    await world.clock.advance(600_000)
    expect(world.changes()).toBe(before)
    expect(answering.snapshot().healthFailure).toBeDefined()
    broken = false
    states = { t1: 'up', t2: 'down', t3: 'up' }
    await world.clock.advance(60_000)
    expect(world.shown()).toBe('1 3')
    await answering.stop()
  })

  it('for a source of health that never answers, from the start', async () => {
    const world = new AnsweringWorld()
    world.put('1')
    await world.answering({ health: () => new Promise(() => {}) }).start()
    await world.clock.advance(600_000)
    expect(world.changes()).toBe(0)
    expect(world.events).toEqual([])
  })

  it('over a record that leads to no target, and says so once', async () => {
    const world = new AnsweringWorld()
    world.put('9')
    const answering = await world.up()
    await world.clock.advance(600_000)
    expect(world.shown()).toBe('9')
    expect(answering.snapshot().records[0]?.providers[0]).toMatchObject({
      state: 'refused',
      because: expect.stringContaining('adopt it once'),
    })
    expect(world.kinds).toEqual([])
    await answering.stop()
    await world.up({ adopt: true })
    expect(world.shown()).toBe('1 2 3')
  })

  it('after it was stopped, and leaves no timer', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up({ health: () => ({ t1: 'up' }) })
    answering.report('t1', 'down')
    await answering.stop()
    expect(world.clock.pendingTimers).toBe(0)
    const before = world.main.asked.length
    answering.report('t2', 'down')
    await answering.start()
    await answering.reconcile()
    await world.clock.advance(100_000)
    expect(world.main.asked).toHaveLength(before)
  })

  it('when it is stopped in the middle of a call that hangs', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    world.main.fail('hang', { changes: true })
    answering.report('t1', 'down')
    await world.clock.advance(10)
    await answering.stop()
    expect(world.clock.pendingTimers).toBe(0)
    expect(world.shown()).toBe('1 2 3')
    expect(world.events).toEqual([])
  })
})

describe('createAnswering', () => {
  it('makes the record of what is up, and follows', async () => {
    const world = new AnsweringWorld()
    const answering = world.answering()
    await answering.start()
    answering.report('t1', 'up')
    answering.report('t2', 'up')
    await world.clock.advance(0)
    expect(world.shown()).toBe('1 2')
    answering.report('t1', 'down')
    await world.clock.advance(0)
    expect(world.shown()).toBe('2')
    expect(world.events).toMatchObject([
      { type: 'record-changed', name: 'www.example.com', provider: 'main', from: [], to: ['192.0.2.1', '192.0.2.2'] },
      {
        type: 'record-changed',
        text: 'www.example.com A 192.0.2.2 (30 s) at main, instead of 192.0.2.1, 192.0.2.2: 1 of 3 targets are up',
      },
    ])
  })

  it('knows no target that it was not given', () => {
    expect(new AnsweringWorld().answering().report('t9', 'up')).toBe(false)
  })

  it('answers all when none is up, and keeps what is published when it is to fail closed', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    for (const { id } of TARGETS) answering.report(id, 'down')
    await world.clock.advance(0)
    expect(world.shown()).toBe('1 2 3')
    const closed = new AnsweringWorld()
    const other = await closed.up({ policy: { choose: 'all', whenTooFew: 'closed' } })
    other.report('t1', 'down')
    await closed.clock.advance(0)
    other.report('t2', 'down')
    other.report('t3', 'down')
    await closed.clock.advance(600_000)
    expect(closed.shown()).toBe('2 3')
    expect(other.snapshot().records[0]?.because).toBe('0 of 3 targets are up, which is too few')
  })

  it('lets a target come back only after it was up for a while, and go at once', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up({ policy: { choose: 'all', holdDownMs: 60_000 } })
    answering.report('t1', 'down')
    await world.clock.advance(0)
    expect(world.shown()).toBe('2 3')
    answering.report('t1', 'up')
    await world.clock.advance(59_999)
    expect(world.shown()).toBe('2 3')
    answering.report('t1', 'degraded')
    await world.clock.advance(1)
    expect(world.shown()).toBe('1 2 3')
  })

  it('makes one write of what is reported at the same moment', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    const before = world.changes()
    answering.report('t1', 'down')
    answering.report('t2', 'down')
    answering.report('t1', 'up')
    await world.clock.advance(0)
    expect(world.changes()).toBe(before + 1)
    expect(world.shown()).toBe('1 3')
  })

  it('writes one thing at a time at a provider, and then only what is the newest', async () => {
    const world = new AnsweringWorld()
    const records = ['a', 'b', 'c'].map((name) => ({ name: `${name}.example.com`, type: 'A', ttlSeconds: 30, targets: TARGETS }) as const)
    let [under, most] = [0, 0]
    const gates: (() => void)[] = []
    const provider = {
      ...world.main,
      change: async (...call: Parameters<typeof world.main.change>) => {
        under += 1
        most = Math.max(most, under)
        const { opened, open } = gate()
        gates.push(open)
        await opened
        under -= 1
        return world.main.change(...call)
      },
    }
    const answering = world.set(records, { providers: { main: provider } })
    await answering.start()
    for (const { id } of TARGETS) answering.report(id, 'up')
    await world.clock.advance(0)
    expect(gates).toHaveLength(1)
    // A hundred changes while one write is under way.
    for (let turn = 0; turn < 100; turn++) {
      answering.report('t1', turn % 2 === 0 ? 'down' : 'up')
      await world.clock.advance(0)
    }
    for (let open = 0; open < gates.length && open < 50; open++) {
      gates[open]?.()
      await world.clock.advance(100)
    }
    expect(most).toBe(1)
    // The first is as it should be again: it went up, down, and up.
    expect(gates).toHaveLength(3)
    expect(world.main.sets().map(({ values }) => values.length)).toEqual([3, 3, 3])
    await answering.stop()
  })

  it('tells whether what it has written is served, and is not held up by that', async () => {
    const world = new AnsweringWorld()
    let stage: 'converged' | 'served' = 'served'
    const answering = await world.up({ served: () => Promise.resolve({ stage, because: 'served by 1 of 2' }) })
    answering.report('t1', 'down')
    await world.clock.advance(0)
    expect(world.kinds).toEqual(['record-changed', 'record-unserved'])
    stage = 'converged'
    answering.report('t1', 'up')
    await world.clock.advance(0)
    expect(world.kinds).toEqual(['record-changed', 'record-unserved', 'record-changed', 'record-served'])
  })

  it('tells that it is served after all, however late, and that it is not only once', async () => {
    const world = new AnsweringWorld()
    let stage: 'converged' | 'served' = 'served'
    const answering = await world.up({ served: () => Promise.resolve({ stage, because: 'served by 1 of 2' }) })
    answering.report('t1', 'down')
    await world.clock.advance(300_000)
    expect(world.kinds).toEqual(['record-changed', 'record-unserved'])
    stage = 'converged'
    await world.clock.advance(30_000)
    expect(world.kinds).toEqual(['record-changed', 'record-unserved', 'record-served'])
    await answering.stop()
  })

  it('shows all that explains it', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    answering.report('t1', 'down')
    await world.clock.advance(5_000)
    expect(answering.snapshot()).toEqual({
      records: [
        {
          name: 'www.example.com',
          type: 'A',
          ttlSeconds: 30,
          targets: [
            { id: 't1', values: ['192.0.2.1'], state: 'down', since: expect.any(Number), isAnswered: false },
            { id: 't2', values: ['192.0.2.2'], state: 'up', since: expect.any(Number), isAnswered: true },
            { id: 't3', values: ['192.0.2.3'], state: 'up', since: expect.any(Number), isAnswered: true },
          ],
          desired: { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.2', '192.0.2.3'] },
          because: '2 of 3 targets are up',
          held: undefined,
          providers: [
            {
              provider: 'main',
              id: 'memory zone example.com',
              state: 'agrees',
              since: expect.any(Number),
              because: 'it is what it should be',
              seen: { set: expect.objectContaining({ values: ['192.0.2.2', '192.0.2.3'] }), ageMs: 5_000 },
              settled: expect.objectContaining({ values: ['192.0.2.2', '192.0.2.3'] }),
              failures: 0,
              retryInMs: undefined,
              served: 'nobody looks',
            },
          ],
          isSameEverywhere: undefined,
        },
      ],
      healthFailure: undefined,
      massChange: undefined,
      forcedMs: undefined,
    })
  })
})
