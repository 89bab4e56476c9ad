import { errorCode } from '@hotspare/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { UpdateResult } from '../client.ts'
import type { WireRecord } from '../message.ts'
import type { Prerequisite, UpdateStep } from '../update.ts'
import type { TestServer } from './name-server.ts'
import { client, key, look, nothing, realServers, sendUpdate, serialOf, zone } from './real-servers.fixture.ts'

// What three servers answer, measured: BIND 9.18, Knot 3.2, PowerDNS 4.7. A row that differs between them names each.

const www = `www.${zone}`
const absent = `absent.${zone}`
const outside = 'www.elsewhere.test'
const records = [
  'www 30 IN A 192.0.2.1',
  'www 30 IN A 192.0.2.2',
  'owner 30 IN TXT "node=one token=7"',
  '*.wild 30 IN A 192.0.2.9',
  'alias 30 IN CNAME www',
  ...Array.from({ length: 20 }, (_, index) => `big 30 IN TXT "${String(index).padStart(100, '-')}"`),
]

/** Of the update that a row asks for; unique, so that rows do not meet. */
let count = 0
const probe = () => `probe-${++count}.${zone}`
const add = (name: string, value = '192.0.2.77', ttlSeconds = 30): UpdateStep => ({
  kind: 'add',
  name,
  type: 'A',
  ttlSeconds,
  values: [value],
})
const rcodeOf = (result: UpdateResult) => (result.kind === 'applied' ? 'NOERROR' : result.rcode)

