import { abortReason, type Clock, clipDetail, errorCode, errorText, HotspareError, networkFault } from '@hotspare/core'
import { type Message, presentValue, type WireRecord } from '@hotspare/dns-wire'
import { createDnsClient } from '@hotspare/dns-wire/client'
import type { Answer, AnswerRecord, Ask, Asked } from './answer.ts'

export interface AskingOptions {
  /** Of one sending of a question, in milliseconds. */
  readonly timeoutMs: number
  /** How often a question is sent while nothing comes. */
  readonly attempts: number
  readonly clock: Clock
}

/** Asks over UDP, and over TCP where an answer does not fit; nothing is kept from one question to the next. */
export function askingOverTheWire({ timeoutMs, attempts, clock }: AskingOptions): Ask {
  return async ({ server, name, type, recursion = false, dnssec = false }, { signal }) => {
    if (signal?.aborted) throw abortReason(signal)
    const client = createDnsClient({ server, timeoutMs: timeoutMs * attempts, attempts, clock })
    try {
      const edns = dnssec ? { dnssecOk: true } : undefined
      const { message } = await client.query({ name, type, recursionDesired: recursion, edns }, { signal })
      return { kind: 'answer', answer: answerOf(message) }
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal)
      return silenceOf(error, client.id)
    } finally {
      await client.close()
    }
  }
}

/** What we could not send says nothing about the server: the network is not there for us, or this machine is out of something. */
const NO_WAY_OUT = new Set(['ENETUNREACH', 'EAFNOSUPPORT', 'EADDRNOTAVAIL'])

/** @param id of the client, which stands in front of its messages: the server is named beside them anyway */
function silenceOf(error: unknown, id: string): Asked {
  // What cannot be written as a question is the caller's mistake, and no server's.
  if (HotspareError.is(error) && error.code === 'HOTSPARE_DNS_WIRE_VALUE') throw error
  const cause = HotspareError.is(error) ? error.cause : error
  const here = networkFault(cause) === 'local' || NO_WAY_OUT.has(errorCode(cause) ?? '')
  return { kind: 'silent', because: clipDetail(errorText(error).replace(`dns ${id}: `, '')), here }
}

export function answerOf(message: Message): Answer {
  return {
    rcode: message.rcode,
    authoritative: message.flags.authoritative,
    answers: message.answers.map(recordOf),
    authorities: message.authorities.map(recordOf),
    additionals: message.additionals.map(recordOf),
  }
}

function recordOf({ name, type, ttlSeconds, data }: WireRecord): AnswerRecord {
  const record = { name, type, ttlSeconds, value: presentValue(type, data) }
  if (data.kind !== 'RRSIG') return record
  const { covers, originalTtlSeconds, fromSeconds, untilSeconds } = data
  return { ...record, signature: { covers, originalTtlSeconds, startsAtSeconds: fromSeconds, endsAtSeconds: untilSeconds } }
}
