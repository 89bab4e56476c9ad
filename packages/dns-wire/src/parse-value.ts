import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text } from './address.ts'
import { DnsParseError, DnsValueError } from './errors.ts'
import { canonicalName } from './name.ts'
import { readData } from './read-data.ts'
import type { RecordData } from './record-data.ts'
import { typeName, typeNumber } from './registry.ts'
import { readParametersText } from './service-parameters.ts'
import { textBytes, unquotedBytes } from './texts.ts'
import { WireReader } from './wire-reader.ts'

/** A piece of a TXT. */
const STRING_BYTES = 255

/**
 * Reads the data of a record as people write it; names may have a dot at their end, and are absolute without one too. What `presentValue`
 * wrote is read as what it was. Any type may be given as `\# 4 C0000201` (RFC 3597, 5), and those that are not known only so; a TXT
 * is its text as it is, so there `\#` means nothing.
 *
 * @throws DnsValueError where it cannot be a value of that type
 */
export function parseValue(type: string, text: string): RecordData {
  const known = typeName(typeNumber(type))
  if (known === 'TXT') return { kind: 'TXT', strings: pieces(textBytes(text)) }
  if (text.startsWith('\\#')) return readOpaque(known, text)
  return new ValueReader(known, text).read()
}

/** Takes a text apart, part by part. */
class ValueReader {
  readonly #type: string
  readonly #text: string
  readonly #parts: readonly string[]
  #next = 0

  constructor(type: string, text: string) {
    this.#type = type
    this.#text = text.trim()
    this.#parts = this.#text.split(/\s+/)
  }

  read(): RecordData {
    const data = this.#read()
    if (this.#next !== this.#parts.length) throw this.#wrong()
    return data
  }

  #read(): RecordData {
    const type = this.#type
    switch (type) {
      case 'A':
        return { kind: 'A', address: ipv4Text(ipv4Bytes(this.#part())) }
      case 'AAAA':
        return { kind: 'AAAA', address: ipv6Text(ipv6Bytes(this.#part())) }
      case 'CNAME':
      case 'DNAME':
      case 'NS':
      case 'PTR':
        return { kind: type, target: this.#name() }
      case 'SOA':
        return {
          kind: 'SOA',
          primary: this.#name(),
          mailbox: this.#name(),
          serial: this.#number(4),
          refreshSeconds: this.#number(4),
          retrySeconds: this.#number(4),
          expireSeconds: this.#number(4),
          minimumSeconds: this.#number(4),
        }
      case 'MX':
        return { kind: 'MX', preference: this.#number(2), exchange: this.#name() }
      case 'SRV':
        return { kind: 'SRV', priority: this.#number(2), weight: this.#number(2), port: this.#number(2), target: this.#name() }
      case 'CAA':
        return { kind: 'CAA', flags: this.#number(1), tag: this.#tag(), value: this.#quoted() }
      case 'DS':
        return { kind: 'DS', keyTag: this.#number(2), algorithm: this.#number(1), digestType: this.#number(1), digest: this.#hex() }
      case 'DNSKEY':
        return { kind: 'DNSKEY', flags: this.#number(2), protocol: this.#number(1), algorithm: this.#number(1), publicKey: this.#base64() }
      case 'RRSIG':
        return {
          kind: 'RRSIG',
          covers: typeName(typeNumber(this.#part())),
          algorithm: this.#number(1),
          labels: this.#number(1),
          originalTtlSeconds: this.#number(4),
          untilSeconds: this.#number(4),
          fromSeconds: this.#number(4),
          keyTag: this.#number(2),
          signer: this.#name(),
          signature: this.#base64(),
        }
      case 'HTTPS':
      case 'SVCB':
        return { kind: type, priority: this.#number(2), target: this.#name(), parameters: readParametersText(this.#rest(2)) }
      default:
        throw new DnsValueError(`a value of the type ${type} is written like \\# 4 C0000201`)
    }
  }

  #part(): string {
    const part = this.#parts[this.#next++]
    if (part === undefined || part === '') throw this.#wrong()
    return part
  }

  #name(): string {
    return canonicalName(this.#part())
  }

  #number(bytes: 1 | 2 | 4): number {
    const part = this.#part()
    const value = Number(part)
    if (!/^\d{1,10}$/.test(part) || value >= 256 ** bytes) throw this.#wrong()
    return value
  }

  #tag(): string {
    const part = this.#part()
    if (!/^[a-zA-Z0-9]{1,255}$/.test(part)) throw this.#wrong()
    return part.toLowerCase()
  }

  /** Between quotes, or without both of them. */
  #quoted(): Uint8Array {
    const rest = this.#rest(2)
    const [, inner, bare] = /^(?:"((?:[^"\\]|\\.)*)"|([^"]*))$/s.exec(rest) ?? []
    const value = inner ?? bare
    if (value === undefined) throw this.#wrong()
    return unquotedBytes(value)
  }

  #hex(): Uint8Array {
    const bytes = hexBytes(this.#rest(3))
    if (!bytes) throw this.#wrong()
    return bytes
  }

  #base64(): Uint8Array {
    const text = this.#parts.slice(this.#next).join('')
    this.#next = this.#parts.length
    const bytes = Buffer.from(text, 'base64')
    if (bytes.toString('base64') !== text) throw this.#wrong()
    return new Uint8Array(bytes)
  }

  /** What stands behind so many parts, as it stands there. */
  #rest(parts: number): string {
    this.#next = this.#parts.length
    let rest = this.#text
    for (let left = parts; left > 0; left--) rest = rest.replace(/^\S+\s*/, '')
    return rest
  }

  #wrong(): DnsValueError {
    return new DnsValueError(`"${this.#text}" is no value of the type ${this.#type}`)
  }
}

/** RFC 3597, 5. */
function readOpaque(type: string, text: string): RecordData {
  const [, length, digits] = /^\\#\s+(\d{1,5})((?:\s+[0-9A-Fa-f]+)*)\s*$/.exec(text) ?? []
  const bytes = hexBytes(digits ?? '-')
  if (!bytes || bytes.length !== Number(length)) throw new DnsValueError('opaque data is written like \\# 4 C0000201')
  try {
    return readData(type, new WireReader(bytes))
  } catch (error) {
    // Old types may be anything for who does not know them; a known one has to be what it says.
    if (error instanceof DnsParseError) throw new DnsValueError(`these bytes are no value of the type ${type}`)
    throw error
  }
}

function hexBytes(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s+/g, '')
  return /^(?:[0-9A-Fa-f]{2})*$/.test(digits) ? new Uint8Array(Buffer.from(digits, 'hex')) : undefined
}

function pieces(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / STRING_BYTES))
  return Array.from({ length: count }, (_, index) => bytes.slice(index * STRING_BYTES, (index + 1) * STRING_BYTES))
}
