import { describe, expect, it } from 'vitest'
import type { DnsCapabilities } from '../provider.ts'
import type { RecordSet } from '../record-set.ts'
import type { AnswerRecord, Asked } from '../verify/answer.ts'
import { answer, records, silent } from '../verify/fake-network.fixture.ts'
import { aboutSigning, checkSignatures, isSigned } from './check-dnssec.ts'
import { checkName } from './check-names.ts'
import { checkServers } from './check-servers.ts'
import { checkExpressible, checkNegativeTtl, checkServedTtl } from './check-times.ts'
import { judgeTrial, type UpdateTrial } from './check-update.ts'
import { sortFindings } from './finding.ts'
import { formatFindings } from './format.ts'
import { impossibleUpdate } from './trial.ts'

const zone = 'example.com'
const set: RecordSet = { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] }
const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code)

function soa(serial: number): Asked {
  return answer({ answers: records(`example.com 60 SOA ns1.example.com admin.example.com ${serial} 60 60 600 60`) })
}

describe('checkServers', () => {
  const place = (name: string) => ({ name, address: '192.0.2.53', port: 53, from: 'both' as const })

  it('finds that there is no server, and why', () => {
    expect(checkServers(zone, [], { parent: undefined, child: undefined, places: [], gaps: ['no resolver to ask'] })).toEqual([
      expect.objectContaining({
        code: 'servers-unknown',
        severity: 'error',
        what: 'no name server of the zone was found: no resolver to ask',
      }),
    ])
  })

  it.each<{ name: string; soa: Asked; finding: object }>([
    {
      name: 'a server that does not answer',
      soa: silent('no answer within 2000 ms'),
      finding: { code: 'server-unreachable', severity: 'error', where: 'ns1.example.com (192.0.2.53)', what: 'no answer within 2000 ms' },
    },
    {
      name: 'an address family that this machine does not have, which is not held against the server',
      soa: silent('connect ENETUNREACH', true),
      finding: { code: 'server-unreachable-from-here', severity: 'info' },
    },
    {
      name: 'a lame delegation: a server that refuses the zone',
      soa: answer({ rcode: 'REFUSED', authoritative: false }),
      finding: { code: 'server-lame', severity: 'error', what: 'it does not speak for example.com: REFUSED' },
    },
    {
      name: 'a lame delegation: a server whose copy has expired',
      soa: answer({ rcode: 'SERVFAIL', authoritative: false }),
      finding: { code: 'server-lame', what: 'it does not speak for example.com: SERVFAIL' },
    },
    {
      name: 'a lame delegation: a resolver in the place of a server',
      soa: answer({ authoritative: false, answers: records('example.com 60 SOA a b 1 2 3 4 5') }),
      finding: { code: 'server-lame', what: expect.stringContaining('no AA flag') },
    },
    { name: 'a server of the zone above', soa: answer(), finding: { code: 'server-lame', what: expect.stringContaining('no SOA record') } },
  ])('finds $name', ({ soa: said, finding }) => {
    expect(checkServers(zone, [{ place: place('ns1.example.com'), soa: said }], undefined)).toEqual([expect.objectContaining(finding)])
  })

  it('finds a server that is behind the others, across the turn of the serials', () => {
    const looks = [
      { place: place('ns1.example.com'), soa: soa(2) },
      { place: place('ns2.example.com'), soa: soa(4_294_967_295) },
    ]
    expect(checkServers(zone, looks, undefined)).toEqual([
      expect.objectContaining({ code: 'server-behind', severity: 'warning', what: 'serial 4294967295, while another server has 2' }),
    ])
  })

  it('finds name servers that the parent names and the zone does not, and the other way round', () => {
    const delegation = {
      parent: ['ns1.example.com', 'old.example.net'],
      child: ['ns1.example.com', 'new.example.net'],
      places: [],
      gaps: [],
    }
    expect(checkServers(zone, [{ place: place('ns1.example.com'), soa: soa(1) }], delegation)).toEqual([
      expect.objectContaining({
        code: 'delegation-differs',
        what: 'the parent alone names old.example.net; the zone alone names new.example.net',
      }),
    ])
  })

  it('finds nothing where all is well, or where the parent could not be asked', () => {
    const looks = [{ place: place('ns1.example.com'), soa: soa(1) }]
    expect(checkServers(zone, looks, { parent: ['ns1.example.com'], child: ['ns1.example.com'], places: [], gaps: [] })).toEqual([])
    expect(checkServers(zone, looks, { parent: undefined, child: ['ns1.example.com'], places: [], gaps: [] })).toEqual([])
  })
})

