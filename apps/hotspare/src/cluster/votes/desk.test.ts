import { type HealthState, silentLogger, type Verdict } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import { createVoteKeeper } from '@hotspare/health/quorum'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { votingNodes } from './desks.fixture.ts'
import { VotesDesk } from './desk.ts'
import { votesBody } from './message.ts'

const LIFETIME_MS = 5_000
const FIRST_WORDS_MS = 2_000
/** Until the others have heard of a change. */
const HEARD_MS = 10

/** Nodes that have listened for long enough to know each other, all of which see the target up. */
async function settledNodes(...names: readonly string[]) {
  const clock = new TestClock()
  const nodes = votingNodes(clock, names)
  for (const node of nodes) node.sees('up')
  await clock.advance(FIRST_WORDS_MS)
  const see = async (index: number, state: HealthState) => {
    nodes[index]?.sees(state)
    await clock.advance(HEARD_MS)
  }
  return { clock, nodes, see, states: () => nodes.map((node) => node.counts().state) }
}

function lonelyDesk(logger = silentLogger) {
  const clock = new TestClock()
  const own: Verdict<HealthState> = { state: 'up', since: 1, because: 'it answers' }
  const changed: string[] = []
  const keeper = createVoteKeeper({ self: 'n1', clock })
  const tell = () => {}
  const subjects = new Map([['shop/a', 'key-a']])
  const desk = new VotesDesk({ subjects, keeper, ownOf: () => own, abstains: () => false, tell, clock, logger })
  desk.subscribe((id) => changed.push(id))
  return { clock, desk, own, changed, keeper }
}

describe('what a peer sends', () => {
  it.each<[string, unknown]>([
    ['nonsense', 'up'],
    ['another state', { votes: [['key-a', 'dead', 0]] }],
    ['something that is not looked at here', votesBody([{ key: 'key-b', state: 'down', ageMs: 0 }])],
    ['a view that is too old', votesBody([{ key: 'key-a', state: 'down', ageMs: LIFETIME_MS }])],
  ])('changes nothing where it is %s', (_what, body) => {
    const { desk, own, changed, keeper } = lonelyDesk()
    expect(desk.decide('shop/a', own)).toEqual(own)
    desk.hear('n2', body)
    expect(keeper.votesOn('shop/a')).toEqual([])
    expect(changed).toEqual([])
  })

  it('and cannot be read is said in the log, without a word of it', () => {
    const logger = recordingLogger()
    lonelyDesk(logger).desk.hear('n2', { votes: 'hunter2' })
    expect(logger.records).toMatchObject([{ level: 'warn', fields: { observer: 'n2' } }])
    expect(JSON.stringify(logger.records)).not.toContain('hunter2')
  })

  it('in the name of this node is not believed', () => {
    const { desk, own } = lonelyDesk()
    desk.hear('n1', votesBody([{ key: 'key-a', state: 'down', ageMs: 0 }]))
    expect(desk.decide('shop/a', own).state).toBe('up')
  })
})

it('what is not put to the vote is as this node sees it', () => {
  const { desk } = lonelyDesk()
  const down: Verdict<HealthState> = { state: 'down', since: 1, because: 'the disk is full' }
  expect(desk.decide('disk', down)).toBe(down)
  expect(desk.observersSay('disk')).toBeUndefined()
})

describe('a target that one of three nodes cannot reach', () => {
  it('is degraded there, up elsewhere, and down nowhere', async () => {
    const { nodes, states, see } = await settledNodes('n1', 'n2', 'n3')
    await see(0, 'down')
    expect(states()).toEqual(['degraded', 'up', 'up'])
    expect(nodes[0]?.counts().because).toContain('1 of 3 observers say that it is down (n1), and it takes 2')
    expect(nodes[2]?.desk.observersSay('shop/a')).toBe('1 of 3 observers say that it is down (n1), and it takes 2')
    await see(0, 'up')
    expect(states()).toEqual(['up', 'up', 'up'])
  })

  it('is down everywhere as soon as a second one cannot reach it', async () => {
    const { nodes, states, see } = await settledNodes('n1', 'n2', 'n3')
    await see(0, 'down')
    await see(1, 'down')
    expect(states()).toEqual(['down', 'down', 'down'])
    expect(nodes[2]?.counts().because).toBe(
      '2 of 3 observers say that it is down (n1, n2); as this node sees it, it is up: its probes say up',
    )
    await see(1, 'up')
    expect(states()).toEqual(['degraded', 'up', 'up'])
  })
})

