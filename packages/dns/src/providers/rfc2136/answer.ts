import { CloudError, type CloudFault } from '@hotspare/cloud'
import { type Message, presentValue } from '@hotspare/dns-wire'
import type { RecordSet, RecordSetName } from '../../record-set.ts'
import { recordSet } from '../../value.ts'

/** How a question that was not answered is to be taken: the rest is for people. */
const FAULTS: Readonly<Partial<Record<string, CloudFault>>> = { SERVFAIL: 'unavailable' }

/**
 * What an authoritative answer has of a set: undefined for none.
 *
 * @throws CloudError where the server does not answer for the zone; HotspareError `HOTSPARE_DNS_VALUE` for values that cannot be compared
 */
export function readAnswer(who: string, { rcode, flags, answers }: Message, { name, type }: RecordSetName): RecordSet | undefined {
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') {
    throw new CloudError({ who, fault: FAULTS[rcode] ?? 'refused', why: `${name} ${type} was answered with ${rcode}` })
  }
  if (!flags.authoritative)
    throw new CloudError({ who, fault: 'refused', why: `it does not answer for the zone: ${name} ${type} came from a cache` })
  // A CNAME in the way, and what it leads to, have other types or names.
  const records = answers.filter((record) => record.name === name && record.type === type && record.class === 'IN')
  if (records.length === 0) return undefined
  const ttlSeconds = Math.max(...records.map((record) => record.ttlSeconds))
  return recordSet({ name, type, ttlSeconds, values: records.map(({ data }) => presentValue(type, data)) })
}
