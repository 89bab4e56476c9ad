import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { QuietClock } from '../testing/quiet-clock.ts'
import { recordSet } from '../value.ts'
import { type HetznerFixture, hetznerFixture } from './hetzner.fixture.ts'
import { hetznerZone } from './hetzner.ts'
import { complaintOf, complaintOfAnswer, readSet, readZoneTtl } from './hetzner/rrsets.ts'

describeProvider({ describe, it }, { title: 'a zone at Hetzner', open: hetznerFixture })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (value: string, ttlSeconds = 60) => recordSet({ ...www, ttlSeconds, values: [value] })

describe('hetznerZone', () => {
  let fixture: HetznerFixture
  let clock: QuietClock
  let zone: DnsProvider

  beforeEach(async () => {
    fixture = await hetznerFixture()
    clock = new QuietClock(() => `${fixture.server.asked.length}`)
    zone = fixture.open(clock)
  })

  afterEach(async () => {
    assert.deepEqual(fixture.standIn?.objections, [])
    await zone.close()
    clock.stop()
    await fixture.close()
  })

  const changes = () =>
    fixture.server.asked.filter((each) => each.startsWith('change')).map((each) => each.split(' ')[2]?.split('/').at(-1))

  it('changes the values first, and the TTL only where it is another', async () => {
    await fixture.seed(set('192.0.2.1'))
    await zone.change([{ expected: await zone.read(www, { signal }), next: set('192.0.2.2') }], { signal })
    expect(changes()).toEqual(['set_records'])
    await zone.change([{ expected: await zone.read(www, { signal }), next: set('192.0.2.3', 120) }], { signal })
    expect(changes()).toEqual(['set_records', 'set_records', 'change_ttl'])
    await zone.change([{ expected: await zone.read(www, { signal }), next: set('192.0.2.3', 60) }], { signal })
    expect(changes()).toEqual(['set_records', 'set_records', 'change_ttl', 'change_ttl'])
    expect(await fixture.peek(www)).toEqual(set('192.0.2.3', 60))
  })

  it('looks at an action until it has ended', async () => {
    await fixture.seed(set('192.0.2.1'))
    fixture.state.looks = 4
    await zone.change([{ expected: await zone.read(www, { signal }), next: set('192.0.2.2') }], { signal })
    expect(fixture.server.asked.filter((each) => each.includes('/actions/1'))).toHaveLength(4)
    expect(await fixture.peek(www)).toEqual(set('192.0.2.2'))
  })

  it('waits for the end of an action, and never takes one that has failed for done', async () => {
    await fixture.seed(set('192.0.2.1'))
    const expected = await zone.read(www, { signal })
    fixture.operations.failNext()
    const change = zone.change([{ expected, next: set('192.0.2.2') }], { signal })
    const error: unknown = await change.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ fault: 'busy', message: expect.stringContaining('action_failed') })
    expect(String(error)).not.toContain('hcloud-secret')
    expect(await fixture.peek(www)).toEqual(set('192.0.2.1'))
  })

  it('reads a set without a TTL with that of the zone, and names that are relative to it', async () => {
    fixture.sets.set('www/CNAME', { ttl: null, texts: ['lb'] })
    const question = { name: www.name, type: 'CNAME' } as const
    expect((await zone.read(question, { signal })).set).toMatchObject({ ttlSeconds: 3_600, values: ['lb.example.com'] })
  })

  it('takes what has come or gone right before its change for a conflict', async () => {
    const expected = await zone.read(www, { signal })
    fixture.standIn?.onChange(() => {
      fixture.standIn?.onChange(undefined)
      void fixture.seed(set('192.0.2.7'))
    })
    expect(await zone.change([{ expected, next: set('192.0.2.2') }], { signal })).toMatchObject({
      kind: 'conflict',
      current: [{ set: set('192.0.2.7') }],
    })
    fixture.standIn?.onChange(() => {
      fixture.standIn?.onChange(undefined)
      void fixture.remove(www)
    })
    const there = await zone.read(www, { signal })
    expect(await zone.change([{ expected: there, next: set('192.0.2.2') }], { signal })).toMatchObject({
      kind: 'conflict',
      current: [{ set: undefined }],
    })
  })

  it('does not take a zone that is not there for a set that is not there', async () => {
    const other = hetznerZone({ zone: 'example.net', token: 'hcloud-secret-of-the-project', endpoint: `${fixture.server.url}/v1`, clock })
    await expect(other.read({ name: 'www.example.net', type: 'A' }, { signal })).rejects.toMatchObject({ fault: 'refused' })
    await other.close()
    // The stand-in has one zone.
    fixture.server.objections.length = 0
  })

  it('is left alone for the time of one call after a limit: they come back one after the other', async () => {
    fixture.standIn?.fail('limited')
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'limited', retryAfterMs: 1_000 })
  })
})

describe('the readers of answers of Hetzner', () => {
  it('take anything for an answer or for none, and fail with nothing', () => {
    const rrset = fc.record({
      ttl: fc.constantFrom(null, 60, '60'),
      records: fc.array(fc.oneof(fc.jsonValue(), fc.record({ value: fc.string() }))),
    })
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ rrset: fc.oneof(rrset, fc.jsonValue()) })), (answer) => {
        const found = readSet(answer)
        expect(found === undefined || found.texts.length > 0).toBe(true)
        expect(typeof (readZoneTtl(answer) ?? 0)).toBe('number')
        expect(typeof complaintOf(answer)).toBe('object')
        expect(typeof complaintOfAnswer({ text: JSON.stringify(answer) })).toBe('object')
      }),
    )
  })
})
