import { isIPv4, isIPv6 } from 'node:net'
import { assertNever } from '@hotspare/core'
import type { WireReader } from './wire-reader.ts'

/** Types of records that can be asked for, with their numbers. */
export const DNS_TYPES = {
  A: 1,
  AAAA: 28,
  CAA: 257,
  CNAME: 5,
  DNAME: 39,
  MX: 15,
  NS: 2,
  PTR: 12,
  SOA: 6,
  SRV: 33,
  TXT: 16,
} as const

export type DnsType = keyof typeof DNS_TYPES

/**
 * Reads the data of a record.
 *
 * @returns the record as a zone file has it, in the spelling of `normalRecord`
 * @throws RangeError where the data is cut
 */
export function readRecord(type: DnsType, data: WireReader): string {
  switch (type) {
    case 'A':
      return [...data.bytes(4)].join('.')
    case 'AAAA':
      return shortIPv6((data.bytes(16).toString('hex').match(/.{4}/g) ?? []).join(':'))
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return data.name()
    case 'CAA': {
      const flags = data.number(1)
      const tag = data.bytes(data.number(1)).toString('latin1')
      return `${flags} ${tag.toLowerCase()} "${data.rest().toString()}"`
    }
    case 'MX':
      return `${data.number(2)} ${data.name()}`
    case 'SOA':
      return [data.name(), data.name(), ...Array.from({ length: 5 }, () => data.number(4))].join(' ')
    case 'SRV':
      return [data.number(2), data.number(2), data.number(2), data.name()].join(' ')
    case 'TXT': {
      const pieces: Buffer[] = []
      while (!data.done) pieces.push(data.bytes(data.number(1)))
      return Buffer.concat(pieces).toString()
    }
    default:
      return assertNever(type)
  }
}

/**
 * Brings a record that people wrote into the one spelling: names in lower case and without the last dot, IPv6 in its short form, one
 * space between the parts. A TXT is its text, its pieces put together.
 *
 * @returns undefined where it cannot be a record of this type
 */
export function normalRecord(type: DnsType, text: string): string | undefined {
  switch (type) {
    case 'A':
      return isIPv4(text) ? text : undefined
    case 'AAAA':
      return isIPv6(text) && !text.includes('%') ? shortIPv6(text) : undefined
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return normalName(text)
    case 'MX':
      return normalParts(text, 'nN')
    case 'SRV':
      return normalParts(text, 'nnnN')
    case 'SOA':
      return normalParts(text, 'NNnnnnn')
    case 'CAA': {
      const [, flags, tag = '', value] = /^(\d{1,3})\s+([a-zA-Z0-9]{1,15})\s+"?([^"]*)"?$/.exec(text) ?? []
      return flags === undefined ? undefined : `${Number(flags)} ${tag.toLowerCase()} "${value}"`
    }
    case 'TXT':
      return text
    default:
      return assertNever(type)
  }
}

/** @returns the serial out of a SOA record as `readRecord` gives it */
export function soaSerial(record: string): number {
  return Number(record.split(' ')[2])
}

/** The form of RFC 5952. */
function shortIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}

/** Names in DNS differ neither by case nor by a dot at their end; only the root has an empty label. */
function normalName(name: string): string | undefined {
  return /^(?:\.|[^\s.]+(?:\.[^\s.]+)*\.?)$/.test(name) ? name.toLowerCase().replace(/(?<=.)\.$/, '') : undefined
}

/** @param form what each part is: `n` a number, `N` a name */
function normalParts(text: string, form: string): string | undefined {
  const parts = text.trim().split(/\s+/)
  if (parts.length !== form.length) return undefined
  const normal = parts.map((part, index) => {
    if (form[index] === 'N') return normalName(part)
    return /^\d{1,10}$/.test(part) ? String(Number(part)) : undefined
  })
  return normal.includes(undefined) ? undefined : normal.join(' ')
}
