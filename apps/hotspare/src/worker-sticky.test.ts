import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { StickyConfig } from './config/config.ts'
import { createSticky } from './worker-sticky.ts'

const OLD = 'the-secret-of-last-year-is-long-enough'
const NEW = 'the-secret-of-this-year-is-long-enough'
const config: StickyConfig = { cookie: 'at', secrets: [OLD], maxAgeSeconds: 60, secure: true, sameSite: 'lax', path: '/' }

const sticky = (changes: Partial<StickyConfig> = {}, pool = 'shop', clock = new TestClock()) =>
  createSticky({ ...config, ...changes }, pool, clock)
/** What a browser sends back. */
const cookieOf = (setCookie: string): string => setCookie.split(';')[0] ?? ''
const asked = (cookie?: string) => ({ headers: { cookie } })

describe('a client that stays', () => {
  it.each([
    ['no cookie', undefined],
    ['another cookie', 'session=7'],
    ['an empty cookie', 'at='],
    ['a cookie that nobody has signed', 'at=9999999999.c2hvcC9h.AAAAAAAAAAAAAAAAAAAAAA'],
    ['a cookie that is far too long', `at=${'x'.repeat(100_000)}`],
  ])('is not known with %s', (_what, cookie) => {
    expect(sticky().targetOf(asked(cookie))).toBeUndefined()
  })

  it('is not known by a cookie of another pool, of another secret, or one that is too old', async () => {
    const clock = new TestClock()
    const cookie = cookieOf(sticky({}, 'shop', clock).cookieFor('shop/a'))
    expect(sticky({}, 'mail', clock).targetOf(asked(cookie))).toBeUndefined()
    expect(sticky({ secrets: [NEW] }, 'shop', clock).targetOf(asked(cookie))).toBeUndefined()
    expect(sticky({ cookie: 'other' }, 'shop', clock).targetOf(asked(cookie))).toBeUndefined()
    const known = sticky({}, 'shop', clock)
    expect(known.targetOf(asked(cookie))).toBe('shop/a')
    await clock.advance(60_000)
    expect(known.targetOf(asked(cookie))).toBeUndefined()
  })

  it('is known after a restart, and while a secret is replaced by another', () => {
    const clock = new TestClock()
    const cookie = cookieOf(sticky({}, 'shop', clock).cookieFor('shop/10.0.0.1:80'))
    expect(sticky({}, 'shop', clock).targetOf(asked(`a=1; ${cookie}; b=2`))).toBe('shop/10.0.0.1:80')
    const both = sticky({ secrets: [NEW, OLD] }, 'shop', clock)
    expect(both.targetOf(asked(cookie))).toBe('shop/10.0.0.1:80')
    expect(sticky({ secrets: [NEW] }, 'shop', clock).targetOf(asked(cookieOf(both.cookieFor('shop/a'))))).toBe('shop/a')
  })

  it('gets a cookie with what the file says, and without any secret', () => {
    expect(sticky().cookieFor('shop/a')).toMatch(/^at=[\w.-]+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure$/)
    expect(sticky({ sameSite: 'strict', secure: false, path: '/shop' }).cookieFor('shop/a')).toMatch(
      /^at=[\w.-]+; Path=\/shop; Max-Age=60; HttpOnly; SameSite=Strict$/,
    )
    expect(sticky({ sameSite: 'none' }).cookieFor('shop/a')).toMatch(/SameSite=None; Secure$/)
    expect(sticky().cookieFor('shop/a')).not.toContain(OLD)
  })
})
