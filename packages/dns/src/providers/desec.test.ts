import { TestClock } from '@hotspare/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { desecFixture } from './desec.fixture.ts'
import type { StandInFixture } from './stand-in.fixture.ts'

describeProvider({ describe, it }, { title: 'a zone at deSEC', open: () => desecFixture() })

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const

describe('desecZone', () => {
  let fixture: StandInFixture
  let provider: DnsProvider

  async function open(minimumTtlSeconds: number, retryAfterSeconds?: number): Promise<void> {
    fixture = await desecFixture({ minimumTtlSeconds, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) })
    provider = fixture.open(new TestClock())
  }

  afterEach(async () => {
    await provider.close()
    await fixture.close()
  })

  it('refuses a TTL below an hour, which no change of the driver can undo', async () => {
    await open(3_600)
    const expected = await provider.read(www, { signal })
    const next = recordSet({ ...www, ttlSeconds: 60, values: ['192.0.2.1'] })
    await expect(provider.change([{ expected, next }], { signal })).rejects.toMatchObject({ code: 'HOTSPARE_DNS_UNSUPPORTED' })
  })

  it('says how long a limit of the day lasts, and asks nothing for an hour', async () => {
    await open(60, 79_200)
    const expected = await provider.read(www, { signal })
    fixture.server.fail('limited', { changes: true })
    const next = recordSet({ ...www, ttlSeconds: 60, values: ['192.0.2.1'] })
    const change = provider.change([{ expected, next }], { signal })
    await expect(change).rejects.toMatchObject({ fault: 'limited', retryAfterMs: 79_200_000 })
    expect(provider.waitMs()).toBe(3_600_000)
    const { length } = fixture.server.asked
    await expect(provider.read(www, { signal })).rejects.toMatchObject({ fault: 'limited' })
    expect(fixture.server.asked).toHaveLength(length)
  })

  it('learns from the domain that its shortest TTL was lowered, once', async () => {
    await open(60)
    expect(provider.capabilities.minimumTtlSeconds).toBe(3_600)
    const expected = await provider.read(www, { signal })
    expect(provider.capabilities.minimumTtlSeconds).toBe(60)
    const next = recordSet({ ...www, ttlSeconds: 60, values: ['192.0.2.1'] })
    expect(await provider.change([{ expected, next }], { signal })).toEqual({ kind: 'applied' })
    await provider.read(www, { signal })
    expect(fixture.server.asked.filter((each) => each.endsWith('/domains/example.com/ '))).toHaveLength(1)
  })

  it('changes none of several sets where one of them is refused', async () => {
    await open(60)
    const clash = recordSet({ name: www.name, type: 'CNAME', ttlSeconds: 60, values: ['other.example.net'] })
    const next = recordSet({ ...www, ttlSeconds: 60, values: ['192.0.2.1'] })
    const [one, other] = [await provider.read(www, { signal }), await provider.read(clash, { signal })]
    const replacements = [
      { expected: one, next },
      { expected: other, next: clash },
    ]
    await expect(provider.change(replacements, { signal })).rejects.toMatchObject({ fault: 'refused' })
    expect(await fixture.peek(www)).toBeUndefined()
  })
})
