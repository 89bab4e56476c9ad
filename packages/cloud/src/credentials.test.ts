import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedHeader, Granted, grantedBearer, readGrantedToken } from './credentials.ts'
import { CloudError } from './errors.ts'

const never = new AbortController().signal
const url = new URL('http://127.0.0.1/')
const request = { method: 'GET', path: '/', url } as const

describe('Granted', () => {
  it('asks once for all who need it at the same time, and again shortly before its end', async () => {
    const clock = new TestClock()
    let asked = 0
    const granted = new Granted(async () => ({ value: ++asked, lastsMs: 3_600_000 }), clock)
    expect(await Promise.all([granted.get(never), granted.get(never)])).toEqual([1, 1])
    await clock.advance(3_539_999)
    expect(await granted.get(never)).toBe(1)
    await clock.advance(1)
    expect(await granted.get(never)).toBe(2)
  })

  it('is asked for by the next where the first has given up', async () => {
    const giveUp = new AbortController()
    let asked = 0
    const grant = (signal: AbortSignal) => {
      asked += 1
      if (asked > 1) return Promise.resolve({ value: 'token', lastsMs: 60_000 })
      return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
    }
    const granted = new Granted(grant, new TestClock())
    const first = granted.get(giveUp.signal)
    const second = granted.get(never)
    giveUp.abort()
    await expect(first).rejects.toThrow('given up')
    expect(await second).toBe('token')
  })

  it('is not kept where it has failed', async () => {
    let asked = 0
    const grant = async () => {
      if (++asked === 1) throw new Error('no')
      return { value: 'token', lastsMs: 60_000 }
    }
    const granted = new Granted(grant, new TestClock())
    await expect(granted.get(never)).rejects.toThrow('no')
    expect(await granted.get(never)).toBe('token')
  })
})

describe('grantedBearer', () => {
  it('forgets a token that was not believed, and not one that has come since', async () => {
    let asked = 0
    const bearer = grantedBearer(async () => ({ token: `t${++asked}`, lastsMs: 3_600_000 }), new TestClock(), ['key'])
    const first = await bearer.headers(request, never)
    expect(first).toEqual({ authorization: 'Bearer t1' })
    expect(bearer.forget?.(first)).toBe(true)
    expect(await bearer.headers(request, never)).toEqual({ authorization: 'Bearer t2' })
    bearer.forget?.(first)
    expect(await bearer.headers(request, never)).toEqual({ authorization: 'Bearer t2' })
    expect(bearer.secrets()).toEqual(['t2', 'key'])
  })
})

describe('fixedHeader', () => {
  it('hides what is secret of it, and not the word before', async () => {
    const token = fixedHeader('authorization', 'Token abc', 'abc')
    expect(await token.headers(request, never)).toEqual({ authorization: 'Token abc' })
    expect(token.secrets()).toEqual(['abc'])
  })
})

describe('readGrantedToken', () => {
  it.each([
    [200, '{"access_token":"x","expires_in":0}', 'unavailable'],
    [200, '<html>', 'unavailable'],
    [429, '{}', 'unavailable'],
    [503, '', 'unavailable'],
    [400, '{"error":"invalid_grant"}', 'credentials'],
    [401, '{"error":"invalid_client"}', 'credentials'],
  ])('takes %i %s for "%s"', (status, text, fault) => {
    expect(() => readGrantedToken('who', { status, text })).toThrow(expect.objectContaining({ fault }))
  })

  it('makes a token or an error of any answer', () => {
    fc.assert(
      fc.property(fc.constantFrom(200, 400, 500), fc.json(), (status, text) => {
        const came = whatCameOf(() => readGrantedToken('who', { status, text }).lastsMs)
        expect(came instanceof CloudError || Number(came) > 0).toBe(true)
      }),
    )
  })
})

function whatCameOf(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}
