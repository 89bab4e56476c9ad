import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseVirtualAddress } from '../address.ts'
import { ADDRESS_PROTOCOL } from '../driver.ts'
import { gateBatch } from './gate-messages.ts'
import {
  attribute,
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  errnoOf,
  joined,
  nested,
  textAttribute,
  textOf,
  wordAt,
} from './message.ts'
import { deleteAddressBody, newAddressBody, parseAddress, parseLink } from './route-messages.ts'

const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength })

describe('netlink messages', () => {
  it('come back as they went in, several in one piece', () => {
    const message = fc.record({ type: fc.nat(0xffff), flags: fc.nat(0xffff), sequence: fc.nat(), body: bytesUpTo(40) })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        expect(decodeMessages(joined(messages.map(encodeMessage)))).toEqual(messages)
      }),
    )
  })

  it('that are cut off or make no sense are left out, and end', () => {
    fc.assert(
      fc.property(
        bytesUpTo(200),
        (bytes) => void [decodeMessages(bytes), decodeAttributes(bytes), parseAddress(bytes), parseLink(bytes), errnoOf(bytes)],
      ),
    )
    expect(decodeMessages(new Uint8Array(64))).toEqual([])
    expect(errnoOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe(1)
  })

  it('carry attributes, nested ones too', () => {
    const attributes = decodeAttributes(joined([attribute(1, Uint8Array.of(1, 2, 3)), nested(2, textAttribute(3, 'eth0'))]))
    expect(attributes.get(1)).toEqual(Uint8Array.of(1, 2, 3))
    expect(textOf(decodeAttributes(attributes.get(2)!).get(3))).toBe('eth0')
  })
})

describe('addresses', () => {
  it.for([
    { text: '10.0.0.100/24', label: 'eth0:hs', validSeconds: 7 },
    { text: '10.0.0.100/32', label: undefined, validSeconds: undefined },
    { text: 'fd00::1/128', label: undefined, validSeconds: 3 },
  ])('are read back as they are set ($text)', ({ text, label, validSeconds }) => {
    const address = parseVirtualAddress(text)!
    const { prefixLength } = address
    expect(parseAddress(newAddressBody({ linkIndex: 3, address, prefixLength, label, validSeconds }))).toEqual({
      linkIndex: 3,
      address: address.text,
      prefixLength,
      unusable: false,
      protocol: ADDRESS_PROTOCOL,
      ...(label === undefined ? {} : { label }),
      ...(validSeconds === undefined ? {} : { validSeconds }),
    })
  })

  it('of IPv6 are never preferred as a source, and are not detected as duplicates for a second', () => {
    const address = parseVirtualAddress('fd00::1')!
    const attributes = decodeAttributes(newAddressBody({ linkIndex: 3, address, prefixLength: 128 }).slice(8))
    expect(wordAt(attributes.get(6), 0)).toBe(0)
    expect(wordAt(attributes.get(6), 1)).toBe(0xffff_ffff)
    expect(wordAt(attributes.get(8))).toBe(0x202)
    expect(deleteAddressBody({ linkIndex: 3, address, prefixLength: 128 })[0]).toBe(10)
  })
})

describe('the gate', () => {
  it('is one transaction over all its tables, from the first message to the last', () => {
    const batch = gateBatch(
      parseVirtualAddress('10.0.0.100')!,
      [
        { set: 'guarded', timeoutMs: 9_000 },
        { set: 'alive', timeoutMs: 0 },
      ],
      7,
    )
    const [add, remove] = [0xa0c, 0xa0e]
    expect(batch.map(({ type }) => type)).toEqual([16, add, remove, add, add, remove, add, remove, add, add, remove, 17])
    expect(batch.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, index) => 7 + index))
    const table = decodeAttributes(batch[3]!.body.slice(4))
    expect([textOf(table.get(1)), textOf(table.get(2))]).toEqual(['hotspare_vip', 'guarded4'])
    const element = decodeAttributes(decodeAttributes(table.get(3)!).get(1)!)
    expect(new DataView(element.get(4)!.buffer).getBigUint64(0)).toBe(9_000n)
  })

  it('of IPv6 has one table', () => {
    expect(gateBatch(parseVirtualAddress('fd00::1')!, [{ set: 'alive', timeoutMs: 5 }], 1)).toHaveLength(5)
  })
})
