import { type HealthState, systemClock, type Verdict } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../api-server.fixture.ts'
import { configOf, freePeerPort, makeNode, type SiteFile, temporaryFolder, type TestNode } from '../two-nodes.fixture.ts'

const patient = { timeout: 60_000 }
const TARGET = 'site/a'
const QUORUM = 'health: { quorum: {} }'
const OWN_VIEW = "this node's own view stands"

const pool = (port: number) => `pools: { site: { targets: [{ name: a, url: "http://127.0.0.1:${port}" }] } }`

interface Observer {
  readonly node: TestNode
  /** What it sees from now on. */
  readonly sees: (state: HealthState) => void
  /** What counts there. */
  readonly counts: () => Verdict<HealthState> | undefined
  /** Whether anything of its peer came as far as its control. */
  readonly heard: () => boolean
}

type Difference = Pick<SiteFile, 'members' | 'more'>

/** Two nodes with guard and control each, and a real channel between them; what each sees, the test says. */
async function observers(one: Difference, two: Difference = one): Promise<readonly [Observer, Observer]> {
  const ports = [await freePeerPort(), await freePeerPort()] as const
  const site = { ports, arbiter: '{ type: none, acceptSplitBrain: true }', policy: 'keep' } as const
  const segment = memorySegment(systemClock)
  const observer = async (name: string, more: Difference): Promise<Observer> => {
    let own: Verdict<HealthState> = { state: 'up', since: 1, because: 'it answers' }
    const config = await configOf(name, { ...site, ...more }, await temporaryFolder())
    const node = makeNode(config, segment, `02:00:00:00:00:0${name.at(-1)}`, { ownOf: () => own })
    const counts = () => node.control.observers?.decide(TARGET, own)
    const sees = (state: HealthState) => {
      own = { state, since: 2, because: `it is ${state}` }
      counts()
    }
    return { node, sees, counts, heard: () => node.said().includes('"type":"votes"') }
  }
  const both = [await observer('web-1', one), await observer('web-2', two)] as const
  for (const { node } of both) {
    await Promise.all([node.part.start(), node.control.start()])
    onTestFinished(() => node.control.stop())
  }
  await until(() => both.every(({ node }) => node.control.status()?.peers[0]?.connected === true), 'they are connected')
  return both
}

describe('the votes of another node', () => {
  it('whose file differs are not believed, and each goes by its own view', patient, async () => {
    const more = `${pool(9)}\n${QUORUM}`
    const [one, two] = await observers({ more }, { more, members: 'web-2' })
    one.sees('down')
    await until(() => one.counts()?.state === 'down', 'it goes by its own view')
    expect(one.counts()?.because).toContain(OWN_VIEW)
    expect(two.counts()?.state).toBe('up')
    expect(one.node.control.status()?.peers[0]?.agrees).toBe(false)
    expect([one.heard(), two.heard()]).toEqual([false, false])
  })

  it('on another server of the same name are not counted', patient, async () => {
    const [one, two] = await observers({ more: `${pool(9)}\n${QUORUM}` }, { more: `${pool(10)}\n${QUORUM}` })
    await until(() => one.heard() && two.heard(), 'both hear of each other')
    one.sees('down')
    await until(() => one.counts()?.state === 'down', 'it goes by its own view')
    expect(one.counts()?.because).toContain(OWN_VIEW)
  })

  it('that wants none leave this one alone, and harm nobody', patient, async () => {
    const [one, two] = await observers({ more: `${pool(9)}\n${QUORUM}` }, { more: pool(9) })
    one.sees('down')
    await until(() => one.counts()?.because.includes(OWN_VIEW) === true, 'it goes by its own view')
    expect(two.node.control.observers).toBeUndefined()
    expect(two.heard()).toBe(false)
  })

  it('keep alive what this one alone cannot reach, confirm what is dead, and end with the control that casts them', patient, async () => {
    const [one, two] = await observers({ more: `${pool(9)}\n${QUORUM}` })
    await until(() => one.heard() && two.heard(), 'both hear of each other')
    one.sees('down')
    await until(() => two.node.control.observers?.observersSay?.(TARGET)?.startsWith('1 of 2 observers') === true, 'the other knows')
    expect([one.counts()?.state, two.counts()?.state]).toEqual(['degraded', 'up'])
    two.sees('down')
    await until(() => one.counts()?.state === 'down' && two.counts()?.state === 'down', 'both know that it is down')
    expect(one.counts()?.because).toMatch(/2 of 2 observers say that it is down/)
    two.sees('up')
    await until(() => one.counts()?.state === 'degraded', 'it is back for the other one')
    await two.node.control.stop()
    await until(() => one.counts()?.state === 'down', 'the last vote is too old')
    expect(one.counts()?.because).toContain(OWN_VIEW)
  })
})
