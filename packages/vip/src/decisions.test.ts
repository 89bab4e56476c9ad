import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextAnnouncementMs } from './announce-schedule.ts'
import { type ClaimFacts, decideClaim } from './claim-decision.ts'
import { ANNOUNCE_AT_MS } from './defaults.ts'
import { isOurs, labelOf } from './driver.ts'
import { parseArpingReply, parseIpAddresses, parseIpLinks, parseIpNeighbour } from './ip-json.ts'
import { addressLifetimeSeconds, gateKeptMs, gateOpenMs } from './lifetime.ts'
import { vipInstruction } from './resource.ts'

const LINK = { index: 2, name: 'eth0', mac: '02:00:00:00:00:0a', up: true, carrier: true, ethernet: true }
const ENTRY = { linkIndex: 2, address: '10.0.0.100', prefixLength: 32, unusable: false }
const STRANGER = '02:00:00:00:00:0f'
const FACTS: ClaimFacts = { address: '10.0.0.100/32', interface: 'eth0', links: [LINK], entries: [], holder: undefined, tolerate: [] }

describe('whether an address may be claimed', () => {
  it.for<[string, Partial<ClaimFacts>, object]>([
    [
      'not without the interface',
      { links: [] },
      { type: 'refuse', retryable: false, because: 'there is no interface eth0 here; there are none' },
    ],
    ['not while it is down', { links: [{ ...LINK, up: false }] }, { type: 'refuse', retryable: true }],
    ['not without a carrier', { links: [{ ...LINK, carrier: false }] }, { type: 'refuse', retryable: true }],
    ['not while a stranger holds it', { holder: STRANGER }, { type: 'foreign', mac: STRANGER }],
    [
      'not while it is on another interface of this node',
      { links: [LINK, { ...LINK, index: 3, name: 'eth1' }], entries: [{ ...ENTRY, linkIndex: 3 }] },
      { type: 'refuse', retryable: false, because: '10.0.0.100/32 is on eth1 of this node already: remove it there first' },
    ],
    ['when nobody has it', {}, { type: 'add' }],
    ['when we are the one who answers', { holder: LINK.mac }, { type: 'add' }],
    ['when whoever has it is tolerated', { holder: STRANGER, tolerate: [STRANGER.toUpperCase()] }, { type: 'add' }],
    ['as it is, when it is here already', { entries: [ENTRY], holder: STRANGER }, { type: 'adopt', entry: ENTRY }],
  ])('%s', ([, facts, decision]) => expect(decideClaim({ ...FACTS, ...facts })).toMatchObject(decision))
})

describe('announcements', () => {
  it('that were missed are not made up for', () => {
    const schedule = { burstMs: ANNOUNCE_AT_MS, everyMs: 30_000 }
    expect([0, 100, 200, 3_000, 5_000, 34_999, 35_000, 1_000_000].map((at) => nextAnnouncementMs(schedule, at))).toEqual([
      200, 200, 1_200, 5_000, 35_000, 35_000, 65_000, 1_025_000,
    ])
  })

  it('always lie ahead, and never further than the pace', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 1_000, max: 100_000 }), (sinceMs, everyMs) => {
        const next = nextAnnouncementMs({ burstMs: ANNOUNCE_AT_MS, everyMs }, sinceMs)
        expect(next).toBeGreaterThan(sinceMs)
        expect(next - sinceMs).toBeLessThanOrEqual(Math.max(everyMs, 2_600))
      }),
    )
  })
})

describe('lifetimes', () => {
  const rules = { lifetimeMs: 2_000, marginMs: 25, refreshMs: 200, resetMs: 250, guardMs: 5_000 }

  it.for([
    [5_000, 1_975, 3],
    [1_600, 1_575, 2],
    [1_000, 975, 2],
    [700, 675, 1],
    [26, 1, 1],
    [25, 0, 1],
    [0, 0, undefined],
    [-100, 0, undefined],
  ] as const)('with %i ms left of the right, the gate opens for %i ms and the address stays for %s s', ([remainingMs, openMs, seconds]) => {
    expect(gateOpenMs(rules, remainingMs)).toBe(openMs)
    expect(addressLifetimeSeconds(rules, remainingMs, 0)).toBe(seconds)
  })

  it('never open the gate past the right, close it before the address goes, and keep it until after', () => {
    const times = fc.double({ min: -1_000, max: 100_000, noNaN: true })
    fc.assert(
      fc.property(times, times, fc.integer({ min: 250, max: 60_000 }), (remainingMs, setMs, lifetimeMs) => {
        const own = { ...rules, lifetimeMs }
        const openMs = gateOpenMs(own, remainingMs)
        expect(openMs).toBeLessThanOrEqual(Math.max(0, remainingMs - rules.marginMs))
        const seconds = addressLifetimeSeconds(own, remainingMs, setMs)
        const staysMs = seconds === undefined ? setMs : seconds * 1_000
        expect(remainingMs <= 0 || staysMs >= openMs + rules.resetMs).toBe(true)
        expect(gateKeptMs(own)).toBeGreaterThan((seconds ?? 0) * 1_000 + 1_000)
      }),
    )
  })
})

