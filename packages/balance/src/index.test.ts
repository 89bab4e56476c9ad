import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import * as balance from './index.ts'

/** Loads the sources as Node does, and fails at the first module that is neither a neighbour nor core. */
const loadAlone = `
  import { registerHooks } from 'node:module'
  registerHooks({ resolve(specifier, context, next) {
    const known = specifier.startsWith('.') || specifier.startsWith('file:') || specifier === '@hotspare/core'
    if (!known) throw new Error('imports ' + specifier + ' in ' + context.parentURL)
    return next(specifier, context)
  } })
  for (const name of ['process', 'Buffer', 'setImmediate', 'setTimeout', 'setInterval', 'global']) delete globalThis[name]
  const { createPool, leastRequest } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
  const pool = createPool({ targets: [{ id: 'a' }, { id: 'b' }], algorithm: leastRequest() })
  pool.setState('b', 'up')
  console.log(pool.pick().target.id)`

test('the package loads with core alone and picks without the globals and timers of Node: it runs in a browser', async () => {
  const run = promisify(execFile)(process.execPath, ['--conditions=@hotspare/source', '--input-type=module', '--eval', loadAlone], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  expect((await run).stdout).toBe('b\n')
})

test('the package gives exactly these values to others', () => {
  expect(Object.keys(balance).toSorted()).toEqual([
    'MAX_WEIGHT',
    'boundedLoad',
    'boundedLoadSlots',
    'createPeakAverage',
    'createPool',
    'createQueue',
    'edf',
    'envoyRing',
    'firstAvailable',
    'jump',
    'jumpHash',
    'ketamaHash',
    'ketamaRing',
    'keyedDefaults',
    'leastRequest',
    'maglev',
    'maglevTable',
    'peakEwma',
    'poolDefaults',
    'priorityLoads',
    'random',
    'rendezvous',
    'rendezvousRank',
    'requestKey',
    'ringHash',
    'ringLookup',
    'roundRobin',
    'slowStartWeight',
    'smoothWeightedRoundRobin',
    'subset',
    'successRateThreshold',
    'xxh64',
  ])
})
