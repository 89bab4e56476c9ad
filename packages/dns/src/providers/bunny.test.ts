import { TestClock } from '@hotspare/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { type BunnyFixture, bunnyFixture } from './bunny.fixture.ts'

describeProvider({ describe, it }, { title: 'a zone at bunny.net', open: bunnyFixture })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('bunnyZone', () => {
  let fixture: BunnyFixture
  let provider: DnsProvider

  beforeEach(async () => {
    fixture = await bunnyFixture()
    provider = fixture.open(new TestClock())
  })

  afterEach(async () => {
    await provider.close()
    await fixture.close()
  })

  it.each([
    ['is accelerated', { Accelerated: true }],
    ['is routed by who asks', { SmartRoutingType: 2 }],
    ['is routed by who asks, in words', { SmartRoutingType: 'Latency' }],
  ])('refuses a record that %s', async (_, extra) => {
    Object.assign(fixture.extra, extra)
    await fixture.seed(set('192.0.2.1'))
    await expect(provider.read(www, { signal })).rejects.toMatchObject({ fault: 'refused' })
  })

  it('looks once more, and changes nothing where something else is there than what was read', async () => {
    await fixture.seed(set('192.0.2.1'))
    const expected = await provider.read(www, { signal })
    await fixture.seed(set('192.0.2.7'))
    const outcome = await provider.change([{ expected, next: set('192.0.2.2') }], { signal })
    expect(outcome).toMatchObject({ kind: 'conflict', current: [{ set: { values: ['192.0.2.7'] } }] })
    expect(fixture.server.asked.filter((each) => each.startsWith('change'))).toEqual([])
  })

  it('reads a record that is disabled as none', async () => {
    Object.assign(fixture.extra, { Disabled: true })
    await fixture.seed(set('192.0.2.1'))
    expect((await provider.read(www, { signal })).set).toBeUndefined()
  })

  it('takes the zone of that very name, and not one that has it in its name', async () => {
    await provider.read(www, { signal })
    expect(fixture.server.asked.at(-1)).toContain('/dnszone/4711')
  })
})