describe('what is ours', () => {
  it('shows in the label, or in who added it', () => {
    expect([labelOf('eth0', 'hs'), labelOf('enp0s31f6.4000', 'hs')]).toEqual(['eth0:hs', undefined])
    expect(isOurs({ ...ENTRY, label: 'eth0:hs7' })).toBe(true)
    expect(isOurs({ ...ENTRY, protocol: 0x68 })).toBe(true)
    expect(isOurs({ ...ENTRY, label: 'eth0' })).toBe(false)
    expect(isOurs(ENTRY)).toBe(false)
  })
})

describe('what commands print', () => {
  it('is read for what we need, and is refused when it is no JSON', () => {
    const link = { ifindex: 2, ifname: 'eth0', flags: ['UP', 'LOWER_UP'], link_type: 'ether', address: '02:00:00:00:00:0A', more: 1 }
    expect(parseIpLinks(JSON.stringify([link, {}]))).toEqual([LINK])
    const info = { family: 'inet6', local: 'FD00::1', prefixlen: 128, valid_life_time: 7, dadfailed: true }
    expect(parseIpAddresses(JSON.stringify([{ ifindex: 2, addr_info: [info, null] }, {}]))).toEqual([
      { linkIndex: 2, address: 'fd00::1', prefixLength: 128, unusable: true, validSeconds: 7 },
    ])
    expect(parseIpNeighbour('[{"dst":"fd00::1","state":["FAILED"]},{"lladdr":"02:00:00:00:00:0A"}]')).toBe(LINK.mac)
    expect(parseArpingReply('Unicast reply from 10.0.0.1 [02:00:00:00:00:0A]  0.7ms')).toBe(LINK.mac)
    expect([parseIpLinks('Object "x"'), parseIpAddresses('{'), parseIpNeighbour(''), parseArpingReply('Sent 1 probes')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        (text) => void [parseIpLinks(text), parseIpAddresses(text), parseIpNeighbour(text), parseArpingReply(text)],
      ),
    )
  })
})

describe('the commands for people', () => {
  it('are those that the machine carries out', () => {
    expect(vipInstruction('acquire', { address: '10.0.0.100/32', interface: 'eth0', hasLifetime: false })).toEqual({
      what: 'Put 10.0.0.100 on eth0, and tell the network.',
      manual: ['ip address add 10.0.0.100/32 dev eth0', 'arping -U -c 3 -I eth0 10.0.0.100'],
      verification: { command: 'ip -o address show dev eth0 to 10.0.0.100', expect: String.raw`10\.0\.0\.100\/` },
      undo: ['ip address delete 10.0.0.100/32 dev eth0'],
    })
    expect(vipInstruction('release', { address: '10.0.0.100/32', interface: 'eth0', hasLifetime: true })).toEqual({
      what: 'Take 10.0.0.100 off eth0.',
      manual: ['ip address delete 10.0.0.100/32 dev eth0'],
      verification: { command: 'ip -o address show dev eth0 to 10.0.0.100', expect: '^$' },
    })
  })

  it('lift the gate first where there is one', () => {
    const { manual } = vipInstruction('acquire', { address: '10.0.0.100/32', interface: 'eth0', hasLifetime: true })
    expect(manual.slice(0, 2)).toEqual([
      "nft delete element inet hotspare_vip guarded4 '{ 10.0.0.100 }' 2>/dev/null || true",
      "nft delete element arp hotspare_vip guarded4 '{ 10.0.0.100 }' 2>/dev/null || true",
    ])
    expect(vipInstruction('acquire', { address: 'fd00::1/128', interface: 'eth0', hasLifetime: false }).manual[0]).toBe(
      'ip address add fd00::1/128 dev eth0 nodad preferred_lft 0',
    )
  })
})
