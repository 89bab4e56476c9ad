import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import * as core from './index.ts'

/** Loads the sources as Node does, and fails at the first module that is not one of their neighbours. */
const loadAlone = `
  import { registerHooks } from 'node:module'
  registerHooks({ resolve(specifier, context, next) {
    if (!specifier.startsWith('.') && !specifier.startsWith('file:')) throw new Error('imports ' + specifier + ' in ' + context.parentURL)
    return next(specifier, context)
  } })
  for (const name of ['process', 'Buffer', 'setImmediate', 'global']) delete globalThis[name]
  const { parseDuration, withDeadline, RetryBudget } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
  new RetryBudget().recordRequest()
  console.log(await withDeadline('demo', parseDuration('10s'), async () => 'alone'))`

test('the package loads with no dependency and no module of Node, and works without the globals of Node', async () => {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', loadAlone], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  expect((await run).stdout).toBe('alone\n')
})

test('the package gives exactly these values to others', () => {
  expect(Object.keys(core).toSorted()).toEqual([
    'BoundedHistory',
    'Emitter',
    'HotspareError',
    'LONGEST_DELAY_MS',
    'RetryBudget',
    'abortReason',
    'assertNever',
    'backoffMs',
    'beginSilenceWatch',
    'clipDetail',
    'errorCode',
    'errorText',
    'formatDuration',
    'lookForSilence',
    'networkFault',
    'optionsError',
    'parseDuration',
    'parseRetryAfter',
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
