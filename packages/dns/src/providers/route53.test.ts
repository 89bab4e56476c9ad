import assert from 'node:assert/strict'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeProvider } from '../testing/index.ts'
import { QuietClock } from '../testing/quiet-clock.ts'
import { recordSet } from '../value.ts'
import { HOSTED_ZONE, hostedZone, ROUTE53_KEYS, type Route53Fixture, route53Fixture } from './route53.fixture.ts'
import { type Route53Zone, route53Zone } from './route53.ts'
import { readChange, readComplaint, readHostedZones, readListed } from './route53/messages.ts'
import { fromRoute53Text, route53Text } from './route53/txt.ts'

describeProvider(
  { describe, it },
  {
    title: 'a zone at Route 53 with the keys of a role, found by its name',
    async open() {
      const fixture = await route53Fixture({ keys: undefined })
      return { ...fixture, secrets: fixture.metadata.granted }
    },
  },
)

const { signal } = new AbortController()
const www = { name: 'www.example.com', type: 'A' } as const
const set = (...values: readonly string[]) => recordSet({ ...www, ttlSeconds: 60, values })

describe('route53Zone', () => {
  let clock: TestClock
  let fixture: Route53Fixture
  let zone: Route53Zone

  beforeEach(async () => {
    clock = new TestClock()
    fixture = await route53Fixture()
    zone = fixture.connect(clock)
  })

  afterEach(async () => {
    assert.deepEqual(fixture.standIn?.objections, [])
    await zone.close()
    await fixture.close()
  })

  it('asks for no zone whose id it was told', async () => {
    const told = route53Zone({ zone: 'example.com', keys: ROUTE53_KEYS, hostedZoneId: HOSTED_ZONE, endpoint: fixture.server.url, clock })
    await told.read(www, { signal })
    await told.close()
    expect(fixture.server.asked).toHaveLength(1)
  })

  it('takes no set for the one that it asked for only because it comes next', async () => {
    await fixture.seed(recordSet({ name: 'www.example.com', type: 'TXT', ttlSeconds: 60, values: ['x'] }))
    await fixture.seed(recordSet({ name: 'a.www.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.9'] }))
    expect(await zone.read(www, { signal })).toMatchObject({ set: undefined })
  })

  it('reads a wildcard, which is listed in octal', async () => {
    const wildcard = recordSet({ name: '*.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] })
    await fixture.seed(wildcard)
    expect((await zone.read(wildcard, { signal })).set).toEqual(wildcard)
  })

  it('names what it removes by the words in which it was listed, and the old and the new set in one batch', async () => {
    fixture.put({ name: 'www.example.com', type: 'CNAME', ttl: 30, values: ['Old.Example.NET'] })
    const question = { name: 'www.example.com', type: 'CNAME' } as const
    const expected = await zone.read(question, { signal })
    expect(expected.set?.values).toEqual(['old.example.net'])
    const next = recordSet({ ...question, ttlSeconds: 60, values: ['new.example.net'] })
    expect(await zone.change([{ expected, next }], { signal })).toEqual({ kind: 'applied' })
    expect(fixture.bodies[0]?.replaceAll(/<\/?Resource\w+>/g, '')).toContain(
      '<Changes><Change><Action>DELETE</Action><Name>www.example.com.</Name><Type>CNAME</Type><TTL>30</TTL><Value>Old.Example.NET</Value></Change>' +
        '<Change><Action>CREATE</Action><Name>www.example.com.</Name><Type>CNAME</Type><TTL>60</TTL><Value>new.example.net.</Value></Change></Changes>',
    )
  })

  it('never overwrites blindly', async () => {
    await zone.change([{ expected: { ...www, set: undefined }, next: set('192.0.2.1') }], { signal })
    await zone.change([{ expected: await zone.read(www, { signal }), next: undefined }], { signal })
    expect(fixture.bodies.join('')).not.toContain('UPSERT')
  })

  it('removes what it was told of without a reading, where that is what is there', async () => {
    await fixture.seed(set('192.0.2.1'))
    expect(await zone.change([{ expected: { ...www, set: set('192.0.2.1') }, next: undefined }], { signal })).toEqual({ kind: 'applied' })
  })

  it('notices what was to stay away, and is there', async () => {
    const change = () => zone.change([{ expected: { ...www, set: undefined }, next: undefined }], { signal })
    expect(await change()).toEqual({ kind: 'applied' })
    await fixture.seed(set('192.0.2.1'))
    expect(await change()).toMatchObject({ kind: 'conflict', current: [{ set: set('192.0.2.1') }] })
  })

  it.each([
    ['an alias', '<AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>lb.example.net.</DNSName></AliasTarget>'],
    [
      'one of several with weights',
      '<SetIdentifier>a</SetIdentifier><Weight>1</Weight><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>',
    ],
  ])('refuses %s', async (_, extra) => {
    fixture.put({ ...www, ttl: 60, values: ['192.0.2.1'], extra })
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ fault: 'refused', retryable: false })
  })

  it('refuses what cannot be, in the words of Route 53, and does not take that for a conflict', async () => {
    await fixture.seed(set('192.0.2.1'))
    const next = recordSet({ name: 'www.example.com', type: 'CNAME', ttlSeconds: 60, values: ['a.example.net'] })
    const change = zone.change([{ expected: { name: www.name, type: 'CNAME', set: undefined }, next }], { signal })
    await expect(change).rejects.toMatchObject({ fault: 'refused', message: expect.stringContaining('conflicts with other records') })
  })

  it('waits while an earlier change of the zone is being taken in, and gives up after a while', async () => {
    const quiet = new QuietClock(() => `${fixture.server.asked.length}`)
    const patient = fixture.connect(quiet)
    const change = () => patient.change([{ expected: { ...www, set: undefined }, next: set('192.0.2.1') }], { signal })
    fixture.state.busy = 2
    expect(await change()).toEqual({ kind: 'applied' })
    fixture.state.busy = 10
    await expect(change()).rejects.toMatchObject({ fault: 'busy', retryable: true })
    expect(fixture.state.busy).toBe(6)
    await patient.close()
    quiet.stop()
  })

  it('takes a status of 400 with "Throttling" for a limit', async () => {
    fixture.standIn?.fail('limited')
    await expect(zone.read(www, { signal })).rejects.toMatchObject({ code: 'HOTSPARE_CLOUD_LIMITED' })
    expect(zone.waitMs()).toBeGreaterThan(0)
  })

  it('tells whether all name servers have its last change', async () => {
    expect(await zone.isInSync({ signal })).toBe(true)
    await zone.change([{ expected: { ...www, set: undefined }, next: set('192.0.2.1') }], { signal })
    expect(await zone.isInSync({ signal })).toBe(false)
    fixture.state.isInSync = true
    expect(await zone.isInSync({ signal })).toBe(true)
    const { length } = fixture.server.asked
    expect(await zone.isInSync({ signal })).toBe(true)
    expect(fixture.server.asked).toHaveLength(length)
  })

  it('takes the public zone of that very name, once, and refuses to choose between two', async () => {
    await zone.read(www, { signal })
    await zone.read(www, { signal })
    expect(fixture.server.asked.filter((each) => each.includes('hostedzonesbyname'))).toHaveLength(1)
    fixture.zones.push(hostedZone('Z7', 'example.com.', false))
    const other = fixture.connect(clock)
    await expect(other.read(www, { signal })).rejects.toThrow('set hostedZoneId')
    await other.close()
  })

  it.each([
    ['a zone that is none', { zone: 'exa mple' }],
    ['an id that is none', { hostedZoneId: '/hostedzone/Z1' }],
    ['a region that is none', { region: 'frankfurt' }],
    ['an unknown key', { token: 'x' }],
  ])('refuses %s', (_, wrong) => {
    expect(() => route53Zone({ zone: 'example.com', ...wrong })).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_OPTIONS' }))
  })
})

