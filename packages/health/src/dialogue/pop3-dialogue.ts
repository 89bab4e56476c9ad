import { failed, passed } from '../failure.ts'
import type { Security } from './options.ts'
import { type Dialogue, readLine, send, sendFarewell, startTls } from './moves.ts'

/** Twice the 512 bytes that RFC 1939 and RFC 2449 allow. */
const MAX_LINE_BYTES = 1_024

export function* pop3Dialogue({ security }: { readonly security: Security }): Dialogue {
  const greeting = yield* readLine('the greeting', MAX_LINE_BYTES)
  if (/^-ERR\b/i.test(greeting)) return failed('unwell', `the greeting is ${greeting}`)
  if (!/^\+OK\b/i.test(greeting)) return failed('protocol', 'the greeting is none of POP3')
  if (security === 'starttls') {
    yield* send('STLS\r\n')
    const answer = yield* readLine('the answer to STLS', MAX_LINE_BYTES)
    if (!/^\+OK\b/i.test(answer)) return failed('tls', `the server does not go over to TLS: ${answer}`)
    yield* startTls()
  }
  yield* sendFarewell('QUIT\r\n')
  return passed(greeting)
}
