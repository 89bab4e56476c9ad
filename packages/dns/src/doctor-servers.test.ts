import { type Clock, systemClock } from '@hotspare/core'
import type { TsigKey } from '@hotspare/dns-wire'
import {
  hasBind,
  hasKnot,
  hasPowerDns,
  type PowerDnsServer,
  startBind,
  startKnot,
  startPowerDns,
  type TestServer,
} from '@hotspare/dns-wire/testing'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { dnsDoctor, type DnsDoctorReport } from './doctor.ts'
import { apiKeyOfTests, powerDnsApi } from './doctor/power-dns.fixture.ts'
import type { RecordSet } from './record-set.ts'
import { verifyServed } from './verify.ts'

const zone = 'example.test'
const PATIENT_MS = 30_000
const key: TsigKey = { name: 'hotspare', algorithm: 'hmac-sha256', secret: 'NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=' }
const otherSecret = 'k9uK5qsPfbBxvVuldwzYww28+bFqdXhcmZbrk1sFqLk='
const www: RecordSet = { name: 'www.example.test', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] }
const records = ['www 30 IN A 192.0.2.1', 'alias 30 IN CNAME www']

/** Of a visit before: with it, half of what is impossible is true. */
const LEFT = '_hotspare-doctor 60 IN TXT "hotspare doctor"'

const codes = ({ findings }: DnsDoctorReport) => findings.map(({ code }) => code)

describe('a BIND', () => {
  let server: TestServer | undefined
  beforeAll(async () => {
    if (hasBind()) server = await startBind({ zones: [{ name: zone, records: [...records, LEFT], minimumSeconds: 3_600 }], keys: [key] })
  }, 2 * PATIENT_MS)
  afterAll(() => server?.stop())

  function visit(
    context: TestContext,
    options: { readonly key?: TsigKey | undefined; readonly clock?: Clock; readonly sets?: readonly RecordSet[] },
  ) {
    if (!server) return context.skip('BIND is not installed')
    const address = `127.0.0.1:${server.port}`
    const { sets = [], clock } = options
    return dnsDoctor({ zone, sets, servers: [address], update: { server: address, key: options.key }, clock })
  }

  it.for<{ name: string; key?: TsigKey; aheadMs?: number; code: string; what: RegExp }>([
    { name: 'an unknown key', key: { ...key, name: 'stranger' }, code: 'tsig-key-unknown', what: /BADKEY/ },
    { name: 'another algorithm', key: { ...key, algorithm: 'hmac-sha512' }, code: 'tsig-key-unknown', what: /BADKEY/ },
    { name: 'another secret', key: { ...key, secret: otherSecret }, code: 'tsig-signature-wrong', what: /BADSIG/ },
    {
      name: 'a clock that is behind',
      key,
      aheadMs: -1_000_000,
      code: 'tsig-clock-skew',
      what: /is (999|100\d) s behind the clock of the server/,
    },
    {
      name: 'a clock that is ahead',
      key,
      aheadMs: 1_000_000,
      code: 'tsig-clock-skew',
      what: /is (99\d|1000) s ahead of the clock of the server/,
    },
  ])('is told apart: $name', { timeout: PATIENT_MS }, async ({ key: given, aheadMs = 0, code, what }, context) => {
    const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs }
    const report = await visit(context, { key: given, clock })
    expect(report.findings).toEqual([expect.objectContaining({ code, severity: 'error', what: expect.stringMatching(what) })])
    expect(JSON.stringify(report)).not.toContain(given?.secret)
  })

  it('has nothing against the right key, and its zone is as it was', { timeout: PATIENT_MS }, async (context) => {
    expect((await visit(context, { key, sets: [www] })).findings.filter(({ code }) => /update|tsig/.test(code))).toEqual([])
    const served = await verifyServed({ zone, set: www, serial: 1, servers: [`127.0.0.1:${server?.port}`], budgetMs: PATIENT_MS })
    expect(served.servers[0]?.standing).toEqual({ state: 'serves', serial: 1 })
  })

  it('lets nobody change a zone who has no key, and that is found', { timeout: PATIENT_MS }, async (context) => {
    expect(codes(await visit(context, {}))).toEqual(['update-refused'])
  })

  it('is no primary of another zone, and that is found', { timeout: PATIENT_MS }, async (context) => {
    if (!server) return context.skip('BIND is not installed')
    const address = `127.0.0.1:${server.port}`
    const report = await dnsDoctor({ zone: 'other.test', servers: [address], update: { server: address, key } })
    expect(codes(report)).toEqual(['server-lame', 'update-not-authoritative'])
  })

  it('remembers for an hour that something is not there, and has an alias in the way', { timeout: PATIENT_MS }, async (context) => {
    const report = await visit(context, { key, sets: [www, { ...www, name: 'alias.example.test' }] })
    expect(codes(report)).toEqual(['alias-in-the-way', 'negative-ttl-longer', 'ipv6-missing', 'ipv6-missing'])
  })
})

