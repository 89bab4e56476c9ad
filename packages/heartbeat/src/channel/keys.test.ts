import { describe, expect, it } from 'vitest'
import { derivePairKeys } from './keys.ts'

const first = { id: 1, secret: 'correct-horse-battery-staple-0001' }
const second = { id: 2, secret: 'correct-horse-battery-staple-0002' }
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

describe('the keys of a pair of nodes', () => {
  it('are unknown for a node that is not configured, for another key id, and for our own dialling reflected to us', () => {
    const keys = derivePairKeys('a', ['b'], [first])
    expect(() => keys.toDial('c')).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER' }))
    expect(keys.toAccept('hotspare-1/2/b/a')).toBeUndefined()
    expect(keys.toAccept('hotspare-1/1/c/a')).toBeUndefined()
    expect(keys.toAccept(keys.toDial('b').identity)).toBeUndefined()
    expect(keys.toAccept('__proto__')).toBeUndefined()
  })

  it('are another one for each direction, each pair and each secret', () => {
    const ab = derivePairKeys('a', ['b', 'c'], [first, second])
    const all = [ab.toDial('b'), ab.toDial('c'), ...['1/b/a', '2/b/a', '1/c/a', '2/c/a'].map((rest) => ab.toAccept(`hotspare-1/${rest}`))]
    expect(new Set(all.map((each) => hex(each?.key))).size).toBe(6)
  })

  it('are the same on both sides', () => {
    const dialled = derivePairKeys('a', ['b'], [first]).toDial('b')
    const accepted = derivePairKeys('b', ['a'], [second, first]).toAccept(dialled.identity)
    expect(hex(accepted?.key)).toBe(hex(dialled.key))
    expect(accepted).toMatchObject({ keyId: 1, peer: 'a' })
  })

  it('of a secret that was taken away, or replaced under its id, are not among those that are left', () => {
    const [dialled, accepted] = [derivePairKeys('a', ['b'], [first]).toDial('b'), derivePairKeys('b', ['a'], [first]).toDial('a')]
    const included = (secrets: (typeof first)[]) => [dialled, accepted].map((key) => derivePairKeys('a', ['b'], secrets).includes(key))
    expect(included([second, first])).toEqual([true, true])
    expect(included([second])).toEqual([false, false])
    expect(included([{ ...second, id: first.id }])).toEqual([false, false])
  })

  it('dial with the first secret', () => {
    expect(derivePairKeys('a', ['b'], [second, first]).toDial('b').identity).toBe('hotspare-1/2/a/b')
  })

  it('are what they were: nodes of different versions must derive the same (computed apart, by RFC 5869)', () => {
    expect(hex(derivePairKeys('a', ['b'], [first]).toDial('b').key)).toBe(
      '72abc71c19103b20fbb1c03ff01f55831d2700d4f3e3bdb9fd05b63fb43d96d4',
    )
  })

  it('stay within the 128 bytes that every TLS accepts as an identity, or OpenSSL 3 with the longest names', () => {
    const [one, other] = ['n'.repeat(63), 'm'.repeat(63)]
    expect(derivePairKeys('web-1', ['web-2'], [first]).toDial('web-2').identity.length).toBeLessThan(128)
    expect(derivePairKeys(one, [other], [{ ...first, id: 255 }]).toDial(other).identity.length).toBeLessThan(256)
  })
})
