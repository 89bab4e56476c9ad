import { HEADER_BYTES } from './decode-message.ts'
import { WireReader } from './wire-reader.ts'

const FLAG_RESPONSE = 0x80_00
const OPCODE_BITS = 0x78_00
const OPCODE_UPDATE = 0x28_00
const RCODE_BITS = 0x0f

/**
 * Whether a message answers another: an answer counts only where its id, its operation and its question are ours (RFC 5452, 9.1). A server
 * that could not read the question may leave it out of its error, and that of an update may be left out always (RFC 2136, 3.8).
 * The rest of the answer is not looked at; a request that is no whole message has no answer.
 */
export function answersRequest(request: Uint8Array, reply: Uint8Array): boolean {
  if (request.length < HEADER_BYTES || reply.length < HEADER_BYTES || numberAt(reply, 0) !== numberAt(request, 0)) return false
  const [asked, answered] = [numberAt(request, 2), numberAt(reply, 2)]
  if ((answered & FLAG_RESPONSE) === 0 || (answered & OPCODE_BITS) !== (asked & OPCODE_BITS)) return false
  const questions = numberAt(reply, 4)
  if (questions === 0) return (answered & RCODE_BITS) !== 0 || (asked & OPCODE_BITS) === OPCODE_UPDATE
  const question = questionOf(request)
  return questions === 1 && question !== undefined && questionOf(reply) === question
}

/** Name, type and class as one text; a message without a whole question has none. */
function questionOf(message: Uint8Array): string | undefined {
  try {
    const reader = new WireReader(message, HEADER_BYTES)
    return `${reader.name()} ${reader.number(2)} ${reader.number(2)}`
  } catch {
    return undefined
  }
}

function numberAt(message: Uint8Array, offset: number): number {
  return new WireReader(message, offset).number(2)
}
