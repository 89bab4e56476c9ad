import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { eventsIn, planFaults, tokenFaults } from '../logged.ts'
import { nodeNames } from '../site.ts'
import { otherThan, seenSince, startHotspare } from './start.ts'

const FLAPS = 20
const HALF_FLAP_MS = 3_000
const MOST_MOVES = 6
const SWITCHOVERS = 20

it('V17: a service that dies each 6 s for two minutes on one node moves once', { timeout: 300_000 }, async (context) => {
  const { site } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
  const first = await site.settled()
  const fromMs = sharedMs()
  for (let flap = 0; flap < FLAPS; flap++) {
    await site.killService(first)
    await sleep(HALF_FLAP_MS)
    await site.startService(first)
    await sleep(HALF_FLAP_MS)
  }
  expect(site.holders()).toEqual([otherThan(first)])
  expect(seenSince(site, fromMs)).toMatchObject({ takeovers: 1, overlaps: [] })
})

it('V17: and wherever it is, moves no oftener than it may within an hour', { timeout: 300_000 }, async (context) => {
  const { site } = await startHotspare(context, { policy: 'release', arbiter: 'etcd', maxFailoversPerHour: MOST_MOVES })
  await site.settled()
  const fromMs = sharedMs()
  for (let flap = 0; flap < FLAPS; flap++) {
    const [holder] = site.holders()
    if (!holder) throw new Error('nobody has held the address in the last half second')
    await site.killService(holder)
    await sleep(HALF_FLAP_MS)
    await site.startService(holder)
    await sleep(HALF_FLAP_MS)
  }
  await site.settled()
  expect(seenSince(site, fromMs)).toMatchObject({ takeovers: MOST_MOVES, overlaps: [] })
})

it(
  `V20: ${SWITCHOVERS} switchovers in a row go one after the other, each with its steps in order`,
  { timeout: 300_000 },
  async (context) => {
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
    let holder = await site.settled()
    const fromMs = sharedMs()
    for (let count = 0; count < SWITCHOVERS; count++) {
      holder = otherThan(holder)
      await system.switchover(holder)
    }
    expect(await site.settled()).toBe(holder)
    expect(await system.cli(holder, 'status')).toContain('service site: active here')
    const seen = eventsIn(system.allLogs())
    expect(seen.filter(({ type }) => type === 'plan-finished').length).toBeGreaterThanOrEqual(SWITCHOVERS)
    for (const node of nodeNames) expect(planFaults(system.log(node))).toEqual([])
    expect(tokenFaults(system.allLogs())).toEqual([])
    expect(seenSince(site, fromMs)).toMatchObject({ takeovers: SWITCHOVERS, overlaps: [] })
  },
)
