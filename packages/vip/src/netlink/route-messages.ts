import { type VirtualAddress, addressText, macText } from '../address.ts'
import { ADDRESS_PROTOCOL, type AddressEntry, type LinkFacts } from '../driver.ts'
import { attribute, decodeAttributes, joined, textAttribute, textOf, wordAt, wordAttribute, words } from './message.ts'

/** The part of rtnetlink(7) that is about links and addresses. */

export const RTM_NEWLINK = 16
export const RTM_GETLINK = 18
export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_GETADDR = 22

const AF_INET = 2
const AF_INET6 = 10
const ARPHRD_ETHER = 1
const IFF_UP = 0x1
const IFF_LOWER_UP = 0x1_0000

const IFLA_ADDRESS = 1
const IFLA_IFNAME = 3
const LINK_HEADER_BYTES = 16

const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const IFA_LABEL = 3
const IFA_CACHEINFO = 6
const IFA_FLAGS = 8
const IFA_PROTO = 11
const ADDRESS_HEADER_BYTES = 8

const IFA_F_NODAD = 0x02
const IFA_F_DADFAILED = 0x08
const IFA_F_TENTATIVE = 0x40
const IFA_F_NOPREFIXROUTE = 0x200
const FOREVER = 0xffff_ffff

export const LINKS_REQUEST: Uint8Array = new Uint8Array(LINK_HEADER_BYTES)

/** @param family all when undefined */
export function addressesRequest(family?: VirtualAddress['family']): Uint8Array {
  const body = new Uint8Array(ADDRESS_HEADER_BYTES)
  if (family !== undefined) body[0] = family === 4 ? AF_INET : AF_INET6
  return body
}

export function parseLink(body: Uint8Array): LinkFacts | undefined {
  if (body.length < LINK_HEADER_BYTES) return undefined
  const attributes = decodeAttributes(body.subarray(LINK_HEADER_BYTES))
  const name = textOf(attributes.get(IFLA_IFNAME))
  const index = wordAt(body, 1)
  if (name === '' || index === 0) return undefined
  const flags = wordAt(body, 2)
  const ethernet = ((body[2] ?? 0) | ((body[3] ?? 0) << 8)) === ARPHRD_ETHER
  const mac = macText(attributes.get(IFLA_ADDRESS) ?? new Uint8Array())
  return { index, name, mac, ethernet, up: (flags & IFF_UP) !== 0, carrier: (flags & IFF_LOWER_UP) !== 0 }
}

export function parseAddress(body: Uint8Array): AddressEntry | undefined {
  if (body.length < ADDRESS_HEADER_BYTES) return undefined
  const attributes = decodeAttributes(body.subarray(ADDRESS_HEADER_BYTES))
  // On a link from point to point, IFA_ADDRESS is the other side's.
  const address = addressText(attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS) ?? new Uint8Array())
  if (address === '') return undefined
  const flags = attributes.has(IFA_FLAGS) ? wordAt(attributes.get(IFA_FLAGS)) : (body[2] ?? 0)
  const lifetimes = attributes.get(IFA_CACHEINFO)
  const validSeconds = lifetimes ? wordAt(lifetimes, 1) : FOREVER
  const label = textOf(attributes.get(IFA_LABEL))
  const protocol = attributes.get(IFA_PROTO)?.[0]
  return {
    linkIndex: wordAt(body, 1),
    address,
    prefixLength: body[1] ?? 0,
    unusable: (flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) !== 0,
    ...(label === '' ? {} : { label }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(validSeconds === FOREVER ? {} : { validSeconds }),
  }
}

export interface AddressBody {
  readonly linkIndex: number
  readonly address: VirtualAddress
  readonly prefixLength: number
  readonly label?: string | undefined
  readonly validSeconds?: number | undefined
}

/** The body of `RTM_NEWADDR`. */
export function newAddressBody({ linkIndex, address, prefixLength, label, validSeconds = FOREVER }: AddressBody): Uint8Array {
  const ipv6 = address.family === 6
  // Never the source of our own connections: those would break with the next move. IPv4 has no such notion.
  const preferredSeconds = ipv6 ? 0 : validSeconds
  return joined([
    deleteAddressBody({ linkIndex, address, prefixLength }),
    attribute(IFA_CACHEINFO, words(preferredSeconds, validSeconds, 0, 0)),
    // We have probed ourselves: the kernel's own detection takes more than a second, in which it does not answer.
    wordAttribute(IFA_FLAGS, IFA_F_NOPREFIXROUTE | (ipv6 ? IFA_F_NODAD : 0)),
    attribute(IFA_PROTO, Uint8Array.of(ADDRESS_PROTOCOL)),
    ...(label === undefined || ipv6 ? [] : [textAttribute(IFA_LABEL, label)]),
  ])
}

/** The body of `RTM_DELADDR`. */
export function deleteAddressBody({ linkIndex, address, prefixLength }: Omit<AddressBody, 'label' | 'validSeconds'>): Uint8Array {
  const header = new Uint8Array(ADDRESS_HEADER_BYTES)
  header[0] = address.family === 4 ? AF_INET : AF_INET6
  header[1] = prefixLength
  header.set(words(linkIndex), 4)
  return joined([header, attribute(IFA_LOCAL, address.bytes), attribute(IFA_ADDRESS, address.bytes)])
}
