import { HotspareError } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../config/problem.ts'
import { clientFor, exitCodeOf, failureText, untilAsked } from './context.ts'

describe('a URL of a daemon', () => {
  it.each([
    '',
    'localhost',
    'localhost:7400',
    '127.0.0.1:7400',
    'ftp://localhost:7400',
    'http:/',
    'http://',
    'http://local host',
    'http://127.0.0.1:99999',
    'javascript:1',
    '/tmp/socket',
  ])('"%s" is none, and the error shows one', (url) => {
    const client = () => clientFor({ url })
    expect(client).toThrow(HotspareError)
    expect(client).toThrow(`--url: "${url}" is no URL; write it like http://127.0.0.1:7400`)
  })

  it.each(['http://127.0.0.1:7400', 'https://hotspare.example.com', 'http://[::1]:7400/', 'http://127.0.0.1:7400/behind/a/proxy'])(
    '"%s" is one',
    (url) => {
      expect(clientFor({ url, token: 'x' })).toHaveProperty('status')
    },
  )
})

const error = (code: `HOTSPARE_${string}`) => new HotspareError({ code, message: 'x' })

describe('the exit code', () => {
  it.each([
    ['a configuration that is wrong', new ConfigError('h.yaml', [{ line: 1, column: 1, path: '', message: 'x' }]), 2],
    ['a URL that is none', error('HOTSPARE_APP_USAGE'), 2],
    ['a port of the API in use', error('HOTSPARE_APP_LISTEN'), 2],
    ['a port of a proxy in use', error('HOTSPARE_PROXY_LISTEN'), 2],
    ['a channel that cannot work', error('HOTSPARE_ALERT_OPTIONS'), 2],
    ['a token that no header can carry', error('HOTSPARE_API_OPTIONS'), 2],
    ['a probe that cannot work', error('HOTSPARE_HEALTH_OPTIONS'), 2],
    ['a daemon that does not answer', error('HOTSPARE_API_UNREACHABLE'), 1],
    ['a daemon that says no', error('HOTSPARE_API_REFUSED'), 1],
    ['a time that ran out', error('HOTSPARE_CORE_TIMEOUT'), 1],
    ['a fault of our own', new TypeError('x is not a function'), 1],
    ['what is no error', 'SIGINT', 1],
    ['what only looks like one of ours', Object.assign(new Error('x'), { code: 'HOTSPARE_APP_USAGE' }), 1],
  ])('for %s', (_what, thrown, expected) => {
    expect(exitCodeOf(thrown)).toBe(expected)
  })
})

it('failureText says where to find a daemon that does not answer, and nothing more of anything else', () => {
  expect(failureText(error('HOTSPARE_API_UNREACHABLE'))).toContain('--url or HOTSPARE_URL')
  expect(failureText(error('HOTSPARE_API_REFUSED'))).not.toContain('--url')
})

it('untilAsked does not wait for a signal that came while something was starting, and waits for one that has not', async () => {
  await untilAsked(AbortSignal.abort())
  const asked = new AbortController()
  let ended = false
  const waiting = untilAsked(asked.signal).then(() => (ended = true))
  await Promise.resolve()
  expect(ended).toBe(false)
  asked.abort()
  await waiting
  expect(ended).toBe(true)
})
