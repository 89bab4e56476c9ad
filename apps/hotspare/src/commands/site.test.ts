import type { SiteWordResult } from '@hotspare/api'
import { describe, expect, it } from 'vitest'
import { startApi } from '../api-server.fixture.ts'
import type { ClusterBackend } from '../cluster/control/api-routes.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'
import { drain } from './drain.ts'
import { maintenance } from './maintenance.ts'

const CONFIG = '/nowhere/hotspare.yaml'
const done: SiteWordResult = {
  site: 'fra',
  ok: true,
  because: 'the word stands on every node of fra',
  nodes: [{ node: 'fra-1', ok: true, because: 'in maintenance' }],
  departure: {
    departures: [{ service: 'shop', from: 'fra-1', to: 'ham-1', because: 'alive, well and willing' }],
    loads: [{ node: 'ham-1', load: 0.1 + 0.2, added: 0.2, capacity: 1, fits: true }],
  },
}
const refused: SiteWordResult = {
  site: 'fra',
  ok: false,
  because: 'nobody could take db over (ham-1: dead); ham-2 would carry 100 of 90',
  nodes: [],
  departure: {
    departures: [
      { service: 'db', from: 'fra-1', because: 'ham-1: dead' },
      { service: 'shop', from: 'fra-1', to: 'ham-2', because: 'well, and it has no room' },
    ],
    loads: [{ node: 'ham-2', load: 100, added: 40, capacity: 90, fits: false }],
  },
}

async function start(result: SiteWordResult): Promise<{ readonly url: string; readonly calls: string[] }> {
  const calls: string[] = []
  const unused = () => Promise.reject(new Error('nobody asked for this'))
  const cluster: ClusterBackend = {
    services: [],
    command: unused,
    plan: unused,
    setWord: unused,
    setSite(site, because, { force }) {
      calls.push(`${site}: ${because ?? 'taken back'}${force ? ', forced' : ''}`)
      return Promise.resolve(result)
    },
  }
  return { url: (await startApi({ cluster })).url, calls }
}

describe('a command for a site', () => {
  it.each([
    ['a target and a site', (url: string) => drain('shop/a', { url, site: 'fra' }, contextOf()), /a target or a site/],
    ['nothing to drain', (url: string) => drain(undefined, { url }, contextOf()), /name a target/],
    ['nothing in maintenance', (url: string) => maintenance(undefined, undefined, { url, config: CONFIG }, contextOf()), /say set, lift/],
    [
      'a pool and a site',
      (url: string) => maintenance('shop', 'on', { url, config: CONFIG, site: 'fra' }, contextOf()),
      /a pool or a site, and not both: shop on/,
    ],
    ['a look', (url: string) => maintenance('show', undefined, { url, config: CONFIG, site: 'fra' }, contextOf()), /hotspare status/],
    ['no reason', (url: string) => maintenance('set', undefined, { url, config: CONFIG, site: 'fra' }, contextOf()), /--because/],
    [
      'a time',
      (url: string) => maintenance('set', undefined, { url, config: CONFIG, site: 'fra', because: 'x', for: '1h' }, contextOf()),
      /--for belongs to a pool/,
    ],
  ])('with %s is none', async (_what, run, message) => {
    const { url, calls } = await start(done)
    const failure = await run(url).catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: expect.stringMatching(message) })
    expect(exitCodeOf(failure)).toBe(2)
    expect(calls).toEqual([])
  })

  it('that is refused says where everything would go and what would be too much, and fails', async () => {
    const { url, calls } = await start(refused)
    const context = contextOf()
    expect(await maintenance(undefined, undefined, { url, config: CONFIG, site: 'fra', because: 'power works' }, context)).toBe(1)
    expect(context.out().trim()).toBe(
      `db on fra-1: NOBODY could take it: ham-1: dead
  shop: from fra-1 to ham-2, well, and it has no room
  ham-2: 100 of 90, 40 of it added: TOO MUCH
not done: nobody could take db over (ham-1: dead); ham-2 would carry 100 of 90
nobody was told; --force does it all the same`,
    )
    expect(calls).toEqual(['fra: power works'])
  })

  it('fails where a node could not be told, and names it', async () => {
    const { url } = await start({ ...done, ok: false, because: 'not told: fra-2', nodes: [{ node: 'fra-2', ok: false, because: 'dead' }] })
    const context = contextOf()
    expect(await drain(undefined, { url, site: 'fra' }, context)).toBe(1)
    expect(context.out()).toContain('NOT TOLD  fra-2: dead\nnot done: not told: fra-2\n')
    expect(context.out()).not.toContain('--force')
  })

  it('is told, forced and taken back', async () => {
    const { url, calls } = await start(done)
    const context = contextOf()
    expect(await drain(undefined, { url, site: 'fra', force: true }, context)).toBe(0)
    expect(context.out()).toContain('ham-1: 0.3 of 1, 0.2 of it added\n  told      fra-1: in maintenance\ndone: the word stands')
    expect(await drain(undefined, { url, site: 'fra', undo: true }, contextOf())).toBe(0)
    const data = contextOf()
    expect(await maintenance('lift', undefined, { url, config: CONFIG, site: 'fra', json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toEqual(done)
    expect(calls).toEqual(['fra: drained by people, forced', 'fra: taken back', 'fra: taken back'])
  })
})
