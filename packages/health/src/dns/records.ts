import { DnsValueError, parseValue, presentValue, readData, type WireReader } from '@hotspare/dns-wire'

/** Types of records that can be asked for. */
export const DNS_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'DNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const

export type DnsType = (typeof DNS_TYPES)[number]

/**
 * Reads the data of a record.
 *
 * @returns the record as a zone file has it, in the spelling of `normalRecord`
 * @throws DnsParseError where the data is cut, or longer than the record
 */
export function readRecord(type: DnsType, data: WireReader): string {
  return presentValue(type, readData(type, data))
}

/**
 * Brings a record that people wrote into the one spelling: names in lower case and without the last dot, IPv6 in its short form, one
 * space between the parts. A TXT is its text, its pieces put together.
 *
 * @returns undefined where it cannot be a record of this type
 */
export function normalRecord(type: DnsType, text: string): string | undefined {
  try {
    return presentValue(type, parseValue(type, text))
  } catch (error) {
    if (error instanceof DnsValueError) return undefined
    throw error
  }
}

/** @returns the serial out of a SOA record as `readRecord` gives it */
export function soaSerial(record: string): number {
  return Number(record.split(' ')[2])
}
