import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatOwner, ownerName, parseOwner, readOwner } from './owner.ts'

describe('an owner record', () => {
  it.each([
    '',
    'hotspare',
    'hotspare node=web-1',
    'hotspare node= token=1',
    'hotspare node=web-1 token=-1',
    'hotspare token=1 node=a',
    'hotspare node=a b token=1',
    'hotspare token=9007199254740993',
    ' hotspare token=1',
  ])('is not %j', (text) => expect(parseOwner(text)).toBeUndefined())

  it('stands beside the name that it is for', () => {
    expect(ownerName('www.example.com')).toBe('_hotspare.www.example.com')
    expect(ownerName('*.example.com')).toBe('_hotspare._wildcard.example.com')
  })

  it('is strange where it is more than one, or somebody else has written it', () => {
    expect(readOwner(undefined)).toEqual({ kind: 'none' })
    expect(readOwner({ values: ['v=spf1 -all'] })).toEqual({ kind: 'strange', text: 'v=spf1 -all' })
    expect(readOwner({ values: ['hotspare token=1', 'hotspare token=2'] })).toMatchObject({ kind: 'strange' })
    expect(readOwner({ values: ['hotspare token=7'] })).toEqual({ kind: 'owner', node: undefined, token: 7 })
  })

  it('is read as it was written', () => {
    const node = fc.option(fc.stringMatching(/^[\w.-]{1,63}$/), { nil: undefined })
    fc.assert(
      fc.property(node, fc.maxSafeNat(), (name, token) => {
        expect(parseOwner(formatOwner({ node: name, token }))).toEqual({ node: name, token })
      }),
    )
  })
})
