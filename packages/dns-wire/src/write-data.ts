import { assertNever } from '@hotspare/core'
import { ipv4Bytes, ipv6Bytes } from './address.ts'
import { DnsValueError } from './errors.ts'
import type { RecordData, ServiceParameter } from './record-data.ts'
import { typeNumber } from './registry.ts'
import { serviceKeyNumber } from './service-keys.ts'
import type { WireWriter } from './wire-writer.ts'

/** Of the data, only names of the types of RFC 1035 may be compressed (RFC 3597, 4): others may be unknown to who reads them. */
const WELL_KNOWN = { compressed: true }
const PLAIN = { compressed: false }

/** @throws DnsValueError where something in it cannot be written */
export function writeData(data: RecordData, to: WireWriter): void {
  switch (data.kind) {
    case 'A':
      return to.bytes(ipv4Bytes(data.address))
    case 'AAAA':
      return to.bytes(ipv6Bytes(data.address))
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return to.name(data.target, WELL_KNOWN)
    case 'DNAME':
      return to.name(data.target, PLAIN)
    case 'SOA':
      to.name(data.primary, WELL_KNOWN)
      to.name(data.mailbox, WELL_KNOWN)
      for (const value of [data.serial, data.refreshSeconds, data.retrySeconds, data.expireSeconds, data.minimumSeconds])
        to.number(value, 4)
      return
    case 'MX':
      to.number(data.preference, 2)
      return to.name(data.exchange, WELL_KNOWN)
    case 'TXT':
      if (data.strings.length === 0) throw new DnsValueError('a TXT record has one string at least, if an empty one')
      for (const string of data.strings) {
        to.number(string.length, 1)
        to.bytes(string)
      }
      return
    case 'SRV':
      for (const value of [data.priority, data.weight, data.port]) to.number(value, 2)
      return to.name(data.target, PLAIN)
    case 'CAA':
      if (!/^[a-z0-9]{1,255}$/.test(data.tag)) throw new DnsValueError(`"${data.tag}" is no tag of a CAA record`)
      to.number(data.flags, 1)
      to.number(data.tag.length, 1)
      to.bytes(Uint8Array.from(data.tag, (character) => character.charCodeAt(0)))
      return to.bytes(data.value)
    case 'DS':
      to.number(data.keyTag, 2)
      to.number(data.algorithm, 1)
      to.number(data.digestType, 1)
      return to.bytes(data.digest)
    case 'DNSKEY':
      to.number(data.flags, 2)
      to.number(data.protocol, 1)
      to.number(data.algorithm, 1)
      return to.bytes(data.publicKey)
    case 'RRSIG':
      to.number(typeNumber(data.covers), 2)
      to.number(data.algorithm, 1)
      to.number(data.labels, 1)
      for (const value of [data.originalTtlSeconds, data.untilSeconds, data.fromSeconds]) to.number(value, 4)
      to.number(data.keyTag, 2)
      to.name(data.signer, PLAIN)
      return to.bytes(data.signature)
    case 'HTTPS':
    case 'SVCB':
      to.number(data.priority, 2)
      to.name(data.target, PLAIN)
      return writeParameters(data.parameters, to)
    case 'opaque':
      return to.bytes(data.bytes)
    default:
      return assertNever(data)
  }
}

function writeParameters(parameters: readonly ServiceParameter[], to: WireWriter): void {
  let last = -1
  for (const { key, value } of parameters) {
    const number = serviceKeyNumber(key)
    if (number <= last) throw new DnsValueError(`the parameters of a service are sorted by number, each once: ${key}`)
    last = number
    to.number(number, 2)
    to.number(value.length, 2)
    to.bytes(value)
  }
}
