import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as core from './index.ts'

const folder = new URL('.', import.meta.url)
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
)

test.each(sources)('%s imports nothing but its neighbours: no dependency, no I/O, no module of Node', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const imported = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier)
  expect(imported.filter((specifier) => !specifier?.startsWith('.'))).toEqual([])
})

test('the package gives exactly these values to others', () => {
  expect(Object.keys(core).toSorted()).toEqual([
    'BoundedHistory',
    'Emitter',
    'HotspareError',
    'RetryBudget',
    'assertNever',
    'backoffMs',
    'errorCode',
    'errorText',
    'formatDuration',
    'parseDuration',
    'retry',
    'seededRandom',
    'silentLogger',
    'sleep',
    'systemClock',
    'systemRandom',
    'timeoutError',
    'withDeadline',
  ])
})
