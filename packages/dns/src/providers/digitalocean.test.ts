import assert from 'node:assert/strict'
import { HotspareError } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { type DigitalOceanFixture, digitalOceanFixture } from './digitalocean.fixture.ts'
import { readRecords } from './digitalocean/records.ts'

describeProvider({ describe, it }, { title: 'a zone at DigitalOcean', open: digitalOceanFixture })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('digitalOceanZone', () => {
  let fixture: DigitalOceanFixture
  let zone: DnsProvider

  beforeEach(async () => {
    fixture = await digitalOceanFixture()
    zone = fixture.open(new TestClock())
  })

  afterEach(async () => {
    assert.deepEqual(fixture.standIn?.objections, [])
    await zone.close()
    await fixture.close()
  })

  it('never leaves a name without records, and touches none that stays', async () => {
    await fixture.seed(set('192.0.2.1', '192.0.2.2', '192.0.2.3'))
    const [, second] = fixture.records.list
    let least = Infinity
    fixture.standIn?.onChange(() => {
      least = Math.min(least, fixture.records.list.length)
    })
    await zone.change([{ expected: await zone.read(www, { signal }), next: set('192.0.2.2', '192.0.2.9') }], { signal })
    expect(least).toBeGreaterThanOrEqual(2)
    expect(fixture.records.list.find(({ value }) => value === '192.0.2.2')).toBe(second)
    expect(await fixture.peek(www)).toEqual(set('192.0.2.2', '192.0.2.9'))
  })

  it('changes nothing where the first record that it would change has gone', async () => {
    await fixture.seed(set('192.0.2.1'))
    const expected = await zone.read(www, { signal })
    await fixture.seed(set('192.0.2.5'))
    expect(await zone.change([{ expected, next: set('192.0.2.2') }], { signal })).toMatchObject({
      kind: 'conflict',
      current: [{ set: set('192.0.2.5') }],
    })
    expect(await fixture.peek(www)).toEqual(set('192.0.2.5'))
  })

  it('reads "@" as the name of the zone', async () => {
    const alias = recordSet({ name: www.name, type: 'CNAME', ttlSeconds: 60, values: ['example.com'] })
    await fixture.seed(alias)
    expect((await zone.read(alias, { signal })).set).toEqual(alias)
  })

  it('takes one page of several for no answer', async () => {
    Object.assign(fixture.extra, { links: { pages: { next: 'https://api.digitalocean.com/v2/domains/example.com/records?page=2' } } })
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'unavailable' })
  })

  it('is left alone until the reset that it names', async () => {
    fixture.standIn?.fail('limited')
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'limited', retryAfterMs: 7_000 })
    expect(zone.waitMs()).toBe(7_000)
  })
})

describe('the reader of records of DigitalOcean', () => {
  it('takes any JSON for a list, for none, or for a value that is none', () => {
    const record = fc.record({
      id: fc.constantFrom(1, null),
      name: fc.constantFrom('www', '@', 3),
      type: fc.constantFrom('A', 'TXT', 'SRV'),
      data: fc.oneof(fc.string(), fc.constantFrom('192.0.2.1', null)),
      ttl: fc.constantFrom(60, '60'),
      priority: fc.constantFrom(1, null),
    })
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ domain_records: fc.oneof(fc.jsonValue(), fc.array(fc.oneof(record, fc.jsonValue()))) }),
    )
    fc.assert(
      fc.property(body, fc.constantFrom('A', 'TXT', 'SRV'), (answer, type) => {
        const came = whatCameOf(() => readRecords(answer, { name: www.name, type }, 'example.com'))
        expect(['value', 'HOTSPARE_DNS_VALUE']).toContain(came)
      }),
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
