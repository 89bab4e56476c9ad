import { describe, expect, it } from 'vitest'
import { type Failure, failureId } from './failure.ts'
import type { Forecast } from './forecast.ts'
import { forecastsOf } from './forecasts.ts'
import { makeMatrix } from './matrix.ts'
import { configOf, FENCING, type Several, severalOf } from './reference.fixture.ts'

const HETZNER = (node: string) => `targets: { web-1: "1", ${node}: "2" }`
const floating = `resources: [{ type: hetzner-floating-ip, floatingIp: "42", token: a-token-of-the-project, ${HETZNER('web-2')} }]`

async function forecasts(several: Several): Promise<ReadonlyMap<string, Forecast>> {
  const all = forecastsOf(await configOf(severalOf(several)))
  return new Map(all.map((each) => [`${each.service}: ${failureId(each.failure)}`, each]))
}

function atMost(forecast: Forecast | undefined): number {
  return forecast?.outage.type === 'bounded' ? forecast.outage.atMostMs : Number.NaN
}

describe('what is foretold of several services', () => {
  it('is nothing of devices and providers that the file has not', async () => {
    const ids = [...(await forecasts({ services: { db: '' } })).keys()]
    expect(ids.filter((id) => /fence|provider/.test(id))).toEqual([])
  })

  it('a service that comes after another one, or goes with it, is out for longer than that one; a lower one for its patience at most', async () => {
    const all = await forecasts({ services: { db: 'priority: 5', app: 'after: [db]', web: 'with: app', low: 'priority: -5' } })
    const of = (name: string) => atMost(all.get(`${name}: power web-1`))
    expect(of('app')).toBeGreaterThan(of('db'))
    expect(of('web')).toBeGreaterThan(of('app'))
    expect(of('low')).toBeGreaterThan(of('web'))
    expect(of('low')).toBeLessThan(of('db') + 6_000)
    // What is at home elsewhere is waited for by nobody.
    const apart = await forecasts({ services: { db: 'members: [web-2, web-1]', app: 'after: [db]' } })
    expect(atMost(apart.get('app: power web-1'))).toBe(of('db'))
  })

  it('what goes with another one follows it when that is dead, and does not move where it is dead itself', async () => {
    const all = await forecasts({ services: { app: 'members: [web-2, web-1]\n    with: db', db: '' } })
    expect(all.get('app: service-dead db web-1')).toMatchObject({ role: 'active', movesTo: ['web-2'], outage: { type: 'bounded' } })
    expect(all.get('app: service-dead db web-2')).toMatchObject({ role: 'standby', movesTo: [] })
    expect(all.get('app: service-dead app web-1')).toMatchObject({ movesTo: [], outage: { type: 'until', until: 'app is started again' } })
    expect(all.has('db: service-dead app web-1')).toBe(false)
  })

  it('a fenced one is never held twice, takes its device longer, and waits for people where the device is gone with its node', async () => {
    for (const onControlLoss of ['keep', 'release'] as const) {
      const plain = await forecasts({ onControlLoss, services: { db: '' } })
      const all = await forecasts({ onControlLoss, services: { db: 'fencing: required' }, top: FENCING })
      expect([...all.values()].filter(({ twoHolders }) => twoHolders.type !== 'never')).toEqual([])
      const longer = atMost(all.get('db: power web-1')) - atMost(plain.get('db: power web-1'))
      expect(longer).toBeGreaterThan(20_000)
      expect(all.get('db: fence-dead web-1')).toMatchObject({ movesTo: [], outage: { type: 'none' } })
      expect(all.get('db: power-and-fence web-1')).toMatchObject({ outage: { type: 'until', until: 'people act' } })
      const automatic = await forecasts({ onControlLoss, services: { db: 'fencing: automatic' }, top: FENCING })
      expect(automatic.get('db: power-and-fence web-1')).toMatchObject({ movesTo: ['web-2'], outage: { type: 'bounded' } })
    }
  })

  it('goes down with a node that is switched off for another service, and waits for people where that one does', async () => {
    const file = await configOf(severalOf({ services: { db: 'fencing: required', app: 'after: [db]' }, top: FENCING, kept: ['app'] }))
    const all = new Map(forecastsOf(file).map((each) => [`${each.service}: ${failureId(each.failure)}`, each]))
    for (const kind of ['guard-stopped', 'hotspare-dead', 'peers-cut'])
      expect(all.get(`app: ${kind} web-1`)).toMatchObject({
        movesTo: ['web-2'],
        outage: { type: 'bounded', because: expect.stringContaining('off for db') },
      })
    expect(all.get('app: power-and-fence web-1')?.outage).toMatchObject({
      type: 'until',
      because: expect.stringContaining('it waits for db'),
    })
  })

  it('an address of a provider is never at two, takes its time, and stays where it is while the provider is down', async () => {
    const all = await forecasts({ services: { db: floating } })
    expect([...all.values()].filter(({ twoHolders }) => twoHolders.type !== 'never')).toEqual([])
    expect(atMost(all.get('db: power web-1'))).toBeGreaterThan(60_000)
    for (const kind of ['provider-down', 'provider-slow'])
      expect(all.get(`db: ${kind} hetzner`)).toMatchObject({ role: 'provider', movesTo: [], outage: { type: 'none' } })
  })
})

