import { expect, test } from 'vitest'
import { HotspareError } from './errors.ts'
import { optionsError } from './options-error.ts'

const code = 'HOTSPARE_TEST_OPTIONS'
const message = (who: string, ...issues: [PropertyKey[], string][]) =>
  optionsError({ code, who, issues: issues.map(([path, text]) => ({ path, message: text })) }).message

test('it is a HotspareError with the code of the package, and no retry helps', () => {
  const error = optionsError({ code, who: 'pool', issues: [] })
  expect(HotspareError.is(error)).toBe(true)
  expect(error).toMatchObject({ code, retryable: false, message: 'pool: the options are not valid' })
})

test('each wrong option is named with its path, and what is wrong with the whole stands alone', () => {
  expect(message('alerter', [['channels', 0], 'expected a channel'], [[], 'unknown option'], [[Symbol('x')], 'no'])).toBe(
    'alerter: channels.0: expected a channel; unknown option; Symbol(x): no',
  )
})

test('five problems are shown and the rest is counted', () => {
  const issues = Array.from({ length: 7 }, (_, index): [PropertyKey[], string] => [[`k${index}`], 'bad'])
  expect(message('pool', ...issues)).toBe('pool: k0: bad; k1: bad; k2: bad; k3: bad; k4: bad; and 2 more')
})

test('the message stays one short line, whatever the keys are', () => {
  const long = message('pool', [['a\nb'.repeat(5_000)], 'bad\r\n'])
  expect(long).toHaveLength(600)
  expect(long).not.toMatch(/\n/)
})

test('of several complaints about one option the first is told', () => {
  const issues = [
    { path: ['endpoints'], message: 'expected array, received string' },
    { path: ['endpoints'], message: 'expected at most 16 characters' },
    { path: [], message: 'one' },
    { path: [], message: 'another' },
  ]
  expect(optionsError({ code: 'HOTSPARE_X', who: 'etcd', issues }).message).toBe(
    'etcd: endpoints: expected array, received string; one; another',
  )
})
