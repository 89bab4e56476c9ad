import assert from 'node:assert/strict'
import { HotspareError } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { type OvhFixture, ovhFixture } from './ovh.fixture.ts'
import { ovhZone } from './ovh.ts'
import { readIds, readRecord } from './ovh/records.ts'

describeProvider({ describe, it }, { title: 'a zone at OVHcloud', open: ovhFixture })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('ovhZone', () => {
  let fixture: OvhFixture
  let zone: DnsProvider

  beforeEach(async () => {
    fixture = await ovhFixture()
    zone = fixture.open(new TestClock())
  })

  afterEach(async () => {
    assert.deepEqual(fixture.standIn?.objections, [])
    await zone.close()
    await fixture.close()
  })

  it('shows nobody a set that is half changed', async () => {
    await fixture.seed(set('192.0.2.1', '192.0.2.2'))
    const seen = new Set<string>()
    fixture.standIn?.onChange(
      () =>
        void seen.add(
          fixture
            .live()
            .map(({ value }) => value)
            .toSorted()
            .join(),
        ),
    )
    const expected = await zone.read(www, { signal })
    await zone.change([{ expected, next: set('192.0.2.3', '192.0.2.4', '192.0.2.5') }], { signal })
    expect([...seen]).toEqual(['192.0.2.1,192.0.2.2'])
    expect(fixture.live()).toHaveLength(3)
  })

  it('makes up for a call that should have made a change live, before it says what is there', async () => {
    await fixture.seed(set('192.0.2.1'))
    const expected = await zone.read(www, { signal })
    fixture.failRefresh()
    await expect(zone.change([{ expected, next: set('192.0.2.2') }], { signal })).rejects.toMatchObject({ fault: 'unavailable' })
    expect(fixture.live().map(({ value }) => value)).toEqual(['192.0.2.1'])
    fixture.failRefresh()
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'unavailable' })
    expect((await zone.read(www, { signal })).set).toEqual(set('192.0.2.2'))
    expect(fixture.live().map(({ value }) => value)).toEqual(['192.0.2.2'])
  })

  it('makes live what somebody has left behind, when it is asked for just that', async () => {
    await fixture.seed(set('192.0.2.1'))
    fixture.records.seed(set('192.0.2.2'))
    const expected = await zone.read(www, { signal })
    await zone.change([{ expected, next: set('192.0.2.2') }], { signal })
    expect(fixture.live().map(({ value }) => value)).toEqual(['192.0.2.2'])
  })

  it('reads a TTL of 0 as that of the zone', async () => {
    await fixture.seed(set('192.0.2.1'))
    fixture.shown.ttl = 0
    expect((await zone.read(www, { signal })).set?.ttlSeconds).toBe(3_600)
  })

  it('signs in the time of the server, also after that was set', async () => {
    await zone.read(www, { signal })
    fixture.ovhClock.set()
    expect(await zone.read(www, { signal })).toMatchObject({ set: undefined })
  })

  it('refuses more records than it could read one by one', async () => {
    const values = Array.from({ length: 41 }, (_, index) => `192.0.2.${index}`)
    await fixture.seed(set(...values))
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'refused' })
  })

  it('refuses options without keys', () => {
    expect(() => ovhZone({ zone: 'example.com', applicationKey: 'a b', applicationSecret: 'x', consumerKey: 'y' })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_DNS_OPTIONS' }),
    )
  })
})

describe('the readers of answers of OVHcloud', () => {
  it('take any JSON for an answer, for none, or for a value that is none', () => {
    const record = fc.record({
      id: fc.constantFrom(1, '2', null),
      ttl: fc.constantFrom(0, 60, '60'),
      target: fc.oneof(fc.string(), fc.constantFrom('192.0.2.1', '"a"')),
      fieldType: fc.constantFrom('A', 'TXT', 'CNAME', 'SRV'),
      subDomain: fc.constantFrom('www', null),
    })
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), record, fc.array(fc.jsonValue())),
        fc.constantFrom('A', 'TXT', 'CNAME', 'SRV'),
        (answer, type) => {
          expect(Array.isArray(readIds(answer) ?? [])).toBe(true)
          const came = whatCameOf(() => readRecord(answer, { relative: 'www', type, zone: 'example.com' }))
          expect(['value', 'HOTSPARE_DNS_VALUE']).toContain(came)
        },
      ),
    )
  })
})

function whatCameOf(read: () => unknown): unknown {
  try {
    read()
    return 'value'
  } catch (error) {
    return HotspareError.is(error) ? error.code : error
  }
}
