import { describe, expect, it } from 'vitest'
import { tokenGuard } from './token-guard.ts'

describe('tokenGuard', () => {
  it.each([0, -1, 1.5, Number.NaN, 2 ** 53, '34' as unknown as number])('refuses %s, which is no token, loudly', (token) => {
    expect(() => tokenGuard()(token)).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS' }))
  })
  it('refuses 33 once 34 was there, and admits 34 again', () => {
    const guard = tokenGuard()
    expect(guard(33)).toEqual({ admitted: true })
    expect(guard(34)).toEqual({ admitted: true })
    expect(guard(33)).toEqual({ admitted: false, highest: 34, because: 'token 33 is older than 34' })
    expect(guard(34)).toEqual({ admitted: true })
  })
  it('starts from what was kept', () => {
    expect(tokenGuard(34)(33).admitted).toBe(false)
  })
})
