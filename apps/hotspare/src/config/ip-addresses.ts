import { BlockList, isIP } from 'node:net'
import { bad, good, normalIpv6, type Reading } from './addresses.ts'
import type { PeerAddress } from './config.ts'

/** A virtual address, in its shortest form. */
export interface VirtualAddress {
  readonly ip: string
  readonly prefixLength: number
}

/** Ranges by what they are for; IPv4 in IPv6 has a second spelling of its own. */
const RANGES = {
  loopback: ranges(['127.0.0.0', 8], ['::1', 128]),
  multicast: ranges(['224.0.0.0', 4], ['ff00::', 8]),
  unspecified: ranges(['0.0.0.0', 8], ['::', 128]),
  broadcast: ranges(['255.255.255.255', 32]),
  reserved: ranges(['240.0.0.0', 4]),
  mapped: ranges(['::ffff:0:0', 96]),
}

function ranges(...subnets: readonly (readonly [string, number])[]): (ip: string) => boolean {
  const list = new BlockList()
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, familyOf(network))
  return (ip) => {
    const family = familyOf(ip)
    // A list of IPv4 ranges would match their second spelling too.
    return subnets.some(([network]) => familyOf(network) === family) && list.check(ip, family)
  }
}

/** Reads `10.0.0.1:7401` and `[fd00::1]:7401`: no names, since a resolver that is down would take the cluster with it. */
export function readPeer(text: string): Reading<PeerAddress> {
  const [, bracketed, bare = '', digits = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text.trim()) ?? []
  const host = bracketed ?? bare
  const port = Number(digits)
  if (isIP(host) !== (bracketed === undefined ? 4 : 6))
    return bad('write an IP address of the node and a port, like 10.0.0.1:7401 or [fd00::1]:7401')
  if (host.includes('%')) return bad('leave the zone away: it means something else on each node')
  if (port === 0 || port > 65_535) return bad('the port is a number from 1 to 65535')
  const problem = problemOf(host, ['unspecified', 'multicast', 'broadcast', 'reserved', 'mapped'])
  return problem === undefined ? good({ host: normal(host), port }) : bad(problem)
}

/** Reads `10.0.0.100/24`, `fd00::100/64`, and addresses without a prefix, which stand for themselves alone. */
export function readVirtualAddress(text: string): Reading<VirtualAddress> {
  const [, ip = '', digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const family = isIP(ip)
  if (family === 0 || ip.includes('%')) return bad('write an IP address with its prefix, like 10.0.0.100/24 or fd00::100/64')
  const bits = family === 4 ? 32 : 128
  const prefixLength = digits === undefined ? bits : Number(digits)
  if (prefixLength < 1 || prefixLength > bits) return bad(`the prefix of an IPv${family} address is a number from 1 to ${bits}`)
  const problem =
    problemOf(ip, ['loopback', 'unspecified', 'multicast', 'broadcast', 'reserved', 'mapped']) ?? edgeProblem(ip, prefixLength, bits)
  return problem === undefined ? good({ ip: normal(ip), prefixLength }) : bad(problem)
}

/** `10.0.0.100/24` */
export function formatVirtualAddress({ ip, prefixLength }: VirtualAddress): string {
  return `${ip}/${prefixLength}`
}

/** Two addresses of one family can be the ends of one path. */
export function sameFamily(one: PeerAddress, other: PeerAddress): boolean {
  return isIP(one.host) === isIP(other.host)
}

function problemOf(ip: string, kinds: readonly (keyof typeof RANGES)[]): string | undefined {
  const kind = kinds.find((each) => RANGES[each](ip))
  if (kind === undefined) return undefined
  return kind === 'mapped'
    ? 'write an IPv4 address as such: without ::ffff:'
    : `this is ${kind === 'unspecified' ? 'an' : 'a'} ${kind} address`
}

/** The first and the last address of an IPv4 network belong to all of it. */
function edgeProblem(ip: string, prefixLength: number, bits: number): string | undefined {
  if (bits !== 32 || prefixLength > 30) return undefined
  const hostBits = 2 ** (bits - prefixLength)
  const host = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) % hostBits
  if (host === 0) return 'this is the address of the network itself; write the address of a host in it'
  return host === hostBits - 1 ? 'this is the broadcast address of the network' : undefined
}

function familyOf(ip: string): 'ipv4' | 'ipv6' {
  return isIP(ip) === 4 ? 'ipv4' : 'ipv6'
}

function normal(ip: string): string {
  return isIP(ip) === 6 ? normalIpv6(ip) : ip
}
