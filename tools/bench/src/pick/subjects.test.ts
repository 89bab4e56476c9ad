import { ketamaRing, ringLookup } from '@hotspare/balance'
import HashRing from 'hashring'
import { describe, expect, it } from 'vitest'
import { serverNames, textKeys } from './keys.ts'
import { sizesOf } from './subject.ts'
import { subjects } from './subjects.ts'

/** Enough for a subject to fail in, and small enough for all of them to be tried. */
const TARGETS = 10

describe('the subjects of the pick bench', () => {
  it('have names of their own', () => {
    expect(new Set(subjects.map(({ name }) => name)).size).toBe(subjects.length)
  })

  it.each(Object.keys(sizesOf))('%s is measured of Hotspare and of a peer', (kind) => {
    const own = subjects.filter((subject) => subject.kind === kind)
    expect(own.some(({ name }) => name.startsWith('Hotspare'))).toBe(true)
    expect(own.some(({ isPeer }) => isPeer)).toBe(true)
  })

  it.each(subjects.map((subject) => [subject.name, subject] as const))('%s picks and gives back, again and again', (_name, subject) => {
    const pick = subject.prepare(TARGETS)
    expect(() => {
      for (let count = 0; count < 20; count++) pick()?.()
    }).not.toThrow()
  })
})

describe('the peers', () => {
  const servers = serverNames(TARGETS)

  it('hashring has 160 points a host, and as many again after a host was out', () => {
    const ring = new HashRing(servers)
    expect(ring.ring).toHaveLength(TARGETS * 160)
    expect(ring.remove(servers[0] ?? '').ring).toHaveLength((TARGETS - 1) * 160)
    expect(ring.add(servers[0] ?? '').ring).toHaveLength(TARGETS * 160)
  })

  it('hashring finds on its ring what Hotspare finds on the ring of libketama', () => {
    const theirs = new HashRing(servers)
    const ours = ketamaRing(servers.map((key) => ({ key })))
    const hashes = Array.from({ length: 200 }, (_, number) => number * 21_474_836 + 1)
    expect(hashes.map((hash) => theirs.ring[theirs.find(hash)]?.server)).toEqual(
      hashes.map((hash) => servers[ringLookup(ours, BigInt(hash))]),
    )
  })
})

it('no key comes twice', () => {
  const keys = textKeys()
  expect(new Set(keys).size).toBe(keys.length)
})