describe.each(realServers)('a real $name', ({ name: serverName, isInstalled, install, start }) => {
  let server: TestServer
  beforeAll(async () => {
    if (isInstalled) server = await start({ zones: [{ name: zone, records }], keys: [key] })
  }, 60_000)
  afterAll(() => server?.stop())

  beforeEach((context) => {
    if (!isInstalled) context.skip(`not installed (apt-get install ${install})`)
  })

  const update = (prerequisites: readonly Prerequisite[], updates: readonly UpdateStep[]) =>
    client(server).update({ zone, prerequisites, updates })

  const soa = async (away = 0) => {
    const [text = ''] = (await look(server, zone, 'SOA')).values
    return text.replace(/^(\S+ \S+) (\d+)/, (_, names: string, serial: string) => `${names} ${Number(serial) + away}`)
  }

  describe('checks prerequisites (RFC 2136, 2.4)', () => {
    const rows: readonly { prerequisite: Prerequisite; rcode: string }[] = [
      { prerequisite: { kind: 'name-in-use', name: www }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'name-in-use', name: absent }, rcode: 'NXDOMAIN' },
      { prerequisite: { kind: 'name-in-use', name: outside }, rcode: 'NOTZONE' },
      { prerequisite: { kind: 'name-not-in-use', name: absent }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'name-not-in-use', name: www }, rcode: 'YXDOMAIN' },
      { prerequisite: { kind: 'name-not-in-use', name: outside }, rcode: 'NOTZONE' },
      { prerequisite: { kind: 'set-exists', name: www, type: 'A' }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-exists', name: www, type: 'AAAA' }, rcode: 'NXRRSET' },
      { prerequisite: { kind: 'set-exists', name: absent, type: 'A' }, rcode: 'NXRRSET' },
      { prerequisite: { kind: 'set-exists', name: outside, type: 'A' }, rcode: 'NOTZONE' },
      { prerequisite: { kind: 'set-absent', name: www, type: 'AAAA' }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-absent', name: absent, type: 'A' }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-absent', name: www, type: 'A' }, rcode: 'YXRRSET' },
      { prerequisite: { kind: 'set-absent', name: outside, type: 'A' }, rcode: 'NOTZONE' },
      { prerequisite: { kind: 'set-is', name: www, type: 'A', values: ['192.0.2.1', '192.0.2.2'] }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-is', name: www, type: 'A', values: ['192.0.2.2', '192.0.2.1'] }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-is', name: www, type: 'A', values: ['192.0.2.1'] }, rcode: 'NXRRSET' },
      { prerequisite: { kind: 'set-is', name: www, type: 'A', values: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }, rcode: 'NXRRSET' },
      { prerequisite: { kind: 'set-is', name: www, type: 'A', values: ['192.0.2.1', '192.0.2.3'] }, rcode: 'NXRRSET' },
      { prerequisite: { kind: 'set-is', name: absent, type: 'A', values: ['192.0.2.1'] }, rcode: 'NXRRSET' },
      { prerequisite: { kind: 'set-is', name: outside, type: 'A', values: ['192.0.2.1'] }, rcode: 'NOTZONE' },
      { prerequisite: { kind: 'set-is', name: `alias.${zone}`, type: 'CNAME', values: [www] }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-is', name: `owner.${zone}`, type: 'TXT', values: ['node=one token=7'] }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-is', name: `owner.${zone}`, type: 'TXT', values: ['node=two token=7'] }, rcode: 'NXRRSET' },
      // A wildcard stands for itself alone.
      { prerequisite: { kind: 'set-absent', name: `a.wild.${zone}`, type: 'A' }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'name-not-in-use', name: `a.wild.${zone}` }, rcode: 'NOERROR' },
      { prerequisite: { kind: 'set-absent', name: `*.wild.${zone}`, type: 'A' }, rcode: 'YXRRSET' },
    ]
    const told = rows.map((row) => ({ ...row, what: Object.values(row.prerequisite).flat().join(' ') }))
    it.each(told)('$what: $rcode', async ({ prerequisite, rcode }) => {
      const name = probe()
      const result = await update([prerequisite], [add(name)])
      expect(rcodeOf(result)).toBe(rcode)
      expect((await look(server, name, 'A')).values).toEqual(rcode === 'NOERROR' ? ['192.0.2.77'] : [])
    })

    it('the SOA with its serial stands for the whole zone', async () => {
      const before = await soa()
      expect(await update([{ kind: 'set-is', name: zone, type: 'SOA', values: [before] }], [add(probe())])).toEqual({ kind: 'applied' })
      const stale = await update([{ kind: 'set-is', name: zone, type: 'SOA', values: [before] }], [add(probe())])
      expect(rcodeOf(stale)).toBe('NXRRSET')
    })

    const plain: WireRecord = { name: www, type: 'A', class: 'IN', ttlSeconds: 0, data: { kind: 'A', address: '192.0.2.1' } }
    const raw = { kind: 'opaque', bytes: Uint8Array.of(192, 0, 2, 1) } as const
    it.each<{ what: string; record: WireRecord }>([
      { what: 'with a TTL, set-is', record: { ...plain, ttlSeconds: 1 } },
      { what: 'with a TTL, set-exists', record: { ...plain, class: 'ANY', ttlSeconds: 1, data: nothing } },
      { what: 'with data, of class ANY', record: { ...plain, class: 'ANY', data: raw } },
      { what: 'with data, of class NONE', record: { ...plain, class: 'NONE', data: raw } },
      { what: 'of class CH', record: { ...plain, class: 'CH', data: raw } },
    ])('a prerequisite $what: FORMERR', async ({ record }) => {
      expect((await sendUpdate(server, { answers: [record] })).message.rcode).toBe('FORMERR')
      // PowerDNS leaves the transaction of its backend open after the last, and hangs up on whoever comes next.
      const next = await update([], [add(probe())]).then(({ kind }) => kind, errorCode)
      expect(next).toBe(serverName === 'PowerDNS' && record.class === 'CH' ? 'HOTSPARE_DNS_WIRE_NO_ANSWER' : 'applied')
      expect(await update([], [add(probe())])).toEqual({ kind: 'applied' })
    })
  })

  describe('answers', () => {
    it('a short question over UDP, with authority and without a signature', async () => {
      const { message, overTcp, signed } = await client(server, {}).query({ name: www, type: 'A' })
      expect({ overTcp, signed, rcode: message.rcode, flags: message.flags }).toMatchObject({
        overTcp: false,
        signed: false,
        rcode: 'NOERROR',
        flags: { authoritative: true, truncated: false, recursionDesired: false },
      })
      expect(message.answers).toHaveLength(2)
      expect(message.edns?.version).toBe(0)
    })

    it('a long one over TCP, after it was truncated over UDP', async () => {
      const { message, overTcp } = await client(server, {}).query({ name: `big.${zone}`, type: 'TXT' })
      expect({ overTcp, answers: message.answers.length }).toEqual({ overTcp: true, answers: 20 })
    })

    it('what is not there with the SOA, and without EDNS where none was asked for', async () => {
      const { message } = await client(server, {}).query({ name: absent, type: 'A', edns: false })
      expect({ rcode: message.rcode, authorities: message.authorities.map(({ type }) => type), edns: message.edns }).toEqual({
        rcode: 'NXDOMAIN',
        authorities: ['SOA'],
        edns: undefined,
      })
    })

    it('a zone that is not its own: REFUSED', async () => {
      expect((await client(server, {}).query({ name: outside, type: 'A' })).message.rcode).toBe('REFUSED')
    })
  })

  describe('changes all or nothing', () => {
    it('forty writers at once that create if absent: one wins', async () => {
      const name = probe()
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          update(
            [{ kind: 'set-absent', name, type: 'TXT' }],
            [{ kind: 'add', name, type: 'TXT', ttlSeconds: 30, values: [`writer ${index}`] }],
          ),
        ),
      )
      const winners = results.flatMap((result, index) => (result.kind === 'applied' ? [index] : []))
      expect(winners).toHaveLength(1)
      expect(results.filter((result) => result.kind === 'refused' && result.rcode === 'YXRRSET' && result.signed)).toHaveLength(39)
      expect((await look(server, name, 'TXT')).values).toEqual([`writer ${winners[0]}`])
    })

    it('a replacement of values that are no longer there changes nothing', async () => {
      const name = probe()
      await update([], [add(name)])
      const replace = (from: string, to: string) =>
        update([{ kind: 'set-is', name, type: 'A', values: [from] }], [{ kind: 'delete-set', name, type: 'A' }, add(name, to)])
      expect(rcodeOf(await replace('192.0.2.78', '192.0.2.79'))).toBe('NXRRSET')
      expect((await look(server, name, 'A')).values).toEqual(['192.0.2.77'])
      expect(rcodeOf(await replace('192.0.2.77', '192.0.2.79'))).toBe('NOERROR')
      expect((await look(server, name, 'A')).values).toEqual(['192.0.2.79'])
    })

    it('an owner in the same message guards a change', async () => {
      const name = probe()
      const owned = (owner: string) => update([{ kind: 'set-is', name: `owner.${zone}`, type: 'TXT', values: [owner] }], [add(name)])
      expect(rcodeOf(await owned('node=two token=8'))).toBe('NXRRSET')
      expect((await look(server, name, 'A')).values).toEqual([])
      expect(rcodeOf(await owned('node=one token=7'))).toBe('NOERROR')
    })

    it('one step outside of the zone: NOTZONE, and nothing of the rest', async () => {
      const name = probe()
      expect(rcodeOf(await update([], [add(name), add(outside)]))).toBe('NOTZONE')
      expect((await look(server, name, 'A')).values).toEqual([])
    })

    it('adding what is there leaves the serial as it is', async () => {
      const name = probe()
      await update([], [add(name)])
      const before = await serialOf(server)
      expect(await update([], [add(name)])).toEqual({ kind: 'applied' })
      expect(await serialOf(server)).toBe(before)
    })

    it('the NS of the zone cannot be deleted, and nobody says so', async () => {
      expect(await update([], [{ kind: 'delete-set', name: zone, type: 'NS' }])).toEqual({ kind: 'applied' })
      expect((await look(server, zone, 'NS')).values).toEqual([`ns1.${zone}`])
    })

    it('each kind of deletion deletes what it says', async () => {
      const name = probe()
      const values = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
      await update(
        [],
        [
          { kind: 'add', name, type: 'A', ttlSeconds: 30, values },
          { kind: 'add', name, type: 'AAAA', ttlSeconds: 30, values: ['2001:db8::1'] },
        ],
      )
      await update([], [{ kind: 'delete-record', name, type: 'A', values: ['192.0.2.2'] }])
      expect((await look(server, name, 'A')).values).toEqual(['192.0.2.1', '192.0.2.3'])
      await update([], [{ kind: 'delete-set', name, type: 'A' }])
      expect((await look(server, name, 'A')).values).toEqual([])
      expect((await look(server, name, 'AAAA')).values).toEqual(['2001:db8::1'])
      await update([], [{ kind: 'delete-name', name }])
      expect((await look(server, name, 'AAAA')).values).toEqual([])
    })

    it('a new TTL on the same value is taken, but by Knot only after the set was deleted', async () => {
      const name = probe()
      await update([], [add(name)])
      expect(await update([], [add(name, '192.0.2.77', 60)])).toEqual({ kind: 'applied' })
      expect((await look(server, name, 'A')).ttlSeconds).toBe(serverName === 'Knot' ? 30 : 60)
      await update([], [{ kind: 'delete-set', name, type: 'A' }, add(name, '192.0.2.77', 90)])
      expect((await look(server, name, 'A')).ttlSeconds).toBe(90)
    })

    it('a CNAME beside an address is ignored, and only PowerDNS says so', async () => {
      const name = probe()
      await update([], [add(name)])
      const result = await update([], [{ kind: 'add', name, type: 'CNAME', ttlSeconds: 30, values: [www] }])
      expect(rcodeOf(result)).toBe(serverName === 'PowerDNS' ? 'REFUSED' : 'NOERROR')
      expect((await look(server, name, 'CNAME')).values).toEqual([])
      expect((await look(server, name, 'A')).values).toEqual(['192.0.2.77'])
    })

    it('takes values of every type, and has them as they were given', async () => {
      const sets: Readonly<Record<string, readonly string[]>> = {
        A: ['192.0.2.1', '192.0.2.2'],
        AAAA: ['2001:db8::1', '::'],
        // One that has an address: BIND looks.
        MX: ['10 www.example.test'],
        TXT: ['a "quoted" \\ back', 'ä'.repeat(200)],
        SRV: ['0 5 5060 sip.example.test'],
        CAA: ['0 issue "ca.example; account=\\"7\\""'],
        PTR: ['www.example.test'],
        HTTPS: ['1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1'],
        SVCB: ['0 pool.example.test'],
      }
      const name = probe()
      const updates = Object.entries(sets).map(([type, values]): UpdateStep => ({ kind: 'add', name, type, ttlSeconds: 30, values }))
      expect(await update([], updates)).toEqual({ kind: 'applied' })
      for (const [type, values] of Object.entries(sets)) {
        expect((await look(server, name, type)).values).toEqual(values.toSorted())
        const result = await update([{ kind: 'set-is', name, type, values }], [add(probe())])
        expect({ type, rcode: rcodeOf(result) }).toEqual({ type, rcode: 'NOERROR' })
      }
    })
  })

  describe('judges signatures', () => {
    const pick = <T>(answers: Readonly<Record<typeof serverName, T>>): T => answers[serverName]

    it('an update without one', async () => {
      const result = await client(server, {}).update({ zone, prerequisites: [], updates: [add(probe())] })
      expect(rcodeOf(result)).toBe(pick({ BIND: 'REFUSED', Knot: 'NOTAUTH', PowerDNS: 'REFUSED' }))
    })

    const refusal = (tsigError: string) => ({ kind: 'refused', rcode: 'NOTAUTH', signed: false, tsigError })
    const anyhow = { kind: 'refused', rcode: 'REFUSED', signed: false }
    it.each([
      { what: 'another secret', given: { ...key, secret: 'b3RoZXI=' }, tsigError: 'BADSIG' },
      { what: 'a key that it does not know', given: { ...key, name: 'other' }, tsigError: 'BADKEY' },
      { what: 'another algorithm', given: { ...key, algorithm: 'hmac-sha512' as const }, tsigError: 'BADKEY' },
    ])('$what: $tsigError without a signature; PowerDNS just refuses', async ({ given, tsigError }) => {
      const result = await client(server, { key: given }).update({ zone, prerequisites: [], updates: [add(probe())] })
      expect(result).toMatchObject(pick({ BIND: refusal(tsigError), Knot: refusal(tsigError), PowerDNS: anyhow }))
      expect(result.kind === 'refused' && result.tsigError).toBe(pick({ BIND: tsigError, Knot: tsigError, PowerDNS: undefined }))
    })

    it.each([-302, 302])('a clock that is %i seconds off: BADTIME with a signature; PowerDNS just refuses', async (secondsOff) => {
      const result = await client(server, { key, secondsOff }).update({ zone, prerequisites: [], updates: [add(probe())] })
      const badTime = { kind: 'refused', rcode: 'NOTAUTH', signed: true, tsigError: 'BADTIME' }
      expect(result).toMatchObject(pick<object>({ BIND: badTime, Knot: badTime, PowerDNS: anyhow }))
      if (serverName === 'PowerDNS' || result.kind !== 'refused') return
      expect(Math.abs((result.serverAheadSeconds ?? 0) + secondsOff)).toBeLessThan(30)
    })

    it.each([
      { macBytes: 16, BIND: 'NOTAUTH BADTRUNC', Knot: 'NOTAUTH BADSIG', PowerDNS: 'REFUSED' },
      { macBytes: 8, BIND: 'FORMERR BADSIG', Knot: 'NOTAUTH BADSIG', PowerDNS: 'REFUSED' },
    ])('$macBytes bytes of a MAC', async ({ macBytes, ...expected }) => {
      const name = probe()
      const record: WireRecord = { name, type: 'A', class: 'IN', ttlSeconds: 30, data: { kind: 'A', address: '192.0.2.1' } }
      const { message } = await sendUpdate(server, { authorities: [record] }, { macBytes })
      expect([message.rcode, message.tsig?.error].join(' ').trim()).toBe(pick(expected))
      expect((await look(server, name, 'A')).values).toEqual([])
    })

    it('a zone that it does not have: NOTAUTH, signed by all but Knot', async () => {
      const result = await client(server).update({ zone: 'other.test', prerequisites: [], updates: [] })
      expect(result).toMatchObject({ kind: 'refused', rcode: 'NOTAUTH', signed: serverName !== 'Knot' })
    })

    it('a signed question has a signed answer', async () => {
      const { signed, overTcp, message } = await client(server).query({ name: www, type: 'A' })
      expect({ signed, overTcp, rcode: message.rcode }).toEqual({ signed: true, overTcp: true, rcode: 'NOERROR' })
      expect((await client(server).query({ name: www, type: 'A', tcp: false })).signed).toBe(true)
    })
  })
})
