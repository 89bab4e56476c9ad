import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DepartureAnswer } from '../departure.ts'
import { peopleFile, readWord, setWord } from '../people-files.ts'
import { SiteDesk } from './desk.ts'
import { readSiteWord, readSiteWordAnswer, stepFor } from './word.ts'

const NODES = [
  { name: 'fra-1', site: 'fra' },
  { name: 'fra-2', site: 'fra' },
  { name: 'ham-1', site: 'ham' },
  { name: 'odd-1', site: undefined },
]
const CLEAR: DepartureAnswer = { departures: [], loads: [], stranded: [], overloaded: [] }
const STRANDED: DepartureAnswer = {
  ...CLEAR,
  departures: [{ service: 'shop', from: 'fra-1', to: undefined, because: 'ham-1: dead' }],
  stranded: ['shop'],
}

/** Desks that reach each other, but for those that are dead. */
async function makeDesks(departure: DepartureAnswer = CLEAR) {
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-site-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const clock = new TestClock()
  const dead = new Set<string>()
  const desks = new Map<string, SiteDesk>()
  for (const { name } of NODES) {
    const request = async (to: string, _method: string, body: unknown): Promise<unknown> => {
      if (dead.has(to)) throw new Error(`${to} does not answer`)
      return desks.get(to)?.answer(JSON.parse(JSON.stringify(body)), { peer: name })
    }
    const people = { read: async () => {} }
    const options = { node: name, nodes: NODES, folder: join(folder, name), people, peers: { request }, departure: () => departure, clock }
    desks.set(name, new SiteDesk(options))
  }
  const desk = (name: string): SiteDesk => desks.get(name) as SiteDesk
  const wordOf = async (name: string) => (await readWord(join(folder, name), 'maintenance'))?.because
  return { desk, dead, clock, folder, wordOf }
}

describe('what is told to no node', () => {
  it('is a word for a site that there is not, and the sites that there are are named', async () => {
    const { desk } = await makeDesks()
    expect(await desk('ham-1').say('fre', 'works', { force: true })).toMatchObject({
      ok: false,
      because: 'no node stands in a site "fre"; sites: fra, ham',
      nodes: [],
    })
  })

  it('is what leaves a service without a place, unless it is forced', async () => {
    const { desk, wordOf } = await makeDesks(STRANDED)
    const refused = await desk('ham-1').say('fra', 'works', { force: false })
    expect(refused).toMatchObject({ ok: false, because: 'nobody could take shop over (ham-1: dead)', nodes: [], departure: STRANDED })
    expect(await wordOf('fra-1')).toBeUndefined()
    expect(await desk('ham-1').say('fra', 'works', { force: true })).toMatchObject({ ok: true })
    expect(await wordOf('fra-1')).toBe('site fra: works')
  })
})

describe('a word for a site', () => {
  it('names who could not be told, and stands on the others', async () => {
    const { desk, dead, wordOf } = await makeDesks()
    dead.add('fra-2')
    expect(await desk('fra-1').say('fra', 'works', { force: false })).toMatchObject({
      ok: false,
      because: 'not told: fra-2; say it again',
      nodes: [
        { node: 'fra-1', ok: true },
        { node: 'fra-2', ok: false, because: 'fra-2 does not answer' },
      ],
    })
    expect(await wordOf('fra-1')).toBe('site fra: works')
    dead.clear()
    expect(await desk('fra-1').say('fra', 'works', { force: false })).toMatchObject({ ok: true })
    expect(await wordOf('fra-2')).toBe('site fra: works')
  })

  it('names a node whose disk takes nothing', async () => {
    const { desk, folder } = await makeDesks()
    await writeFile(join(folder, 'fra-2'), 'a file where the folder should be')
    const { ok, nodes } = await desk('ham-1').say('fra', 'works', { force: false })
    expect([ok, nodes[1]]).toMatchObject([false, { node: 'fra-2', ok: false, because: expect.stringMatching(/cannot be written/) }])
  })

  it('reaches no other site, and a node that stands elsewhere by its own file says so', async () => {
    const { desk, wordOf } = await makeDesks()
    await desk('ham-1').say('fra', 'works', { force: false })
    expect([await wordOf('ham-1'), await wordOf('odd-1')]).toEqual([undefined, undefined])
    const body = { site: 'fra', nodes: ['odd-1'], because: 'works' }
    expect(await desk('odd-1').answer(body, { peer: 'ham-1' })).toEqual({
      ok: false,
      because: 'odd-1 stands in no site, and ham-1 spoke of fra',
    })
  })

  it('lifts what was said of the site, and leaves what was said of a node alone', async () => {
    const { desk, folder, wordOf } = await makeDesks()
    await setWord(join(folder, 'fra-2'), 'maintenance', 'broken disk')
    expect((await desk('ham-1').say('fra', 'works', { force: false })).nodes[1]).toMatchObject({
      ok: true,
      because: expect.stringMatching(/by itself: broken disk/),
    })
    expect(await desk('ham-1').say('fra', undefined, { force: false })).toMatchObject({ ok: true, departure: undefined })
    expect([await wordOf('fra-1'), await wordOf('fra-2')]).toEqual([undefined, 'broken disk'])
    expect(await readFile(peopleFile(join(folder, 'fra-2'), 'maintenance'), 'utf8')).toBe('broken disk\n')
  })

  // Two nodes that are emptied at once would otherwise hand over to each other, and every service would move twice.
  it('keeps the others of the site from being handed anything, until they have told so themselves', async () => {
    const { desk, clock } = await makeDesks()
    await desk('ham-1').say('fra', 'works', { force: false })
    expect(desk('fra-1').maintenanceOf('fra-2')).toBe('site fra: works')
    expect([desk('fra-1').maintenanceOf('fra-1'), desk('fra-1').maintenanceOf('ham-1')]).toEqual([undefined, undefined])
    await clock.advance(10_000)
    expect(desk('fra-1').maintenanceOf('fra-2')).toBeUndefined()
    await desk('ham-1').say('fra', 'again', { force: false })
    await desk('ham-1').say('fra', undefined, { force: false })
    expect(desk('fra-1').maintenanceOf('fra-2')).toBeUndefined()
  })
})

it('what cannot be read is refused', async () => {
  for (const body of [undefined, {}, { site: '', nodes: [] }, { site: 'fra', nodes: 'fra-1' }, { site: 'fra', nodes: [], because: ' ' }])
    expect(() => readSiteWord(body)).toThrow(/the peer's word for a site cannot be read/)
  expect(() => readSiteWordAnswer({ ok: 'yes' })).toThrow(/cannot be read/)
  expect(readSiteWord({ site: 'fra', nodes: [], because: 'x', newer: 1 })).toEqual({ site: 'fra', nodes: [], because: 'x' })
})

it.each([
  ['nothing where nothing stands and nothing is wanted', undefined, undefined, { type: 'nothing' }],
  ['a lift where the word of the site stands', undefined, 'site fra: works', { type: 'lift' }],
  ['nothing where another site is meant', undefined, 'site ham: works', { type: 'nothing' }],
  ['a new reason where the word of the site stands', 'more works', 'site fra: works', { type: 'set', text: 'site fra: more works' }],
])('a word means %s', (_what, because, stands, step) => {
  expect(stepFor({ site: 'fra', because }, stands === undefined ? undefined : { since: 1, because: stands })).toMatchObject(step)
})
