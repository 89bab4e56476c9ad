import type { RecordSet } from '../record-set.ts'
import { type Asked, recordsOf, type Signature } from '../verify/answer.ts'
import { serialDistance } from '../serial.ts'
import type { Finding } from './finding.ts'

/** @param keys the answer to the question for the zone's DNSKEY records */
export function isSigned(zone: string, keys: Asked): boolean {
  return keys.kind === 'answer' && recordsOf(keys.answer.answers, zone, 'DNSKEY').length > 0
}

/** A signed zone changes as fast as it is signed anew. */
export function aboutSigning(zone: string): Finding {
  return {
    code: 'zone-signed',
    severity: 'info',
    where: zone,
    what: 'the zone is signed (DNSSEC): each change counts for validating resolvers from its signature on',
    fix: 'nothing, where the server signs by itself whatever it is told; a zone that is signed by hand or by a job cannot fail over',
  }
}

/**
 * What is wrong with the signatures of a set, in a signed zone.
 *
 * @param asked the answer to the question for the set, with signatures
 * @param nowSeconds since the Unix epoch
 */
export function checkSignatures(set: RecordSet, asked: Asked | undefined, nowSeconds: number): readonly Finding[] {
  if (asked?.kind !== 'answer') return []
  const { name, type } = set
  const records = recordsOf(asked.answer.answers, name, type)
  if (records.length === 0) return []
  const where = `${name} ${type}`
  const signatures = recordsOf(asked.answer.answers, name, 'RRSIG').flatMap(({ signature }) =>
    signature?.covers === type ? [signature] : [],
  )
  if (signatures.length === 0) {
    const fix = 'let the server sign what changes at once (inline-signing, dnssec-policy): validating resolvers refuse it as it is'
    return [{ code: 'signature-missing', severity: 'error', where, what: 'the zone is signed, and this set is not', fix }]
  }
  if (!signatures.some((signature) => holds(signature, nowSeconds))) {
    const fix = 'have the zone signed again, and look at the clock of whoever signs it'
    return [{ code: 'signature-expired', severity: 'error', where, what: 'no signature of the set is valid at this time', fix }]
  }
  return signatures.flatMap(({ originalTtlSeconds }) => originalTtl(set, where, originalTtlSeconds)).slice(0, 1)
}

/** RFC 4035, 5.3.3: a validator may keep a set for no longer than the TTL that was signed; a TTL that was raised since is cut. */
function originalTtl(set: RecordSet, where: string, signedSeconds: number): readonly Finding[] {
  if (signedSeconds === set.ttlSeconds) return []
  return [
    {
      code: 'signature-ttl-differs',
      severity: 'warning',
      where,
      what: `signed with a TTL of ${signedSeconds} s, and configured with ${set.ttlSeconds} s`,
      fix: 'have the set signed anew: validating resolvers go by the signed TTL where it is the shorter one, and may refuse a longer one',
    },
  ]
}

/** Both ends in the circle of serial numbers: RFC 4034, 3.1.5. */
function holds({ startsAtSeconds, endsAtSeconds }: Signature, nowSeconds: number): boolean {
  return serialDistance(startsAtSeconds, nowSeconds) >= 0 && serialDistance(nowSeconds, endsAtSeconds) >= 0
}
