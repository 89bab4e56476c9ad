import { createHash } from 'node:crypto'
import { array, assert, bigInt, integer, property, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { envoyRing } from './envoy-ring.ts'
import { findPoint, ringLookup, toRing } from './hash-ring.ts'
import { ketamaHash, ketamaRing } from './ketama-ring.ts'
import { referenceXxh64 } from './xxh64.fixture.ts'

const refused = expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' })
const hosts = (...keys: string[]) => keys.map((key) => ({ key }))
const hash64 = bigInt({ min: 0n, max: (1n << 64n) - 1n })

describe('envoyRing', () => {
  test.each([
    [[{ key: '' }], {}],
    [hosts('a', 'a'), {}],
    [[{ key: 'a', weight: -1 }], {}],
    [[{ key: 'a', weight: Number.NaN }], {}],
    [[{ key: 'a', weight: 1_000_001 }], {}],
    [hosts('a'), { minimumRingSize: 0 }],
    [hosts('a'), { minimumRingSize: 1.5 }],
    [hosts('a'), { maximumRingSize: 8_388_609 }],
    [hosts('a'), { minimumRingSize: 20, maximumRingSize: 10 }],
    [hosts('a'), { minimumRingsize: 20 }],
  ])('hosts %j with %j are refused', (list, options: object) => {
    expect(() => envoyRing(list, options)).toThrow(refused)
  })

  test('no host, or none with a weight, has no points', () => {
    expect(envoyRing([])).toEqual([])
    expect(envoyRing([{ key: 'a', weight: 0 }])).toEqual([])
  })

  test('a host with weight 0 has no points, and the others are as if it were not there', () => {
    const [first, second] = [{ key: 'a' }, { key: 'c', weight: 2 }]
    const without = envoyRing([first, second])
    const points = envoyRing([first, { key: 'b', weight: 0 }, second])
    expect(points.map(({ hash }) => hash)).toEqual(without.map(({ hash }) => hash))
    expect(points.some(({ index }) => index === 1)).toBe(false)
  })

  test('points are in ascending order, and each is the hash of its host and a number', () => {
    assert(
      property(
        uniqueArray(integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 6 }),
        array(integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
        (names, weights) => {
          const list = names.map((name, index) => ({ key: `host-${name}`, weight: weights[index]! }))
          const points = envoyRing(list, { minimumRingSize: 60 })
          const next = list.map(() => 0)
          const expected = new Set<string>()
          for (const { index } of points) {
            const number = next[index]!
            next[index]! += 1
            expected.add(`${referenceXxh64(new TextEncoder().encode(`${list[index]!.key}_${number}`), 0n)}/${index}`)
          }
          expect(new Set(points.map(({ hash, index }) => `${hash}/${index}`))).toEqual(expected)
          expect(points.map(({ hash }) => hash)).toEqual(points.map(({ hash }) => hash).toSorted((a, b) => (a < b ? -1 : 1)))
        },
      ),
    )
  })

  // Envoy's LopsidedWeightSmallScale: one host with 127/128 of the weight beside 1,023 others, in 1,024 points.
  test('a ring that is too small for all gives the light hosts their share together', () => {
    const list = Array.from({ length: 1024 }, (_, port) => ({ key: `127.0.0.1:${port}`, weight: port === 0 ? 127 * 1023 : 1 }))
    const points = envoyRing(list, { minimumRingSize: 1024, maximumRingSize: 1024 })
    expect(points.filter(({ index }) => index === 0)).toHaveLength(1016)
    expect(new Map(points.filter(({ index }) => index > 0).map(({ hash, index }) => [index, hash]))).toEqual(
      new Map([
        [1, 11664790346325243808n],
        [128, 15894554872961148518n],
        [256, 13958138884277627155n],
        [384, 15803774069438192949n],
        [512, 3829253010855396576n],
        [640, 17918147347826565154n],
        [768, 6442769608292299103n],
        [896, 5881074926069334434n],
      ]),
    )
  })
})

describe('ketamaRing', () => {
  test('bad hosts and sizes are refused', () => {
    expect(() => ketamaRing(hosts('a', 'a'))).toThrow(refused)
    expect(() => ketamaRing(hosts('a'), { maximumRingSize: 0 })).toThrow(refused)
  })

  test('a host that comes moves no point of the others, whatever the weights', () => {
    const before = ketamaRing([{ key: 'a', weight: 3 }, { key: 'b' }])
    const after = ketamaRing([{ key: 'a', weight: 3 }, { key: 'b' }, { key: 'c', weight: 0.5 }])
    expect(after.filter(({ index }) => index < 2)).toEqual(before)
    expect(after).toHaveLength(480 + 160 + 80)
  })

  test('above the maximum all hosts have fewer points, and none has nothing', () => {
    const points = ketamaRing([{ key: 'a', weight: 999 }, { key: 'b' }], { maximumRingSize: 400 })
    expect(points.filter(({ index }) => index === 1)).toHaveLength(4)
    expect(points).toHaveLength(404)
  })

  test('a key is where the first word of its MD5 is', () => {
    for (const key of ['', 'foo', 'a longer key with ünïcode']) {
      expect(ketamaHash(key)).toBe(BigInt(createHash('md5').update(key).digest().readUInt32LE(0)))
    }
  })
})

describe('ringLookup', () => {
  test('a ring without points has nothing to give', () => {
    expect(() => ringLookup([], 1n)).toThrow(refused)
  })

  test('it finds the first point at or after the hash, or the first of all, and the look-up in typed arrays finds the same', () => {
    assert(
      property(array(hash64, { minLength: 1, maxLength: 40 }), hash64, integer({ min: -1, max: 1 }), (hashes, other, step) => {
        const ring = toRing({
          high: Uint32Array.from(hashes, (hash) => Number(hash >> 32n)),
          low: Uint32Array.from(hashes, (hash) => Number(hash & 0xffff_ffffn)),
          owner: Uint32Array.from(hashes, (_, index) => index),
        })
        const points = Array.from(ring.owner, (index) => ({ hash: hashes[index]!, index }))
        expect(points.map(({ hash }) => hash)).toEqual(hashes.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
        for (const wanted of [other, BigInt.asUintN(64, hashes[0]! + BigInt(step))]) {
          const expected = points.find(({ hash }) => hash >= wanted) ?? points[0]!
          expect(ringLookup(points, wanted)).toBe(expected.index)
          expect(ring.owner[findPoint(ring, Number(wanted >> 32n), Number(wanted & 0xffff_ffffn))]).toBe(expected.index)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