describe('a PowerDNS', () => {
  let server: PowerDnsServer | undefined
  beforeAll(async () => {
    if (hasPowerDns())
      server = await startPowerDns({ zones: [{ name: zone, records: records.slice(0, 1) }], keys: [key], apiKey: apiKeyOfTests })
  }, 2 * PATIENT_MS)
  afterAll(() => server?.stop())

  function start(context: TestContext) {
    if (!server?.apiUrl) return context.skip('PowerDNS is not installed')
    const api = powerDnsApi(server.apiUrl, zone)
    const servers = [`127.0.0.1:${server.port}`]
    return { api, servers, options: { zone, provider: api.provider, servers, write: true, servedWithinMs: PATIENT_MS } }
  }

  it('whose soa_edit_api is empty changes without a new serial, and that is found', { timeout: 2 * PATIENT_MS }, async (context) => {
    const { api, options } = start(context)
    await api.call('PUT', '', { soa_edit_api: '' })
    const report = await dnsDoctor(options)
    expect(report.findings).toEqual([
      expect.objectContaining({
        code: 'serial-stands-still',
        severity: 'warning',
        fix: expect.stringContaining('soa_edit_api of the zone to DEFAULT'),
      }),
    ])
    expect(await api.provider.read({ name: `_hotspare-doctor.${zone}`, type: 'TXT' }, { signal: context.signal })).toMatchObject({
      set: undefined,
    })
    await api.call('PUT', '', { soa_edit_api: 'DEFAULT' })
    expect(codes(await dnsDoctor(options))).toEqual([])
  })

  it('of such a zone keeps a secondary on the old one for good, and that is found', { timeout: 2 * PATIENT_MS }, async (context) => {
    const { api, servers, options } = start(context)
    if (!server || !hasKnot()) return context.skip('Knot is not installed')
    await using secondary = await startKnot({ zones: [{ name: zone, primary: server }] })
    const both = [...servers, `127.0.0.1:${secondary.port}`]
    expect(await verifyServed({ zone, set: www, servers: both, budgetMs: PATIENT_MS })).toMatchObject({ stage: 'converged' })
    await api.call('PUT', '', { soa_edit_api: '' })
    const report = await dnsDoctor({ ...options, servers: both, servedWithinMs: 500 })
    expect(report.findings).toEqual([
      expect.objectContaining({ code: 'probe-not-served', what: expect.stringContaining(`served by 1 of 2: ${both[1]}: no such record`) }),
      expect.objectContaining({ code: 'serial-stands-still', severity: 'error', where: both[0] }),
    ])
  })

  it('tells nobody what is wrong with a key', { timeout: PATIENT_MS }, async (context) => {
    const { servers } = start(context)
    const report = await dnsDoctor({ zone, servers, update: { server: servers[0]!, key: { ...key, secret: otherSecret } } })
    expect(codes(report)).toEqual(['update-refused-unsigned'])
  })

  it('that signs its zone by itself has signatures that hold, of the right TTL', { timeout: PATIENT_MS }, async (context) => {
    const { api, servers } = start(context)
    await api.call('POST', '/cryptokeys', { keytype: 'csk', active: true })
    const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + 365 * 86_400_000 }
    const options = { zone, servers, sets: [www] }
    expect(codes(await dnsDoctor(options))).toEqual(expect.arrayContaining(['zone-signed']))
    expect(codes(await dnsDoctor(options)).filter((code) => code.startsWith('signature'))).toEqual([])
    expect(codes(await dnsDoctor({ ...options, clock }))).toContain('signature-expired')
  })
})
