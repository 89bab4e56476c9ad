import assert from 'node:assert/strict'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { type GoogleFixture, googleFixture, MANAGED_ZONE } from './google.fixture.ts'
import { googleZone } from './google.ts'
import { readComplaint, readListed, readManagedZones } from './google/messages.ts'

// With tokens of the metadata server: a signature takes a time that the clock of the contract does not see.
describeProvider(
  { describe, it },
  { title: 'a zone of Cloud DNS that is found by its domain', open: () => googleFixture({ byMetadata: true }) },
)

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('googleZone', () => {
  let fixture: GoogleFixture
  let zone: DnsProvider

  beforeEach(async () => {
    fixture = await googleFixture()
    zone = fixture.open(new TestClock())
  })

  afterEach(async () => {
    assert.deepEqual(fixture.standIn?.objections, [])
    await zone.close()
    await fixture.close()
  })

  it('asks for no zone whose name it was told', async () => {
    const told = await googleFixture({ managedZone: MANAGED_ZONE })
    const provider = told.open(new TestClock())
    await provider.read(www, { signal })
    await Promise.all([provider.close(), told.close()])
    expect(told.server.asked).toHaveLength(1)
  })

  it('removes by the words in which a set was listed, and adds in the same change', async () => {
    fixture.sets.set('www.example.com. TXT', { name: 'www.example.com.', type: 'TXT', ttl: 30, rrdatas: ['"a" "b"'] })
    const question = { name: www.name, type: 'TXT' } as const
    const expected = await zone.read(question, { signal })
    expect(expected.set?.values).toEqual(['ab'])
    const next = recordSet({ ...question, ttlSeconds: 60, values: ['c d'] })
    expect(await zone.change([{ expected, next }], { signal })).toEqual({ kind: 'applied' })
    expect(JSON.parse(fixture.bodies[0] ?? '')).toEqual({
      deletions: [{ name: 'www.example.com.', type: 'TXT', ttl: 30, rrdatas: ['"a" "b"'] }],
      additions: [{ name: 'www.example.com.', type: 'TXT', ttl: 60, rrdatas: ['"c d"'] }],
    })
  })

  it('notices what was to stay away, and is there', async () => {
    const change = () => zone.change([{ expected: { ...www, set: undefined }, next: undefined }], { signal })
    expect(await change()).toEqual({ kind: 'applied' })
    await fixture.seed(set('192.0.2.1'))
    expect(await change()).toMatchObject({ kind: 'conflict', current: [{ set: set('192.0.2.1') }] })
  })

  it('refuses a set with a routing policy', async () => {
    fixture.sets.set('www.example.com. A', { name: 'www.example.com.', type: 'A', ttl: 30, rrdatas: [], routingPolicy: { wrr: {} } })
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'refused' })
  })

  it('refuses what cannot be, and does not take that for a conflict', async () => {
    await fixture.seed(set('192.0.2.1'))
    const next = recordSet({ name: www.name, type: 'CNAME', ttlSeconds: 60, values: ['a.example.net'] })
    const change = zone.change([{ expected: { name: www.name, type: 'CNAME', set: undefined }, next }], { signal })
    await expect(change).rejects.toMatchObject({ fault: 'refused' })
  })

  it('takes a status of 403 with the reason of a limit for one', async () => {
    fixture.standIn?.fail('limited')
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ code: 'HOTSPARE_CLOUD_LIMITED' })
  })

  it('gets another token where the old one is no longer good', async () => {
    await zone.read(www, { signal })
    fixture.tokens.expire()
    await zone.read(www, { signal })
    expect(fixture.tokens.granted).toHaveLength(2)
  })

  it('takes the public zone of that very domain, once, and refuses to choose between two', async () => {
    await zone.read(www, { signal })
    await zone.read(www, { signal })
    expect(fixture.server.asked.filter((each) => each.includes('managedZones?'))).toHaveLength(1)
    fixture.zones.push({ name: 'second', dnsName: 'example.com.' })
    const other = fixture.open(new TestClock())
    await expect(other.read(www, { signal })).rejects.toThrow('set managedZone')
    await other.close()
  })

  it.each([
    ['a project that is none', { project: 'My Project' }],
    ['a key that is none', { project: 'p', key: '{}' }],
    ['a zone with a slash', { project: 'p', managedZone: 'a/b' }],
  ])('refuses %s', (_, wrong) => {
    expect(() => googleZone({ zone: 'example.com', ...wrong })).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_OPTIONS' }))
  })
})

describe('the readers of answers of Cloud DNS', () => {
  it('take anything for an answer or for none, and fail with nothing', () => {
    const entry = fc.record(
      {
        name: fc.constantFrom('www.example.com.', 'x', 7),
        type: fc.constantFrom('A', 'B'),
        ttl: fc.constantFrom(60, '60', null),
        rrdatas: fc.oneof(fc.jsonValue(), fc.array(fc.string())),
        dnsName: fc.constantFrom('example.com.', null),
      },
      { requiredKeys: [] },
    )
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ rrsets: fc.array(fc.oneof(entry, fc.jsonValue())), managedZones: fc.array(fc.oneof(entry, fc.jsonValue())) }),
    )
    fc.assert(
      fc.property(body, (answer) => {
        expect(['set', 'absent', 'steered', 'unreadable']).toContain(readListed(answer, www).kind)
        expect(Array.isArray(readManagedZones(answer, 'example.com') ?? [])).toBe(true)
        expect(typeof readComplaint({ text: JSON.stringify(answer) })).toBe('object')
      }),
    )
  })
})
