import { assertNever } from '@hotspare/core'
import type { RecordData } from './record-data.ts'
import { parametersText } from './service-parameters.ts'
import { bytesText, quotedText } from './texts.ts'

/**
 * Writes the data of a record as people do, in one spelling: names in lower case and without a dot at their end, IPv6 in its short form
 * (RFC 5952), one blank between parts. A TXT is its text, its pieces put together and without quotes; opaque data is as in RFC 3597, 5.
 *
 * @param _type of the record; `data` says enough
 * @returns what `parseValue` reads again; where its pieces are cut, a TXT does not tell
 */
export function presentValue(_type: string, data: RecordData): string {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return data.address
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return data.target
    case 'SOA': {
      const { primary, mailbox, serial, refreshSeconds, retrySeconds, expireSeconds, minimumSeconds } = data
      return [primary, mailbox, serial, refreshSeconds, retrySeconds, expireSeconds, minimumSeconds].join(' ')
    }
    case 'MX':
      return `${data.preference} ${data.exchange}`
    case 'TXT':
      return bytesText(Buffer.concat(data.strings))
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`
    case 'CAA':
      return `${data.flags} ${data.tag} "${quotedText(data.value)}"`
    case 'DS':
      return `${data.keyTag} ${data.algorithm} ${data.digestType} ${hex(data.digest)}`
    case 'DNSKEY':
      return `${data.flags} ${data.protocol} ${data.algorithm} ${base64(data.publicKey)}`
    case 'RRSIG': {
      const { covers, algorithm, labels, originalTtlSeconds, untilSeconds, fromSeconds, keyTag, signer, signature } = data
      return [covers, algorithm, labels, originalTtlSeconds, untilSeconds, fromSeconds, keyTag, signer, base64(signature)].join(' ')
    }
    case 'HTTPS':
    case 'SVCB':
      return [data.priority, data.target, ...parametersText(data.parameters)].join(' ')
    case 'opaque':
      return ['\\#', data.bytes.length, ...(data.bytes.length > 0 ? [hex(data.bytes)] : [])].join(' ')
    default:
      return assertNever(data)
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase()
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
