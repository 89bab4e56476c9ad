import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { gandiFixture } from './gandi.fixture.ts'

describeProvider({ describe, it }, { title: 'a zone at Gandi', open: gandiFixture })

const { signal } = new AbortController()

describe('gandiZone', () => {
  it('reads a target without a dot at its end as one of the zone, and writes targets with their dot', async () => {
    const fixture = await gandiFixture()
    const provider = fixture.open(new TestClock())
    const next = recordSet({ name: 'www.example.com', type: 'CNAME', ttlSeconds: 300, values: ['shop.example.com'] })
    await provider.change([{ expected: await provider.read(next, { signal }), next }], { signal })
    expect(fixture.server.asked.at(-1)).toContain('"shop.example.com."')
    expect((await provider.read(next, { signal })).set).toEqual(next)
    await provider.close()
    await fixture.close()
  })
})
