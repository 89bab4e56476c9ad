import { CloudError, type CloudFault } from '@hotspare/cloud'
import { HotspareError } from '@hotspare/core'
import type { UpdateResult } from '@hotspare/dns-wire/client'

export type UpdateRefusal = Extract<UpdateResult, { kind: 'refused' }>

/** What a prerequisite that does not hold is answered with. RFC 2136, 3.2.5. */
const OVERTAKEN: ReadonlySet<string> = new Set(['NXRRSET', 'YXRRSET'])

/** What may be over in a moment. */
const PASSING: ReadonlySet<string> = new Set(['SERVFAIL'])

/** Whether something else is there than what was expected. Without the signature that is due, nobody knows. */
export function wasOvertaken({ rcode, signed }: UpdateRefusal, isKeyed: boolean): boolean {
  return OVERTAKEN.has(rcode) && (signed || !isKeyed)
}

/** Any other refusal, as an error. */
export function refusalError(who: string, refusal: UpdateRefusal, isKeyed: boolean): CloudError {
  return new CloudError({ who, fault: faultOf(refusal, isKeyed), why: whyOf(refusal, isKeyed) })
}

function faultOf({ rcode, signed, tsigError }: UpdateRefusal, isKeyed: boolean): CloudFault {
  // It can be signed only where the key is known to both: the server says that it is not.
  if (tsigError !== undefined) return 'credentials'
  if (isKeyed && !signed) return 'unavailable'
  return PASSING.has(rcode) ? 'unavailable' : 'refused'
}

function whyOf({ rcode, signed, tsigError, because }: UpdateRefusal, isKeyed: boolean): string {
  if (tsigError === undefined && isKeyed && !signed) {
    return `${rcode} without a signature, so that the cause is not known: the key, its rights, the clocks, or somebody in between`
  }
  return because
}

/** What was thrown instead of an answer: where the server says that it does not know our key, it is that. */
export function thrownError(who: string, thrown: unknown): unknown {
  if (!HotspareError.is(thrown) || !('tsigError' in thrown) || thrown.tsigError === undefined) return thrown
  return new CloudError({ who, fault: 'credentials', why: thrown.message, cause: thrown })
}
