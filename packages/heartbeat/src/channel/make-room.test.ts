import { describe, expect, it } from 'vitest'
import { makeRoom, networkOf } from './make-room.ts'

const from = (network: string, named = false) => ({ network, named })
const none = () => 0

describe('the place that a newcomer takes', () => {
  it('is the oldest one of the network that holds most', () => {
    const [quiet, first, second] = [from('10.0.0.1'), from('10.0.0.2'), from('10.0.0.2')]
    expect(makeRoom([quiet, first, second], none)).toBe(first)
    expect(makeRoom([first, quiet], none)).toBe(first)
    expect(makeRoom([], none)).toBeUndefined()
  })

  it('is not the one of a peer when a flood comes from many addresses', () => {
    const flood = Array.from({ length: 8 }, (_, index) => from(`192.0.2.${index}`))
    expect(makeRoom([from('10.0.0.1'), ...flood], (network) => (network === '10.0.0.1' ? 4 : 0))).toBe(flood[0])
  })

  it('is one of a peer’s machine when that floods us: it may not keep out the others', () => {
    const flood = Array.from({ length: 8 }, () => from('10.0.0.1'))
    expect(makeRoom([from('192.0.2.1'), ...flood], (network) => (network === '10.0.0.1' ? 4 : 0))).toBe(flood[0])
  })

  it('is one of who has named a key only when nobody else is left, also from the address of the flood', () => {
    const [named, nameless] = [from('10.0.0.1', true), from('10.0.0.1')]
    expect(makeRoom([named, nameless], none)).toBe(nameless)
    expect(makeRoom([named], none)).toBe(named)
  })
})

describe('the network of an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8::6', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['unknown', 'unknown:0:0:0'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
