import assert from 'node:assert/strict'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { recordTypes } from '../record-set.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { AZURE_GROUP, type AzureFixture, azureFixture } from './azure.fixture.ts'
import { azureZone } from './azure.ts'
import { readSet, setBody } from './azure/record-sets.ts'

describeProvider({ describe, it }, { title: 'a zone of Azure DNS with a managed identity', open: () => azureFixture({ byMetadata: true }) })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('azureZone', () => {
  let fixture: AzureFixture
  let zone: DnsProvider

  beforeEach(async () => {
    fixture = await azureFixture()
    zone = fixture.open(new TestClock())
  })

  afterEach(async () => {
    assert.deepEqual(fixture.standIn?.objections, [])
    await zone.close()
    await fixture.close()
  })

  it('keeps what people have written beside a set', async () => {
    fixture.sets.set('A/www', {
      etag: 'one',
      properties: { TTL: 60, ARecords: [{ ipv4Address: '192.0.2.1' }], metadata: { team: 'shop' } },
    })
    const expected = await zone.read(www, { signal })
    expect(await zone.change([{ expected, next: set('192.0.2.2') }], { signal })).toEqual({ kind: 'applied' })
    expect(fixture.sets.get('A/www')?.properties['metadata']).toEqual({ team: 'shop' })
  })

  it('looks for the version itself where it was not told of one, and only takes that of what was expected', async () => {
    await fixture.seed(set('192.0.2.1'))
    const change = (value: string) => zone.change([{ expected: { ...www, set: set(value) }, next: set('192.0.2.9') }], { signal })
    expect(await change('192.0.2.2')).toMatchObject({ kind: 'conflict', current: [{ set: set('192.0.2.1') }] })
    expect(await change('192.0.2.1')).toEqual({ kind: 'applied' })
  })

  it('notices what was to stay away, and is there; and what was to go, and has gone', async () => {
    const stay = () => zone.change([{ expected: { ...www, set: undefined }, next: undefined }], { signal })
    expect(await stay()).toEqual({ kind: 'applied' })
    await fixture.seed(set('192.0.2.1'))
    expect(await stay()).toMatchObject({ kind: 'conflict', current: [{ set: set('192.0.2.1') }] })
    const expected = await zone.read(www, { signal })
    await fixture.remove(www)
    expect(await zone.change([{ expected, next: undefined }], { signal })).toMatchObject({
      kind: 'conflict',
      current: [{ set: undefined }],
    })
  })

  it('refuses a set that follows another resource', async () => {
    const targetResource = { id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p' }
    fixture.sets.set('A/www', { etag: 'one', properties: { TTL: 60, ARecords: [], targetResource } })
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'refused' })
  })

  it('does not take a zone that is not there for a set that is not there', async () => {
    const other = azureZone({
      zone: 'example.com',
      ...AZURE_GROUP,
      resourceGroup: 'another',
      endpoint: fixture.server.url,
      metadataEndpoint: fixture.server.url,
    })
    await expect(other.read(www, { signal })).rejects.toMatchObject({ fault: 'refused' })
    await other.close()
    // The stand-in has one group.
    fixture.server.objections.length = 0
  })

  it('gets another token where the old one is no longer good', async () => {
    await zone.read(www, { signal })
    fixture.tokens.expire()
    await zone.read(www, { signal })
    expect(fixture.tokens.granted).toHaveLength(2)
  })

  it.each([
    ['a subscription that is none', { subscription: 'mine' }],
    ['a group with a slash', { resourceGroup: 'a/b' }],
  ])('refuses %s', (_, wrong) => {
    expect(() => azureZone({ zone: 'example.com', ...AZURE_GROUP, ...wrong })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_DNS_OPTIONS' }),
    )
  })
})

describe('the reader of sets of Azure', () => {
  it('takes any JSON for a set or for none, and fails with nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...recordTypes), (value, type) => {
        expect(readSet(value, type).kind).toBe('unreadable')
        for (const key of ['ARecords', 'AAAARecords', 'CNAMERecord', 'TXTRecords', 'SRVRecords']) {
          const properties = { TTL: 60, [key]: value, metadata: value, targetResource: null }
          expect(['set', 'unreadable']).toContain(readSet({ etag: 'e', properties }, type).kind)
        }
      }),
    )
  })

  it('reads what is put, whatever a text has in it, and cuts no character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 700 }), (text) => {
        const { properties } = setBody(recordSet({ name: 'example.com', type: 'TXT', ttlSeconds: 60, values: [text] }), undefined) as {
          properties: { TXTRecords: { value: string[] }[] }
        }
        const strings = properties.TXTRecords[0]?.value ?? []
        expect(strings.every((each) => Buffer.byteLength(each) <= 255 && Buffer.from(each).toString() === each)).toBe(true)
        expect(readSet({ etag: 'e', properties }, 'TXT')).toMatchObject({ kind: 'set', set: { values: [text] } })
      }),
    )
  })
})