const held: readonly [what: string, several: Several, phases: number, kinds: readonly Failure['kind'][]][] = [
  ['one after the other', { services: { app: 'after: [db]', db: '', low: 'priority: -1' } }, 2, ['power', 'arbiter-dead']],
  ['together', { services: { app: 'members: [web-2, web-1]\n    with: db', db: '' } }, 2, ['power', 'service-dead', 'hotspare-dead']],
  ['together, and kept', { onControlLoss: 'keep', services: { app: 'with: db', db: '' } }, 2, ['service-dead', 'peers-cut']],
  [
    'apart, and weighed',
    { members: ['web-1', 'web-2', 'web-3'], services: { db: 'load: 10', backup: 'members: [web-2, web-1, web-3]\n    apartFrom: [db]' } },
    2,
    ['power', 'service-dead'],
  ],
  [
    'fenced',
    { services: { db: 'fencing: required' }, top: FENCING },
    2,
    [
      'power',
      'freeze',
      'guard-stopped',
      'guard-killed',
      'arbiter-cut',
      'isolated',
      'service-dead',
      'fence-dead',
      'power-and-fence',
      'link-cut',
    ],
  ],
  [
    'fenced and kept',
    { onControlLoss: 'keep', services: { db: 'fencing: required' }, top: FENCING },
    2,
    ['power', 'freeze', 'peers-cut', 'isolated', 'service-dead', 'power-and-fence', 'guard-killed'],
  ],
  [
    'kept beside what is fenced',
    { services: { db: 'fencing: required', app: 'after: [db]' }, top: FENCING, kept: ['app'] },
    2,
    ['power', 'guard-stopped', 'guard-killed', 'hotspare-dead', 'peers-cut', 'power-and-fence', 'arbiter-cut'],
  ],
  ['fenced if it can be', { services: { db: 'fencing: automatic' }, top: FENCING }, 2, ['power', 'freeze', 'power-and-fence']],
  [
    'moved by a provider',
    { services: { db: floating } },
    2,
    ['power', 'guard-stopped', 'isolated', 'service-dead', 'provider-down', 'provider-slow', 'arbiter-dead'],
  ],
]

describe('the simulator stays within what is foretold of several services', () => {
  it.each(held)('%s', { timeout: 120_000 }, async (_what, several, phases, kinds) => {
    const file = await configOf(severalOf(several))
    const { rows, leftOut } = await makeMatrix(file, { phases, kinds, threads: 0 })
    expect(leftOut).toEqual([])
    expect(
      rows.flatMap(({ refutations, failure, service }) =>
        refutations.map(({ seed, what }) => `${service}, ${failureId(failure)}, seed ${seed}: ${what}`),
      ),
    ).toEqual([])
    expect(rows.every(({ seen }) => seen && seen.runs > 0)).toBe(true)
  })
})
