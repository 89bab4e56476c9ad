import { assertNever } from '@hotspare/core'
import { answersRequest } from '../answers-request.ts'
import type { UpdateResult } from './contract.ts'
import { decodeMessage } from '../decode-message.ts'
import { DnsParseError } from '../errors.ts'
import type { Message, TsigRecord } from '../message.ts'
import type { TsigVerdict } from '../tsig/verify.ts'
import { WireReader } from '../wire-reader.ts'

/** What a message from a server is to what was sent to it. */
export type Reply =
  | { readonly kind: 'answer'; readonly message: Message }
  /** It did not fit into a datagram. */
  | { readonly kind: 'truncated' }
  /** It answers something else: somebody else's, a late one, a forged one, no DNS at all. */
  | { readonly kind: 'stray' }
  | { readonly kind: 'malformed'; readonly because: string }

const FLAG_TRUNCATED = 0x02_00

/** Says what a message from a server is; nothing that is in it makes it throw. */
export function judgeReply(request: Uint8Array, reply: Uint8Array): Reply {
  if (!answersRequest(request, reply)) return { kind: 'stray' }
  // Its records may be cut anywhere, so they are not looked at.
  if ((new WireReader(reply, 2).number(2) & FLAG_TRUNCATED) !== 0) return { kind: 'truncated' }
  try {
    return { kind: 'answer', message: decodeMessage(reply) }
  } catch (error) {
    if (error instanceof DnsParseError) return { kind: 'malformed', because: error.message }
    throw error
  }
}

/** What is to be said of an answer that was not signed as it has to be. */
export interface Unbelieved {
  readonly because: string
  readonly rcode: string
  readonly tsigError?: string | undefined
}

/** @returns why an answer to a signed question is not believed; undefined where it is */
export function disbelief(message: Message, verdict: TsigVerdict): Unbelieved | undefined {
  const { rcode } = message
  switch (verdict.kind) {
    case 'verified':
      return undefined
    case 'unsigned':
      return { because: `an answer (${rcode}) that is not signed: its cause is not known`, rcode }
    case 'unsigned-error':
      return { because: `the server says ${verdict.tsig.error} of our signature (${rcode})`, rcode, tsigError: verdict.tsig.error }
    case 'rejected':
      return { because: `an answer (${rcode}) with a signature that is not believed: ${verdict.because}`, rcode }
    case 'malformed':
      return { because: `an answer (${rcode}) with a signature that cannot be read: ${verdict.because}`, rcode }
    default:
      return assertNever(verdict)
  }
}

/**
 * What the answer to an update means. A NOERROR counts only with a signature, where we have a key; a refusal counts without one too, but
 * then nobody knows who said so.
 *
 * @param verdict undefined where we have no key
 * @returns undefined where it cannot be told whether it was done
 */
export function judgeUpdate(message: Message, verdict: TsigVerdict | undefined): UpdateResult | undefined {
  const { rcode } = message
  const isNegative = rcode !== 'NOERROR'
  if (!verdict) return isNegative ? refused(rcode, 'without a key nothing is signed') : { kind: 'applied' }
  switch (verdict.kind) {
    case 'verified':
      if (!isNegative) return verdict.tsig.error === 'NOERROR' ? { kind: 'applied' } : undefined
      return { kind: 'refused', rcode, signed: true, ...tsigFault(verdict.tsig), because: reason(rcode, verdict.tsig) }
    case 'unsigned':
      return isNegative ? refused(rcode, 'the answer is not signed, so its cause is not known') : undefined
    case 'unsigned-error': {
      if (!isNegative) return undefined
      return { kind: 'refused', rcode, signed: false, ...tsigFault(verdict.tsig), because: reason(rcode, verdict.tsig) }
    }
    case 'rejected':
    case 'malformed':
      return undefined
    default:
      return assertNever(verdict)
  }
}

function refused(rcode: string, why: string): UpdateResult {
  return { kind: 'refused', rcode, signed: false, because: `${rcode}; ${why}` }
}

type TsigFault = Pick<Extract<UpdateResult, { kind: 'refused' }>, 'tsigError' | 'serverAheadSeconds'>

function tsigFault({ error, other, atSeconds }: TsigRecord): TsigFault {
  switch (error) {
    case 'BADSIG':
    case 'BADKEY':
    case 'BADTRUNC':
      return { tsigError: error }
    case 'BADTIME':
      // The answer has the time that we signed with, and that of the server beside it (RFC 8945, 5.2.3).
      return { tsigError: error, ...(other.length === 6 && { serverAheadSeconds: new WireReader(other).number(6) - atSeconds }) }
    default:
      return {}
  }
}

const MEANINGS: Readonly<Record<string, string>> = {
  BADSIG: 'it does not get the same signature out of it: another secret under the same name, or bytes that were changed on the way',
  BADKEY: 'it has no key of this name with this algorithm',
  BADTIME: 'its clock and ours are too far apart',
  BADTRUNC: 'it wants more of the signature than was sent',
}

function reason(rcode: string, tsig: TsigRecord): string {
  if (tsig.error === 'NOERROR') return rcode
  return `${rcode}, ${tsig.error}: ${MEANINGS[tsig.error] ?? 'something is wrong with our signature'}`
}