describe('the times', () => {
  const capabilities: DnsCapabilities = {
    compareAndSwap: 'none',
    atomicBatch: false,
    types: ['A', 'AAAA'],
    mostValues: 2,
    minimumTtlSeconds: 30,
    typicalPropagationMs: 0,
    rate: { perSecond: 1, burst: 1, source: '' },
    proven: 'contract',
    source: '',
  }

  it.each<{ name: string; set: Partial<RecordSet>; steps?: readonly number[]; code: string }>([
    { name: 'a TTL below the floor', set: { ttlSeconds: 29 }, code: 'ttl-below-floor' },
    { name: 'a TTL between two steps', set: { ttlSeconds: 60 }, steps: [300, 3_600], code: 'ttl-no-step' },
    { name: 'a type that the provider does not have', set: { type: 'SRV' }, code: 'set-inexpressible' },
    { name: 'more values than fit', set: { values: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }, code: 'set-inexpressible' },
  ])('of a set that the provider cannot have: $name', ({ set: more, steps, code }) => {
    expect(codes(checkExpressible({ ...set, ...more }, { ...capabilities, ttlSteps: steps }))).toEqual([code])
  })

  it('of a set that the provider can have are right', () => {
    expect(checkExpressible(set, capabilities)).toEqual([])
    expect(checkExpressible({ ...set, ttlSeconds: 300 }, { ...capabilities, ttlSteps: [300] })).toEqual([])
  })

  it('are wrong where a missing record is remembered for longer than a wrong one', () => {
    expect(checkNegativeTtl(zone, [{ ...set, ttlSeconds: 300 }, set], { serial: 1, negativeTtlSeconds: 31 })).toEqual([
      expect.objectContaining({ code: 'negative-ttl-longer', what: expect.stringContaining('for 31 s') }),
    ])
    expect(checkNegativeTtl(zone, [set], { serial: 1, negativeTtlSeconds: 30 })).toEqual([])
    expect(checkNegativeTtl(zone, [], { serial: 1, negativeTtlSeconds: 3_600 })).toEqual([])
    expect(checkNegativeTtl(zone, [set], undefined)).toEqual([])
  })

  it('are wrong where another TTL is served', () => {
    const served = (ttl: number) => answer({ answers: records(`www.example.com ${ttl} A 192.0.2.1`) })
    expect(codes(checkServedTtl(set, served(300)))).toEqual(['ttl-differs'])
    expect(checkServedTtl(set, served(30))).toEqual([])
    // Not there yet, or not to be had: no statement.
    expect(checkServedTtl(set, answer({ rcode: 'NXDOMAIN' }))).toEqual([])
    expect(checkServedTtl(set, silent('no answer'))).toEqual([])
  })
})

