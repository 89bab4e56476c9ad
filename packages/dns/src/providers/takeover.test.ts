import { hasPowerDns, startPowerDns } from '@hotspare/dns-wire/testing'
import { describe, expect, it } from 'vitest'
import { applyChange, type ApplyOutcome } from '../apply-change.ts'
import { ownerName, parseOwner } from '../owner.ts'
import type { DnsProviderFixture } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { azureFixture } from './azure.fixture.ts'
import { bunnyFixture } from './bunny.fixture.ts'
import { cloudflareFixture } from './cloudflare.fixture.ts'
import { desecFixture } from './desec.fixture.ts'
import { digitalOceanFixture } from './digitalocean.fixture.ts'
import { dnsimpleFixture } from './dnsimple.fixture.ts'
import { gandiFixture } from './gandi.fixture.ts'
import { googleFixture } from './google.fixture.ts'
import { hetznerFixture } from './hetzner.fixture.ts'
import { ns1Fixture } from './ns1.fixture.ts'
import { ovhFixture } from './ovh.fixture.ts'
import { POWERDNS_KEY, powerDnsFixture } from './powerdns.fixture.ts'
import { route53Fixture } from './route53.fixture.ts'
import { hastyClock } from './stand-in.fixture.ts'

const TTL_SECONDS = 3_600

/** A record that goes from one node to another and not back. @returns what is published then */
async function takeOver(fixture: DnsProviderFixture): Promise<readonly string[] | undefined> {
  const provider = fixture.open(hastyClock())
  const www = { name: `www.${provider.zone}`, type: 'A' } as const
  const lead = (values: readonly string[], node: string, token: number): Promise<ApplyOutcome> =>
    applyChange({ provider, desired: [recordSet({ ...www, ttlSeconds: TTL_SECONDS, values })], claim: { node, token } })
  try {
    expect(await lead(['192.0.2.1', '192.0.2.2'], 'web-1', 7)).toMatchObject({ kind: 'applied', changed: true })
    expect(await lead(['192.0.2.3'], 'web-2', 8)).toMatchObject({ kind: 'applied', changed: true })
    expect(await lead(['192.0.2.3'], 'web-2', 8)).toMatchObject({ kind: 'applied', changed: false })
    expect(await lead(['192.0.2.1', '192.0.2.2'], 'web-1', 7)).toMatchObject({ kind: 'refused', code: 'stale-token' })
    const owner = await fixture.peek({ name: ownerName(www.name), type: 'TXT' })
    expect(parseOwner(owner?.values[0] ?? '')).toMatchObject({ node: 'web-2', token: 8 })
    expect(fixture.standIn?.objections).toEqual([])
    return (await fixture.peek(www))?.values
  } finally {
    await provider.close()
    await fixture.close()
  }
}

describe('a record is taken over by the newer right, and not taken back by the older one', () => {
  it.each([
    ['Route 53', route53Fixture],
    ['Google Cloud DNS', googleFixture],
    ['Azure DNS', azureFixture],
    ['Cloudflare', cloudflareFixture],
    ['Gandi', gandiFixture],
    ['deSEC', desecFixture],
    ['DNSimple', dnsimpleFixture],
    ['NS1', ns1Fixture],
    ['bunny.net', bunnyFixture],
    ['DigitalOcean', digitalOceanFixture],
    ['Hetzner', hetznerFixture],
    ['OVHcloud', ovhFixture],
  ] as const)('at %s', async (_, open) => {
    expect(await takeOver(await open())).toEqual(['192.0.2.3'])
  })

  it('at a real PowerDNS, by its API', async (context) => {
    if (!hasPowerDns()) return context.skip('PowerDNS is not installed')
    await using server = await startPowerDns({ zones: [{ name: 'example.test' }], apiKey: POWERDNS_KEY })
    expect(await takeOver(await powerDnsFixture(server.apiUrl ?? ''))).toEqual(['192.0.2.3'])
  })
})