describe('route53Text', () => {
  it('writes what is not printable in octal, and quotation marks and backslashes as zone files do', () => {
    expect(route53Text('TXT', String.raw`a"b\065 ü`)).toBe(String.raw`"a\"b\\065 \303\274"`)
    expect(fromRoute53Text('TXT', String.raw`"a\"b\\065 \303\274" "\101"`)).toBe(String.raw`a"b\065 üA`)
  })

  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (text) => {
        expect(fromRoute53Text('TXT', route53Text('TXT', text))).toBe(text)
      }),
    )
  })
})

describe('the readers of answers of Route 53', () => {
  it('take any text for an answer or for none, and fail with nothing', () => {
    const piece = fc.constantFrom(
      '<ListResourceRecordSetsResponse>',
      '</ListResourceRecordSetsResponse>',
      '<ResourceRecordSets><ResourceRecordSet><Name>www.example.com.</Name><Type>A</Type>',
      '<ResourceRecords><ResourceRecord><Value>1</Value></ResourceRecord></ResourceRecords>',
      '<TTL>60</TTL>',
      '<IsTruncated>false</IsTruncated>',
      '<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>',
      '<InvalidChangeBatch><Messages><Message>m</Message></Messages></InvalidChangeBatch>',
      '<ListHostedZonesByNameResponse>',
      '&amp;',
      '&#x0;',
      '<!DOCTYPE a [<!ENTITY b "c">]>',
      '<![CDATA[',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (answer) => {
        expect(['set', 'absent', 'steered', 'unreadable']).toContain(readListed(answer, www).kind)
        expect(Array.isArray(readHostedZones(answer, 'example.com') ?? [])).toBe(true)
        expect(typeof (readChange(answer) ?? {})).toBe('object')
        expect(typeof readComplaint({ text: answer })).toBe('object')
      }),
    )
  })

  it('know both forms of a refusal', () => {
    const message = 'Tried to delete resource record set www.example.com. type A, but it was not found'
    const older = `<InvalidChangeBatch xmlns="x"><Messages><Message>${message}</Message></Messages></InvalidChangeBatch>`
    const newer = `<ErrorResponse><Error><Code>InvalidChangeBatch</Code><Message>[${message}]</Message></Error></ErrorResponse>`
    expect(readComplaint({ text: older })).toMatchObject({ code: 'InvalidChangeBatch', message })
    expect(readComplaint({ text: newer })).toMatchObject({ code: 'InvalidChangeBatch', message: `[${message}]` })
  })
})