describe('checkName', () => {
  function look(lines: string) {
    const all = records(lines)
    const alias = all.filter(({ type }) => type === 'CNAME')
    const types = ['A', 'AAAA', 'CNAME', 'TXT', 'MX']
    return new Map(
      types.map((type) => [type, answer({ answers: [...alias, ...all.filter((record) => record.type === type && type !== 'CNAME')] })]),
    )
  }
  const both = 'www.example.com 30 A 192.0.2.1\nwww.example.com 30 AAAA 2001:db8::1'

  it('finds an alias that stands in the way, to which servers say NOERROR', () => {
    const findings = checkName(
      zone,
      set,
      new Set(['A', 'AAAA']),
      look('www.example.com 30 CNAME cdn.example.net\ncdn.example.net 30 A 198.51.100.1'),
    )
    expect(findings).toEqual([
      expect.objectContaining({ code: 'alias-in-the-way', severity: 'error', what: expect.stringContaining('cdn.example.net') }),
    ])
  })

  it('finds records that stand in the way of an alias', () => {
    const alias: RecordSet = { ...set, type: 'CNAME', values: ['a.example.net'] }
    expect(checkName(zone, alias, new Set(['CNAME']), look('www.example.com 30 TXT text\nwww.example.com 30 A 192.0.2.1'))).toEqual([
      expect.objectContaining({ code: 'alias-beside-records', what: expect.stringContaining('(A, TXT)') }),
    ])
  })

  it('finds a zone that was to be an alias', () => {
    const apex: RecordSet = { ...set, name: zone, type: 'CNAME', values: ['a.example.net'] }
    expect(codes(checkName(zone, apex, new Set(['CNAME']), look('')))).toEqual(['alias-beside-records'])
  })

  it('finds IPv6 addresses that nobody moves', () => {
    expect(checkName(zone, set, new Set(['A']), look(both))).toEqual([
      expect.objectContaining({ code: 'family-unmanaged', severity: 'error', where: 'www.example.com AAAA' }),
    ])
  })

  it('finds IPv4 addresses that nobody moves', () => {
    const six: RecordSet = { ...set, type: 'AAAA', values: ['2001:db8::1'] }
    expect(checkName(zone, six, new Set(['AAAA']), look(both))).toEqual([
      expect.objectContaining({ code: 'family-unmanaged', where: 'www.example.com A' }),
    ])
  })

  it('mentions that there is no IPv6, unless nobody could tell', () => {
    expect(checkName(zone, set, new Set(['A']), look('www.example.com 30 A 192.0.2.1'))).toEqual([
      expect.objectContaining({ code: 'ipv6-missing', severity: 'info' }),
    ])
    expect(checkName(zone, set, new Set(['A']), new Map([['AAAA', silent('no answer')]]))).toEqual([])
  })

  it('finds nothing where both families are managed, and where an alias is what is managed', () => {
    expect(checkName(zone, set, new Set(['A', 'AAAA']), look(both))).toEqual([])
    const alias: RecordSet = { ...set, type: 'CNAME', values: ['a.example.net'] }
    expect(checkName(zone, alias, new Set(['CNAME']), look('www.example.com 30 CNAME a.example.net'))).toEqual([])
  })
})

describe('DNSSEC', () => {
  const NOW = 1_800_000_000
  const signature = (more: Partial<NonNullable<AnswerRecord['signature']>> = {}): AnswerRecord => ({
    name: 'www.example.com',
    type: 'RRSIG',
    ttlSeconds: 30,
    value: '',
    signature: { covers: 'A', originalTtlSeconds: 30, startsAtSeconds: NOW - 3_600, endsAtSeconds: NOW + 3_600, ...more },
  })
  const served = (...more: readonly AnswerRecord[]) => answer({ answers: [...records('www.example.com 30 A 192.0.2.1'), ...more] })

  it.each<{ name: string; asked: Asked; code: string }>([
    { name: 'a set without a signature', asked: served(), code: 'signature-missing' },
    { name: 'a set with a signature of another type alone', asked: served(signature({ covers: 'AAAA' })), code: 'signature-missing' },
    { name: 'a signature that has ended', asked: served(signature({ endsAtSeconds: NOW - 1 })), code: 'signature-expired' },
    { name: 'a signature that has not begun', asked: served(signature({ startsAtSeconds: NOW + 60 })), code: 'signature-expired' },
    { name: 'a signature of another TTL', asked: served(signature({ originalTtlSeconds: 3_600 })), code: 'signature-ttl-differs' },
  ])('finds $name', ({ asked, code }) => {
    expect(codes(checkSignatures(set, asked, NOW))).toEqual([code])
  })

  it('finds nothing where one of two signatures holds', () => {
    expect(checkSignatures(set, served(signature(), signature({ endsAtSeconds: NOW - 1 })), NOW)).toEqual([])
  })

  it('reads times past the year 2106 in their circle', () => {
    const late = 4_294_967_296 + 100
    expect(checkSignatures(set, served(signature({ startsAtSeconds: 4_294_967_290, endsAtSeconds: 200 })), late)).toEqual([])
  })

  it('is there where the zone has keys', () => {
    expect(isSigned(zone, answer({ answers: records('example.com 60 DNSKEY 257') }))).toBe(true)
    expect(isSigned(zone, answer())).toBe(false)
    expect(isSigned(zone, silent('no answer'))).toBe(false)
    expect(aboutSigning(zone)).toMatchObject({ code: 'zone-signed', severity: 'info' })
  })
})

