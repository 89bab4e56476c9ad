import { TestClock } from '@hotspare/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { CLOUDFLARE_TOKEN, type CloudflareFixture, cloudflareFixture, ZONE_ID } from './cloudflare.fixture.ts'
import { cloudflareZone } from './cloudflare.ts'

describeProvider({ describe, it }, { title: 'a zone at Cloudflare', open: () => cloudflareFixture() })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (values: readonly string[], ttlSeconds = 60) => recordSet({ ...www, ttlSeconds, values })

describe('cloudflareZone', () => {
  let fixture: CloudflareFixture
  let provider: DnsProvider
  const clock = new TestClock()

  async function open(options: Parameters<typeof cloudflareFixture>[0] = { zoneId: ZONE_ID }): Promise<void> {
    fixture = await cloudflareFixture(options)
    provider = fixture.open(clock)
  }

  afterEach(async () => {
    await provider.close()
    await fixture.close()
  })

  it('refuses a record that is proxied, since what it answers is not its value', async () => {
    await open()
    fixture.records.seed(set(['192.0.2.1']))
    fixture.proxied.add(fixture.records.list[0]?.id ?? '')
    await expect(provider.read(www, { signal })).rejects.toMatchObject({ fault: 'refused', message: expect.stringContaining('proxied') })
  })

  it('refuses a zone that the token does not see', async () => {
    await open()
    const other = cloudflareZone({ zone: 'example.org', token: CLOUDFLARE_TOKEN, endpoint: `${fixture.server.url}/client/v4`, clock })
    await expect(other.read({ name: 'example.org', type: 'A' }, { signal })).rejects.toMatchObject({ fault: 'refused' })
    await other.close()
  })

  it('changes nothing where a record was taken away at the last moment, and tells what is there', async () => {
    await open()
    fixture.records.seed(set(['192.0.2.1', '192.0.2.2']))
    const expected = await provider.read(www, { signal })
    fixture.server.onChange(() => fixture.records.seed(set(['192.0.2.9'])))
    const outcome = await provider.change([{ expected, next: set(['192.0.2.3']) }], { signal })
    expect(outcome).toMatchObject({ kind: 'conflict', current: [{ set: { values: ['192.0.2.9'] } }] })
    expect(fixture.records.peek(www)?.values).toEqual(['192.0.2.9'])
  })

  it('changes none of several sets where one of them cannot be', async () => {
    await open()
    fixture.records.seed(set(['192.0.2.1']))
    const alias = recordSet({ name: www.name, type: 'CNAME', ttlSeconds: 60, values: ['other.example.net'] })
    const replacements = [
      { expected: await provider.read(www, { signal }), next: set(['192.0.2.2']) },
      { expected: await provider.read(alias, { signal }), next: alias },
    ]
    await expect(provider.change(replacements, { signal })).rejects.toMatchObject({ fault: 'refused' })
    expect(fixture.records.peek(www)?.values).toEqual(['192.0.2.1'])
  })

  it('asks for the id of the zone once', async () => {
    await open({})
    await provider.read(www, { signal })
    await provider.read(www, { signal })
    expect(fixture.server.asked.filter((each) => each.includes('/zones?name='))).toHaveLength(1)
  })

  it('reads the TTL "Auto" as the five minutes that it is, and never sends it', async () => {
    await open()
    fixture.records.seed(set(['192.0.2.1'], 3_600))
    fixture.auto.add(fixture.records.list[0]?.id ?? '')
    const expected = await provider.read(www, { signal })
    expect(expected.set?.ttlSeconds).toBe(300)
    await expect(provider.change([{ expected, next: set(['192.0.2.1'], 1) }], { signal })).rejects.toMatchObject({
      code: 'HOTSPARE_DNS_UNSUPPORTED',
    })
  })

  it('keeps records whose value stays, and sends no more than what changes', async () => {
    await open()
    fixture.records.seed(set(['192.0.2.1', '192.0.2.2', '192.0.2.3']))
    const ids = new Map(fixture.records.list.map(({ id, value }) => [value, id]))
    const expected = await provider.read(www, { signal })
    expect(await provider.change([{ expected, next: set(['192.0.2.2', '192.0.2.7']) }], { signal })).toEqual({ kind: 'applied' })
    expect(fixture.records.list.find(({ value }) => value === '192.0.2.2')?.id).toBe(ids.get('192.0.2.2'))
    const sent = fixture.server.asked.filter((each) => each.startsWith('change'))
    expect(sent).toHaveLength(1)
    expect(sent[0]).not.toContain('192.0.2.2')
  })

  it('makes a CNAME of an address in one step', async () => {
    await open()
    fixture.records.seed(set(['192.0.2.1']))
    const alias = recordSet({ name: www.name, type: 'CNAME', ttlSeconds: 60, values: ['other.example.net'] })
    const [old, missing] = [await provider.read(www, { signal }), await provider.read(alias, { signal })]
    const replacements = [
      { expected: old, next: undefined },
      { expected: missing, next: alias },
    ]
    expect(await provider.change(replacements, { signal })).toEqual({ kind: 'applied' })
    expect(fixture.records.list.map(({ type, value }) => [type, value])).toEqual([['CNAME', 'other.example.net']])
  })

  it('takes a shorter TTL where the plan has it', async () => {
    await open()
    const enterprise = cloudflareZone({ zone: 'example.com', token: 't', minimumTtlSeconds: 30 })
    expect([provider.capabilities.minimumTtlSeconds, enterprise.capabilities.minimumTtlSeconds]).toEqual([60, 30])
    await enterprise.close()
  })
})
