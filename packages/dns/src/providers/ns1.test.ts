import { TestClock } from '@hotspare/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { type Ns1Fixture, ns1Fixture } from './ns1.fixture.ts'

describeProvider({ describe, it }, { title: 'a zone at NS1', open: ns1Fixture })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('ns1Zone', () => {
  let fixture: Ns1Fixture
  let provider: DnsProvider

  beforeEach(async () => {
    fixture = await ns1Fixture()
    provider = fixture.open(new TestClock())
  })

  afterEach(async () => {
    await provider.close()
    await fixture.close()
  })

  it.each([
    ['a filter chain', { filters: [{ filter: 'up' }] }],
    ['a link', { link: 'other.example.com' }],
  ])('refuses a record with %s, which decides what is answered', async (_, extra) => {
    Object.assign(fixture.extra, extra)
    await fixture.seed(set('192.0.2.1'))
    await expect(provider.read(www, { signal })).rejects.toMatchObject({ fault: 'refused' })
  })

  it('is told that a record has come or gone meanwhile', async () => {
    const missing = await provider.read(www, { signal })
    await fixture.seed(set('192.0.2.1'))
    const came = await provider.change([{ expected: missing, next: set('192.0.2.2') }], { signal })
    expect(came).toMatchObject({ kind: 'conflict', current: [{ set: { values: ['192.0.2.1'] } }] })
    const expected = await provider.read(www, { signal })
    await fixture.remove(www)
    const went = await provider.change([{ expected, next: set('192.0.2.2') }], { signal })
    expect(went).toMatchObject({ kind: 'conflict', current: [{ set: undefined }] })
  })

  it('writes into a record that is there without an answer', async () => {
    await fixture.seed(set('192.0.2.1'))
    Object.assign(fixture.extra, { answers: [] })
    const expected = await provider.read(www, { signal })
    expect(expected.set).toBeUndefined()
    Reflect.deleteProperty(fixture.extra, 'answers')
    expect(await provider.change([{ expected, next: set('192.0.2.2') }], { signal })).toEqual({ kind: 'applied' })
  })
})