describe('judgeTrial', () => {
  const refused = (more: Partial<Extract<UpdateTrial, { kind: 'refused' }>>): UpdateTrial => {
    return { kind: 'refused', rcode: 'NOTAUTH', signed: false, because: '', ...more }
  }

  it.each<{ name: string; trial: UpdateTrial; signed?: boolean; code: string; what?: string }>([
    {
      name: 'our clock is behind',
      trial: refused({ signed: true, tsigError: 'BADTIME', serverAheadSeconds: 302 }),
      code: 'tsig-clock-skew',
      what: 'the clock of this machine is 302 s behind the clock of the server (BADTIME)',
    },
    {
      name: 'our clock is ahead',
      trial: refused({ signed: true, tsigError: 'BADTIME', serverAheadSeconds: -7_200 }),
      code: 'tsig-clock-skew',
      what: 'the clock of this machine is 7200 s ahead of the clock of the server (BADTIME)',
    },
    { name: 'the key is not known', trial: refused({ tsigError: 'BADKEY' }), code: 'tsig-key-unknown' },
    { name: 'the secret is another', trial: refused({ tsigError: 'BADSIG' }), code: 'tsig-signature-wrong' },
    { name: 'the signature is too short', trial: refused({ signed: true, tsigError: 'BADTRUNC' }), code: 'tsig-truncated' },
    { name: 'nobody can tell why', trial: refused({ rcode: 'REFUSED' }), code: 'update-refused-unsigned' },
    { name: 'nobody can tell whether it is the right server', trial: refused({}), code: 'update-refused-unsigned' },
    { name: 'it is no primary of the zone', trial: refused({ signed: true }), code: 'update-not-authoritative' },
    { name: 'the key has no rights', trial: refused({ rcode: 'REFUSED', signed: true }), code: 'update-refused' },
    { name: 'no key was used where one is needed', trial: refused({ rcode: 'REFUSED' }), signed: false, code: 'update-refused' },
    { name: 'nobody answers', trial: { kind: 'failed', because: 'refused', unsigned: false }, code: 'update-unreachable' },
    {
      name: 'a yes came without a signature',
      trial: { kind: 'failed', because: 'unsigned', unsigned: true },
      code: 'update-answer-unsigned',
    },
  ])('says so where $name', ({ trial, signed = true, code, what }) => {
    const findings = judgeTrial(zone, '192.0.2.53', signed, trial)
    expect(findings).toEqual([
      expect.objectContaining({ code, severity: 'error', where: '192.0.2.53', ...(what === undefined ? {} : { what }) }),
    ])
  })

  it.each(['NXDOMAIN', 'YXDOMAIN'])('has nothing to say where rights were looked at, and then what is impossible: %s', (rcode) => {
    expect(judgeTrial(zone, '192.0.2.53', true, refused({ rcode, signed: true }))).toEqual([])
    expect(judgeTrial(zone, '192.0.2.53', false, refused({ rcode }))).toEqual([])
    expect(codes(judgeTrial(zone, '192.0.2.53', true, refused({ rcode })))).toEqual(['update-refused-unsigned'])
  })

  it('makes of an update that can be carried out, or that changes anything else, no trial', () => {
    const { prerequisites, updates } = impossibleUpdate(zone, [set, { ...set, type: 'AAAA' }])
    expect(prerequisites.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'name-in-use _hotspare-doctor.example.com',
      'name-not-in-use _hotspare-doctor.example.com',
    ])
    expect(updates.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'delete-set www.example.com',
      'delete-set www.example.com',
      'delete-set _hotspare.www.example.com',
    ])
    expect(impossibleUpdate(zone, []).updates).toEqual([{ kind: 'delete-set', name: '_hotspare-doctor.example.com', type: 'TXT' }])
  })
})

it('findings are told with the worst first, each with what to do', () => {
  const [info] = checkName(zone, set, new Set(['A']), new Map([['AAAA', answer()]]))
  const [error] = judgeTrial(zone, '192.0.2.53', true, { kind: 'failed', because: 'no answer', unsigned: false })
  const sorted = sortFindings([info!, error!])
  expect(codes(sorted)).toEqual(['update-unreachable', 'ipv6-missing'])
  expect(formatFindings(sorted.slice(0, 1))).toEqual([
    'error: 192.0.2.53: no answer [update-unreachable]',
    '  is it the primary, does it run, does a firewall let TCP through to its port?',
  ])
})
