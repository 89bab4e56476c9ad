import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { problemOfRedirect, type Redirect, redirectAnswer } from '../routes.ts'

const location = (redirect: Redirect, host: string, path: string) =>
  redirectAnswer(redirect, { method: 'GET', headers: {}, host, path }).answer.headers?.['location']

it.each([
  ['//evil.example', 'one slash'],
  [String.raw`/\evil.example`, 'no backslash'],
  ['evil.example', 'http:// or https://'],
  ['javascript:alert(1)', 'http:// or https://'],
  ['https://', 'and a host'],
  ['https://user@evil.example', 'and a host'],
  ['https://a.example/x y', 'no spaces'],
  ['https://a.example/\r\nset-cookie: a', 'no spaces'],
  ['https://bücher.example', 'ASCII'],
])('an address like %j is refused', (to, message) => expect(problemOfRedirect({ to })).toContain(message))

it('a path cannot follow a query', () => {
  expect(problemOfRedirect({ to: 'https://a.example/?x=', keepPath: true })).toContain('query')
  expect(problemOfRedirect({ to: 'https://a.example/?x=' })).toBeUndefined()
})

describe('a redirect to https', () => {
  it('is a 400 where there is no host to go to', () => {
    expect(redirectAnswer({ https: {} }, { method: 'GET', headers: {}, host: '', path: '/' }).answer.status).toBe(400)
  })

  it.each([
    [{}, 'shop.example:8080', '/a?b=c', 'https://shop.example/a?b=c'],
    [{ port: 8_443 }, '[::1]:8080', '/', 'https://[::1]:8443/'],
    [{ port: 443 }, '[::1]', '/', 'https://[::1]/'],
  ])('keeps host, path and query: %j %s%s', (https, host, path, expected) => expect(location({ https }, host, path)).toBe(expected))
})

it('goes where the file says, with the path behind it or without', () => {
  expect(location({ to: '/new' }, 'a', '/old?x')).toBe('/new')
  expect(location({ to: 'https://new.example/base/', keepPath: true }, 'a', '/old?x')).toBe('https://new.example/base/old?x')
  expect(redirectAnswer({ to: '/new', status: 302 }, { method: 'GET', headers: {} }).answer.status).toBe(302)
})

it('never leads to a host that a path has made up', () => {
  const path = fc.array(fc.constantFrom('/', '\\', '@', 'evil.example', ':', '.', '?', '#', '%2f')).map((pieces) => `/${pieces.join('')}`)
  fc.assert(
    fc.property(path, (written) => {
      const hosts = [
        { https: {} },
        { to: 'https://good.example', keepPath: true },
        { to: '/', keepPath: true },
        { to: '/base', keepPath: true },
      ].map((redirect) => new URL(location(redirect, 'good.example', written) as string, 'https://good.example/').hostname)
      expect(new Set(hosts)).toEqual(new Set(['good.example']))
    }),
    { numRuns: 2_000 },
  )
})