describe('a node whose peers fall silent', () => {
  it('goes by its own view once their votes have grown too old, and not before', async () => {
    const { clock, nodes, states, see } = await settledNodes('n1', 'n2')
    for (const node of nodes) node.isHeard = false
    await see(0, 'down')
    expect(states()).toEqual(['degraded', 'up'])
    await clock.advance(LIFETIME_MS - 1_000)
    expect(states()).toEqual(['degraded', 'up'])
    // What counts is looked at once a second.
    await clock.advance(2_000)
    expect(states()).toEqual(['down', 'up'])
    expect(nodes[0]?.counts().because).toContain("this node's own view stands")
    for (const node of nodes) node.isHeard = true
    await clock.advance(1_000)
    expect(states()).toEqual(['degraded', 'up'])
  })

  it('hears nothing of it while three messages in a row are lost', async () => {
    const { clock, nodes, see } = await settledNodes('n1', 'n2', 'n3')
    await see(0, 'down')
    const before = nodes.map(({ history }) => history.length)
    for (let second = 0; second < 3; second++) {
      for (const node of nodes) node.isHeard = false
      await clock.advance(1_000)
    }
    for (const node of nodes) node.isHeard = true
    await clock.advance(1_000)
    expect(nodes.map(({ history }) => history.length)).toEqual(before)
  })

  it('whose files differ now, no longer counts what they said', async () => {
    const { clock, nodes, states, see } = await settledNodes('n1', 'n2')
    await see(0, 'down')
    for (const node of nodes) node.isHeard = false
    nodes[0]?.desk.disbelieve(new Set(['n2']))
    expect(states()).toEqual(['down', 'up'])
    for (const node of nodes) node.isHeard = true
    nodes[0]?.desk.disbelieve(new Set())
    await clock.advance(1_000)
    expect(states()).toEqual(['degraded', 'up'])
  })
})

describe('a control that has just been started', () => {
  it('calls nothing down before the others could have told it', async () => {
    const { clock, nodes, see } = await settledNodes('n1', 'n2', 'n3')
    await see(0, 'down')
    // Control of the first node dies, and is started again: it knows nothing, and fails to reach the target.
    const [again] = votingNodes(clock, ['n1'])
    again?.sees('down')
    await clock.advance(HEARD_MS)
    expect(again?.counts().state).toBe('unknown')
    for (const { name } of nodes.slice(1)) again?.desk.hear(name, votesBody([{ key: 'key-of-shop-a', state: 'up', ageMs: 0 }]))
    expect(again?.history).toEqual(['unknown', 'degraded'])
  })

  it('and is alone calls it down when nobody has told it anything in time', async () => {
    const clock = new TestClock()
    const [alone] = votingNodes(clock, ['n1'])
    alone?.sees('down')
    await clock.advance(FIRST_WORDS_MS - 1)
    expect(alone?.history).toEqual(['unknown'])
    await clock.advance(1)
    expect(alone?.history).toEqual(['unknown', 'down'])
  })
})

describe('a node that takes itself for sick', () => {
  it('goes by the others, and its last view is not counted', async () => {
    const { nodes, states, see } = await settledNodes('n1', 'n2', 'n3')
    await see(0, 'down')
    const [sick] = nodes
    if (!sick) throw new Error('there is no node')
    sick.isSick = true
    sick.desk.tellAll()
    expect(states()).toEqual(['up', 'up', 'up'])
    expect(sick.told.at(-1)).toEqual([{ key: 'key-of-shop-a', state: 'unknown' }])
    expect(sick.desk.observersSay('shop/a')).toBe('0 of 2 observers say that it is down, and it takes 2; this node abstains')
    await see(1, 'down')
    expect(states()).toEqual(['up', 'degraded', 'up'])
  })

  it('keeps to what it knew where too few others are left', async () => {
    const { nodes, states } = await settledNodes('n1', 'n2')
    const [sick] = nodes
    if (!sick) throw new Error('there is no node')
    sick.isSick = true
    sick.desk.tellAll()
    expect(states()).toEqual(['up', 'up'])
  })
})

describe('what a node tells', () => {
  it('is a change at once and once, and everything every second', async () => {
    const { clock, nodes, see } = await settledNodes('n1', 'n2')
    const [node] = nodes
    node?.told.splice(0)
    node?.sees('degraded')
    node?.sees('down')
    await see(0, 'down')
    expect(node?.told).toEqual([[{ key: 'key-of-shop-a', state: 'down' }]])
    await clock.advance(3_000)
    expect(node?.told).toHaveLength(4)
  })

  it('ends with it, and no timer is left', async () => {
    const { clock, nodes } = await settledNodes('n1', 'n2')
    for (const { desk } of nodes) desk.stop()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(10_000)
    expect(nodes[0]?.told.length).toBeLessThan(5)
  })
})

it('nodes that hear each other agree on what is down, whatever they see and in whatever order', async () => {
  const look = fc.record({
    node: fc.nat({ max: 4 }),
    state: fc.constantFrom<HealthState>('up', 'degraded', 'down', 'unknown'),
    afterMs: fc.nat({ max: 1_500 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 5 }), fc.array(look, { maxLength: 30 }), async (size, looks) => {
      const clock = new TestClock()
      const nodes = votingNodes(clock, ['n1', 'n2', 'n3', 'n4', 'n5'].slice(0, size))
      for (const { node, state, afterMs } of looks) {
        nodes[node % size]?.sees(state)
        await clock.advance(afterMs)
      }
      // Where fewer than two have seen anything there is no quorum, and each believes itself.
      for (const node of nodes.slice(0, 2)) if (node.sight() === 'unknown') node.sees('down')
      await clock.advance(2 * FIRST_WORDS_MS)
      expect(new Set(nodes.map((each) => each.counts().state === 'down')).size).toBe(1)
      for (const { desk } of nodes) desk.stop()
    }),
  )
})
