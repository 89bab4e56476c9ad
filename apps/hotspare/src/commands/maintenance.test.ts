import { describe, expect, it } from 'vitest'
import { startApi } from '../api-server.fixture.ts'
import { contextOf } from './commands.fixture.ts'
import { maintenance } from './maintenance.ts'

const rest = { config: '/nowhere/hotspare.yaml', token: undefined }

describe('hotspare maintenance', () => {
  it.each([
    ['a pool without a word', ['shop', undefined], {}, /"shop" is none of set, lift and show; of a pool, say on or off/],
    ['another word', ['shop', 'maybe'], {}, /not "maybe"/],
    ['a time for a node', ['set', undefined], { for: '30m' }, /--for belongs to a pool/],
    ['a time that is none', ['shop', 'on'], { for: 'ever' }, /--for: .*"ever" cannot be read/],
    ['a pool that is not there', ['shpo', 'on'], {}, /there is no pool "shpo": pools: shop, mail/],
    ['an end of what the file says', ['mail', 'off'], {}, /the file says so/],
  ] as const)('refuses %s', async (_what, [what, state], options, message) => {
    const { url } = await startApi()
    await expect(maintenance(what, state, { ...rest, ...options, url }, contextOf())).rejects.toThrow(message)
  })

  it('says of a pool that people work on it, for how long and why, and that they do not any more', async () => {
    const { url, backend } = await startApi()
    const context = contextOf()
    expect(await maintenance('shop', 'on', { ...rest, url, for: '30m', because: 'new shelves' }, context)).toBe(0)
    expect(await maintenance('shop', 'on', { ...rest, url, json: true }, context)).toBe(0)
    expect(await maintenance('shop', 'off', { ...rest, url, for: '30m' }, context)).toBe(0)
    expect(backend.calls).toEqual([
      'maintenance shop new shelves 1800000',
      'maintenance shop said through the API undefined',
      'maintenance shop off',
    ])
    const [first, ...others] = context.out().trim().split('\n')
    expect(first).toBe('pool shop is in maintenance, until it is taken back: new shelves')
    expect(JSON.parse(others.slice(0, -1).join(''))).toMatchObject({ pool: 'shop', maintenance: { because: 'said through the API' } })
    expect(others.at(-1)).toBe('pool shop is not in maintenance')
  })
})
