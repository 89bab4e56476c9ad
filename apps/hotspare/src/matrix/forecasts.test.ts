import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureId } from './failure.ts'
import type { Forecast } from './forecast.ts'
import { forecastsOf } from './forecasts.ts'
import { configOf, fileOf, type Reference, references } from './reference.fixture.ts'

const NONE = '{ type: none, acceptSplitBrain: true }'

async function forecasts(reference: Reference): Promise<ReadonlyMap<string, Forecast>> {
  const config = await configOf(fileOf(reference))
  return new Map(forecastsOf(config).map((each) => [failureId(each.failure), each]))
}

/** In a word each: who has it then, the outage in milliseconds, and two holders. */
function short({ movesTo, outage, twoHolders }: Forecast): string {
  const out = outage.type === 'bounded' ? `${Math.round(outage.atMostMs)}` : outage.type === 'none' ? '0' : `until ${outage.until}`
  const two = twoHolders.type === 'bounded' ? `${Math.round(twoHolders.atMostMs)}` : twoHolders.type
  return `${movesTo.join(' or ') || 'stays'}, ${out}, ${two}`
}

async function shortOf(reference: Reference, ids: readonly string[]): Promise<readonly string[]> {
  const all = await forecasts(reference)
  return ids.map((id) => {
    const found = all.get(id)
    return found ? `${id}: ${short(found)}` : `${id}: missing`
  })
}

const ofActive = [
  'power',
  'freeze',
  'guard-stopped',
  'guard-killed',
  'hotspare-dead',
  'control-killed',
  'arbiter-cut',
  'peers-cut',
  'isolated',
  'disk-stuck',
]

describe('what a failure of the active member does', () => {
  it('to a release service: it is never held twice, but for a kernel that stood still', async () => {
    const lines = await shortOf({ onControlLoss: 'release' }, [
      ...ofActive.map((kind) => `${kind} web-1`),
      'service-dead shop web-1',
      'arbiter-dead',
      'link-cut web-1 web-2',
    ])
    expect(lines).toEqual([
      'power web-1: web-2, 3409, never',
      'freeze web-1: web-2, 3409, 1748',
      'guard-stopped web-1: web-2, 2554, never',
      'guard-killed web-1: web-2 or web-1, 3409, never',
      'hotspare-dead web-1: web-2, 2554, never',
      'control-killed web-1: stays, 0, never',
      'arbiter-cut web-1: web-2, 2554, never',
      'peers-cut web-1: web-2, 2554, never',
      'isolated web-1: web-2, 3409, never',
      'disk-stuck web-1: stays, 0, never',
      'service-dead shop web-1: web-2, 666, never',
      'arbiter-dead: stays, until the arbiter answers again, never',
      'link-cut web-1 web-2: stays, 0, never',
    ])
  })

  it('to a keep service: it serves on without Hotspare, and a cut from all but clients makes two holders', async () => {
    const lines = await shortOf({}, [
      ...ofActive.map((kind) => `${kind} web-1`),
      'service-dead shop web-1',
      'arbiter-dead',
      'link-cut web-1 web-2',
    ])
    expect(lines.map((line) => line.replace(/, \d{4}$/, ', for a while'))).toEqual([
      'power web-1: web-2, 3409, never',
      'freeze web-1: web-2, 3409, for a while',
      'guard-stopped web-1: stays, 0, never',
      'guard-killed web-1: stays, 0, never',
      'hotspare-dead web-1: stays, 0, never',
      'control-killed web-1: stays, 0, never',
      'arbiter-cut web-1: stays, 0, never',
      'peers-cut web-1: web-2, 0, until-mended',
      'isolated web-1: web-2, 3409, for a while',
      'disk-stuck web-1: stays, 0, never',
      'service-dead shop web-1: web-2, 666, never',
      'arbiter-dead: stays, 0, never',
      'link-cut web-1 web-2: stays, 0, never',
    ])
  })

  it('without an arbiter: silence is death, and a cut makes two holders where the standby goes deaf', async () => {
    const lines = await shortOf({ arbiter: NONE }, [
      'power web-1',
      'link-cut web-1 web-2',
      'one-way-cut web-1 > web-2',
      'one-way-cut web-2 > web-1',
    ])
    expect(lines).toEqual([
      'power web-1: web-2, 1991, never',
      'link-cut web-1 web-2: stays, 0, until-mended',
      'one-way-cut web-1 > web-2: stays, 0, until-mended',
      'one-way-cut web-2 > web-1: stays, 0, never',
    ])
  })

  it('goes to the next member of three, and leaves a spare', async () => {
    const all = await forecasts({ members: ['a', 'b', 'c'] })
    expect(all.get('power a')).toMatchObject({ movesTo: ['b', 'c'], people: 'bring a back' })
    expect(all.get('link-cut b c')).toMatchObject({ role: 'standby-link', movesTo: [], twoHolders: { type: 'never' } })
  })

  it('lasts until the node is back where there is no other member', async () => {
    expect((await forecasts({ members: ['web-1'] })).get('power web-1')?.outage).toMatchObject({ type: 'until', until: 'web-1 is back' })
  })
})

describe('what a failure of a standby does', () => {
  it.each(Object.keys(references))('with %s: nothing for clients, and a second holder only where nobody is asked', async (name) => {
    for (const each of (await forecasts(references[name] ?? {})).values()) {
      if (each.role !== 'standby') continue
      const isAlone = name.includes('no arbiter') && ['isolated', 'peers-cut'].includes(each.failure.kind)
      expect(short(each)).toMatch(isAlone ? /^stays, 0, (\d+|until-mended)$/ : /^stays, 0, never$/)
      expect(each.people).not.toBe('')
    }
  })
})

describe('a bound', () => {
  it('is what its formula says', async () => {
    const ms = (text: string) => (text.endsWith('ms') ? Number.parseFloat(text) : Number.parseFloat(text) * 1_000)
    const evaluate = (formula: string) => {
      const sums = formula
        .replaceAll(/[a-zA-Z][a-zA-Z ]* (?=\d)/g, '')
        .replaceAll(/(\d+(?:\.\d+)?)(ms|s)\b/g, (_, number: string, unit: string) => String(ms(`${number}${unit}`)))
      expect(sums).toMatch(/^[\d\s.()+*/-]+$/)
      return Number(runInNewContext(sums))
    }
    for (const name of Object.keys(references)) {
      for (const { outage, twoHolders, noticed } of (await forecasts(references[name] ?? {})).values()) {
        const bounds = [outage, twoHolders, noticed].flatMap((each) =>
          each && 'formula' in each && each.formula !== 'its connection is reset' ? [each] : [],
        )
        for (const { atMostMs, formula } of bounds) expect(Math.abs(evaluate(formula) - atMostMs) / atMostMs).toBeLessThan(0.002)
      }
    }
  })

  it('grows with each time that it comes from, and is never nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 250, max: 60_000 }), fc.constantFrom('keep', 'release'), async (ttlMs, onControlLoss) => {
        const at = async (ttl: number) => {
          const arbiter = `{ type: etcd, endpoints: [http://10.0.0.5:2379], ttl: ${ttl}ms }`
          const { outage } = (await forecasts({ onControlLoss, arbiter })).get('power web-1') ?? {}
          return outage?.type === 'bounded' ? outage.atMostMs : Number.NaN
        }
        const [shorter, longer] = [await at(ttlMs), await at(ttlMs + 100)]
        expect(shorter).toBeGreaterThan(ttlMs)
        expect(longer).toBeGreaterThanOrEqual(shorter)
      }),
      { numRuns: 20 },
    )
  })
})
