import { TestClock } from '@hotspare/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { ACCOUNT, type DnsimpleFixture, dnsimpleFixture } from './dnsimple.fixture.ts'

describeProvider({ describe, it }, { title: 'a zone at DNSimple', open: () => dnsimpleFixture() })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('dnsimpleZone', () => {
  let fixture: DnsimpleFixture
  let provider: DnsProvider

  async function open(options: Parameters<typeof dnsimpleFixture>[0] = { account: ACCOUNT }): Promise<void> {
    fixture = await dnsimpleFixture(options)
    provider = fixture.open(new TestClock())
  }

  afterEach(async () => {
    await provider.close()
    await fixture.close()
  })

  it('asks for the account by name where the token is of a user', async () => {
    await open({})
    fixture.isOfUser = true
    await expect(provider.read(www, { signal })).rejects.toMatchObject({ fault: 'refused', message: expect.stringContaining('account') })
  })

  it('looks once more, and changes nothing where something else is there than what was read', async () => {
    await open()
    await fixture.seed(set('192.0.2.1'))
    const expected = await provider.read(www, { signal })
    await fixture.seed(set('192.0.2.7'))
    const outcome = await provider.change([{ expected, next: set('192.0.2.2') }], { signal })
    expect(outcome).toMatchObject({ kind: 'conflict', current: [{ set: { values: ['192.0.2.7'] } }] })
    expect(fixture.server.asked.filter((each) => each.startsWith('change'))).toEqual([])
  })

  it('says that it was overtaken in the middle, and takes nothing for done', async () => {
    await open()
    fixture.records.seed(set('192.0.2.1', '192.0.2.2'))
    const expected = await provider.read(www, { signal })
    let changes = 0
    fixture.server.onChange(() => {
      changes += 1
      if (changes === 2) fixture.records.list = fixture.records.list.slice(0, 1)
    })
    const change = provider.change([{ expected, next: set('192.0.2.3', '192.0.2.4') }], { signal })
    await expect(change).rejects.toMatchObject({ fault: 'busy' })
  })

  it('is never without a record in between', async () => {
    await open()
    fixture.records.seed(set('192.0.2.1', '192.0.2.2', '192.0.2.3'))
    const expected = await provider.read(www, { signal })
    const seen: number[] = []
    fixture.server.onChange(() => void seen.push(fixture.records.list.length))
    expect(await provider.change([{ expected, next: set('192.0.2.9') }], { signal })).toEqual({ kind: 'applied' })
    expect(Math.min(...seen)).toBeGreaterThan(0)
    expect(fixture.records.peek(www)?.values).toEqual(['192.0.2.9'])
  })

  it('finds the records of the zone itself behind pages of others', async () => {
    await open()
    const other = { zone_id: 'example.com', name: 'mail', ttl: 60, type: 'TXT', regions: ['global'], priority: null, content: '"x"' }
    fixture.others.push(...Array.from({ length: 150 }, (_, index) => ({ ...other, id: index + 1, name: index === 120 ? '' : 'mail' })))
    const apex = await provider.read({ name: 'example.com', type: 'TXT' }, { signal })
    expect(apex.set?.values).toEqual(['x'])
  })

  it('leaves the TXT alone that stands beside an ALIAS', async () => {
    await open()
    fixture.others.push({ id: 5, name: 'www', ttl: 60, type: 'TXT', regions: ['global'], content: '"ALIAS for shop.example.net"' })
    expect((await provider.read({ name: www.name, type: 'TXT' }, { signal })).set).toBeUndefined()
  })

  it('does not touch a record that is for some regions alone', async () => {
    await open()
    fixture.others.push({ id: 5, name: 'www', ttl: 60, type: 'A', regions: ['SV1'], content: '192.0.2.1' })
    await expect(provider.read(www, { signal })).rejects.toMatchObject({ message: expect.stringContaining('regions') })
  })
})
