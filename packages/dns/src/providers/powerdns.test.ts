import { createDnsClient } from '@hotspare/dns-wire/client'
import { presentValue } from '@hotspare/dns-wire'
import { hasPowerDns, type PowerDnsServer, startPowerDns } from '@hotspare/dns-wire/testing'
import { systemClock } from '@hotspare/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { POWERDNS_KEY, type PowerDnsFixture, powerDnsFixture } from './powerdns.fixture.ts'

const { signal } = new AbortController()

// Debian: pdns-server and pdns-backend-sqlite3.
describe('a real PowerDNS', () => {
  let server: PowerDnsServer | undefined

  beforeAll(async () => {
    if (hasPowerDns()) server = await startPowerDns({ zones: [{ name: 'example.test' }], apiKey: POWERDNS_KEY })
  }, 60_000)

  beforeEach((context) => {
    if (!server) context.skip('PowerDNS is not installed')
  })

  afterAll(() => server?.stop())

  const open = (options?: Parameters<typeof powerDnsFixture>[1]) => powerDnsFixture(server?.apiUrl ?? '', options)

  describeProvider({ describe, it }, { title: 'a zone of PowerDNS', open: () => open() })

  /** A zone, its driver and the way to its end. */
  async function within(
    options: Parameters<typeof powerDnsFixture>[1],
    work: (fixture: PowerDnsFixture, provider: DnsProvider) => Promise<void>,
  ) {
    const fixture = await open(options)
    const provider = fixture.open(systemClock)
    try {
      await work(fixture, provider)
    } finally {
      await provider.close()
      await fixture.close()
    }
  }

  /** A change of www.ZONE to an address. */
  async function put(provider: DnsProvider, address: string) {
    const next = recordSet({ name: `www.${provider.zone}`, type: 'A', ttlSeconds: 30, values: [address] })
    return provider.change([{ expected: await provider.read(next, { signal }), next }], { signal })
  }

  const standing = { zoneFields: { soa_edit_api: '' } }
  const serialOf = async (fixture: PowerDnsFixture) => Number((await fixture.look())['serial'])

  it('changes nothing in a zone whose serial would not move, and says what to do', async () => {
    await within(standing, async (fixture, provider) => {
      await expect(put(provider, '192.0.2.1')).rejects.toMatchObject({
        code: 'HOTSPARE_DNS_SERIAL',
        message: expect.stringContaining('SOA-EDIT-API'),
      })
      expect(await fixture.peek({ name: `www.${fixture.zone}`, type: 'A' })).toBeUndefined()
    })
  })

  it('proves why: there, a change through the API leaves the serial as it is', async () => {
    await within({ ...standing, whenSerialStands: 'accept' }, async (fixture, provider) => {
      const before = await serialOf(fixture)
      expect(await put(provider, '192.0.2.1')).toEqual({ kind: 'applied' })
      expect(await serialOf(fixture)).toBe(before)
    })
  })

  it('sets soa_edit_api where that is allowed, once, and the serial moves with every change', async () => {
    await within({ ...standing, whenSerialStands: 'set-default' }, async (fixture, provider) => {
      const serials = [await serialOf(fixture)]
      for (const address of ['192.0.2.1', '192.0.2.2']) {
        expect(await put(provider, address)).toEqual({ kind: 'applied' })
        serials.push(await serialOf(fixture))
      }
      expect(new Set(serials).size).toBe(3)
      expect((await fixture.look())['soa_edit_api']).toBe('DEFAULT')
      expect(fixture.standIn.asked.filter((each) => each.includes('PUT'))).toHaveLength(1)
    })
  })

  it('does not change a zone that is fetched from elsewhere', async () => {
    await within({ zoneFields: { kind: 'Slave', masters: ['127.0.0.1'], nameservers: [] } }, async (_, provider) => {
      await expect(put(provider, '192.0.2.1')).rejects.toMatchObject({ fault: 'refused' })
    })
  })

  it('changes none of several sets where one of them is refused', async () => {
    await within({}, async (fixture, provider) => {
      await put(provider, '192.0.2.1')
      const www = recordSet({ name: `www.${fixture.zone}`, type: 'A', ttlSeconds: 30, values: ['192.0.2.2'] })
      const clash = recordSet({ name: www.name, type: 'CNAME', ttlSeconds: 30, values: ['other.example.net'] })
      const replacements = [
        { expected: await provider.read(www, { signal }), next: www },
        { expected: await provider.read(clash, { signal }), next: clash },
      ]
      await expect(provider.change(replacements, { signal })).rejects.toMatchObject({ fault: 'refused' })
      expect((await fixture.peek(www))?.values).toEqual(['192.0.2.1'])
    })
  })

  it('has no comparison to offer: the server does not look at If-Match', async () => {
    await within({}, async (fixture) => {
      const rrset = {
        name: `www.${fixture.zone}.`,
        type: 'A',
        ttl: 30,
        changetype: 'REPLACE',
        records: [{ content: '192.0.2.1', disabled: false }],
      }
      const { status } = await fixture.call('PATCH', `/${fixture.zone}.`, { rrsets: [rrset] }, { 'if-match': '"no-such-version"' })
      expect(status).toBe(204)
    })
  })

  it('is served as it was changed, at once', async () => {
    await within({}, async (fixture, provider) => {
      const name = `www.${fixture.zone}`
      const sets = [
        recordSet({ name, type: 'A', ttlSeconds: 30, values: ['192.0.2.1', '192.0.2.2'] }),
        recordSet({ name, type: 'TXT', ttlSeconds: 30, values: [`a "b" ${'long '.repeat(80)}\\end`] }),
        recordSet({ name, type: 'HTTPS', ttlSeconds: 30, values: ['1 . alpn=h2'] }),
      ]
      const replacements = await Promise.all(sets.map(async (next) => ({ expected: await provider.read(next, { signal }), next })))
      expect(await provider.change(replacements, { signal })).toEqual({ kind: 'applied' })
      const client = createDnsClient({ server: { address: '127.0.0.1', port: server?.port } })
      for (const set of sets) {
        const { message } = await client.query({ name, type: set.type, tcp: true })
        const values = message.answers.map(({ data }) => presentValue(set.type, data)).toSorted()
        expect([values, message.answers[0]?.ttlSeconds]).toEqual([set.values, 30])
      }
      await client.close()
    })
  })

  it('does not read a record that is disabled, and refuses a zone that is not there', async () => {
    await within({}, async (fixture, provider) => {
      const records = [
        { content: '192.0.2.1', disabled: false },
        { content: '192.0.2.2', disabled: true },
      ]
      await fixture.call('PATCH', `/${fixture.zone}.`, {
        rrsets: [{ name: `www.${fixture.zone}.`, type: 'A', ttl: 30, changetype: 'REPLACE', records }],
      })
      expect((await provider.read({ name: `www.${fixture.zone}`, type: 'A' }, { signal })).set?.values).toEqual(['192.0.2.1'])
    })
    await within({ zone: 'no-such-zone.test' }, async (_, provider) => {
      await expect(provider.read({ name: 'www.no-such-zone.test', type: 'A' }, { signal })).rejects.toMatchObject({ fault: 'refused' })
    })
  })
})
