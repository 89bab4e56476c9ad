import { failed, passed } from '../failure.ts'
import { readReply } from './reply.ts'
import type { Security } from './options.ts'
import { type Dialogue, send, sendFarewell, startTls } from './moves.ts'

export function* ftpDialogue({ security }: { readonly security: Security }): Dialogue {
  const greeting = yield* readReply('the greeting')
  if (greeting.code !== 220) {
    // 120: ready in some minutes. 421: not available, or too many users.
    const says = greeting.code === 120 || greeting.code >= 400
    return failed(says ? 'unwell' : 'unexpected', `the greeting is ${greeting.text}, expected 220`)
  }
  if (security === 'starttls') {
    yield* send('AUTH TLS\r\n')
    const answer = yield* readReply('the answer to AUTH TLS')
    if (answer.code !== 234) return failed('tls', `the server does not go over to TLS: ${answer.text}`)
    yield* startTls()
  }
  yield* sendFarewell('QUIT\r\n')
  return passed(greeting.text)
}
