import { ipv4Text, ipv6Text } from './address.ts'
import { DnsParseError } from './errors.ts'
import type { RecordData, ServiceParameter } from './record-data.ts'
import { typeName } from './registry.ts'
import { serviceKeyName } from './service-keys.ts'
import type { WireReader } from './wire-reader.ts'

/**
 * Takes the data of a record apart. Names may be compressed where RFC 3597, 4 has receivers follow that; of other types none is.
 *
 * @param type `A`, `TYPE65280`, ...
 * @param data a reader of the data alone
 * @throws DnsParseError where it is cut, or has something behind it
 */
export function readData(type: string, data: WireReader): RecordData {
  const read = readKnown(type, data) ?? { kind: 'opaque', bytes: data.rest() }
  if (!data.done) throw new DnsParseError('the data of a record has something behind it')
  return read
}

function readKnown(type: string, data: WireReader): RecordData | undefined {
  switch (type) {
    case 'A':
      return { kind: 'A', address: ipv4Text(data.bytes(4)) }
    case 'AAAA':
      return { kind: 'AAAA', address: ipv6Text(data.bytes(16)) }
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return { kind: type, target: data.name() }
    case 'SOA':
      return {
        kind: 'SOA',
        primary: data.name(),
        mailbox: data.name(),
        serial: data.number(4),
        refreshSeconds: data.number(4),
        retrySeconds: data.number(4),
        expireSeconds: data.number(4),
        minimumSeconds: data.number(4),
      }
    case 'MX':
      return { kind: 'MX', preference: data.number(2), exchange: data.name() }
    case 'TXT': {
      const strings: Uint8Array[] = []
      do strings.push(data.bytes(data.number(1)))
      while (!data.done)
      return { kind: 'TXT', strings }
    }
    case 'SRV':
      return { kind: 'SRV', priority: data.number(2), weight: data.number(2), port: data.number(2), target: data.name() }
    case 'CAA': {
      const flags = data.number(1)
      return { kind: 'CAA', flags, tag: readTag(data.bytes(data.number(1))), value: data.rest() }
    }
    case 'DS':
      return { kind: 'DS', keyTag: data.number(2), algorithm: data.number(1), digestType: data.number(1), digest: data.rest() }
    case 'DNSKEY':
      return { kind: 'DNSKEY', flags: data.number(2), protocol: data.number(1), algorithm: data.number(1), publicKey: data.rest() }
    case 'RRSIG':
      return {
        kind: 'RRSIG',
        covers: typeName(data.number(2)),
        algorithm: data.number(1),
        labels: data.number(1),
        originalTtlSeconds: data.number(4),
        untilSeconds: data.number(4),
        fromSeconds: data.number(4),
        keyTag: data.number(2),
        signer: data.name({ pointers: false }),
        signature: data.rest(),
      }
    case 'HTTPS':
    case 'SVCB':
      return { kind: type, priority: data.number(2), target: data.name({ pointers: false }), parameters: readParameters(data) }
    default:
      return undefined
  }
}

/** RFC 8659, 4.1: letters and digits, of no case. */
function readTag(bytes: Uint8Array): string {
  const tag = String.fromCharCode(...bytes)
  if (!/^[a-zA-Z0-9]+$/.test(tag)) throw new DnsParseError('the tag of a CAA record is no word')
  return tag.toLowerCase()
}

/** RFC 9460, 2.2: growing numbers, so that none comes twice. */
function readParameters(data: WireReader): readonly ServiceParameter[] {
  const parameters: ServiceParameter[] = []
  let last = -1
  while (!data.done) {
    const number = data.number(2)
    if (number <= last) throw new DnsParseError('the parameters of a service are out of order')
    last = number
    parameters.push({ key: serviceKeyName(number), value: data.bytes(data.number(2)) })
  }
  return parameters
}
