import { describe, expect, it } from 'vitest'
import { parseClaims } from './arp-log.ts'

/** As tcpdump 4.99 prints it. */
const output = `tcpdump: data link type LINUX_SLL2
listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes
10.000001 port1  B   ifindex 4 36:1f:f0:66:cb:e1 ethertype ARP (0x0806), length 48: Request who-has 10.77.0.100 tell 10.77.0.2, length 28
10.000002 bridge B   ifindex 2 36:1f:f0:66:cb:e1 ethertype ARP (0x0806), length 48: Request who-has 10.77.0.100 tell 10.77.0.2, length 28
10.001000 port0  P   ifindex 3 02:4d:00:00:00:01 ethertype ARP (0x0806), length 48: Reply 10.77.0.100 is-at 02:4d:00:00:00:01, length 28
10.002000 port0  B   ifindex 3 02:4d:00:00:00:01 ethertype ARP (0x0806), length 48: Request who-has 10.77.0.100 (ff:ff:ff:ff:ff:ff) tell 10.77.0.100, length 28
10.002001 bridge B   ifindex 2 02:4d:00:00:00:01 ethertype ARP (0x0806), length 48: Request who-has 10.77.0.100 (ff:ff:ff:ff:ff:ff) tell 10.77.0.100, length 28
10.003000 port2  B   ifindex 5 02:4d:00:00:00:03 ethertype ARP (0x0806), length 48: Request who-has 10.77.0.9 tell 10.77.0.100, length 28
10.004000 port0  P   ifindex 3 02:4d:00:00:00:01 ethertype ARP (0x0806), length 48: Reply 10.77.0.10 is-at 02:4d:00:00:00:01, length 28
10.005000 port0  M   ifindex 3 02:4d:00:00:00:01 ethertype IPv6 (0x86dd), length 92: fe80::4d > ff02::1: ICMP6, neighbor advertisement, tgt is fd00::100, length 32
`
const kindsOf = (address: string) =>
  parseClaims(output, address, (wallMs) => wallMs).map(({ atMs, port, kind }) => [Math.round(atMs), port, kind])

describe('parseClaims', () => {
  it('leaves out questions of others, other addresses, and copies', () => {
    expect(kindsOf('10.77.0.2')).toEqual([[10_000, 'port1', 'use']])
    expect(kindsOf('10.77.0.1')).toEqual([])
  })

  it('tells answers from announcements and from requests in the name of the address', () => {
    expect(kindsOf('10.77.0.100')).toEqual([
      [10_001, 'port0', 'answer'],
      [10_002, 'port0', 'announcement'],
      [10_003, 'port2', 'use'],
    ])
    expect(kindsOf('fd00::100')).toEqual([[10_005, 'port0', 'answer']])
  })
})
