import { isIPv4, SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prefixHash } from './client-prefix.ts'

const SEED = 7

/** The groups of an address, the slow way: by the parser of URLs. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const parts = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [before, after] = [parts(head), parts(tail ?? '')]
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

describe('prefixHash', () => {
  it.each([
    ['192.0.2.1', '192.0.2.254'],
    ['::ffff:192.0.2.1', '192.0.2.9'],
    ['2001:db8::1', '2001:db8:0:ff::9'],
    ['2001:db8:1:2f00::', '2001:db8:1:2fff:1:2:3:4'],
    ['::1', '::2'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
  ])('%s and %s are in one network', (one, other) => {
    expect(prefixHash(one, SEED)).toBe(prefixHash(other, SEED))
  })

  it.each([
    ['192.0.2.1', '192.0.3.1'],
    ['1.92.0.2', '19.2.0.2'],
    ['2001:db8:0:100::1', '2001:db8:0:200::1'],
    ['2001:db8::1', '2001:db9::1'],
    ['::1', '1::'],
  ])('%s and %s are in two', (one, other) => {
    expect(prefixHash(one, SEED)).not.toBe(prefixHash(other, SEED))
  })

  it('depends on the seed', () => {
    expect(prefixHash('192.0.2.1', 1)).not.toBe(prefixHash('192.0.2.1', 2))
  })

  it('reads every address as the kernel writes it', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        const [first, second] = [one, other].map((address) => new SocketAddress({ address, family: 'ipv6' }).address) as [string, string]
        if (isIPv4(first.split(':').at(-1) ?? '') || isIPv4(second.split(':').at(-1) ?? '')) return
        const network = (address: string) =>
          groupsOf(address)
            .slice(0, 4)
            .map((group, index) => (index === 3 ? group & 0xff00 : group))
            .join()
        expect(prefixHash(first, SEED) === prefixHash(second, SEED)).toBe(network(first) === network(second))
        // The last 72 bits make no difference.
        const groups = groupsOf(first).map((group, index) => (index > 3 ? group ^ 0x5a5a : group))
        const neighbour = new SocketAddress({ address: groups.map((group) => group.toString(16)).join(':'), family: 'ipv6' }).address
        expect(neighbour.includes('.') || prefixHash(neighbour, SEED) === prefixHash(first, SEED)).toBe(true)
      }),
    )
  })
})
