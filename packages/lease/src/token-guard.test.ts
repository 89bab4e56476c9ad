import { describe, expect, it } from 'vitest'
import { tokenGuard } from './token-guard.ts'

describe('tokenGuard', () => {
  it.each([0, -1, 1.5, Number.NaN, 2 ** 53, '34' as unknown as number])('refuses %s, which is no token, loudly', (token) => {
    expect(() => tokenGuard().admits(token)).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS' }))
  })
  it('refuses 33 once 34 was there, and admits 34 again', () => {
    const guard = tokenGuard()
    expect([33, 34, 33, 34].map((token) => guard.admits(token))).toEqual([true, true, false, true])
    expect(guard.highest).toBe(34)
  })
  it('starts from what was kept', () => {
    expect(tokenGuard(34).admits(33)).toBe(false)
    expect(() => tokenGuard(-1)).toThrow('no token')
  })
})
