import { failed, passed } from '../failure.ts'
import type { Security } from './options.ts'
import { type Dialogue, type Part, readLine, send, sendFarewell, startTls } from './moves.ts'

/** RFC 7162 asks servers and clients to do with 8,192 bytes a line; a greeting with capabilities takes some hundred. */
const MAX_LINE_BYTES = 8_192

/** Untagged lines that may come before the answer to a command. */
const MAX_LINES = 50

export function* imapDialogue({ security }: { readonly security: Security }): Dialogue {
  const greeting = yield* readLine('the greeting', MAX_LINE_BYTES)
  const [, status = '', text = ''] = /^\* (OK|PREAUTH|BYE)\b ?(.*)$/is.exec(greeting) ?? []
  if (status === '') return failed('protocol', 'the greeting is none of IMAP')
  if (status.toUpperCase() === 'BYE') return failed('unwell', `the server says BYE: ${text}`)
  if (security === 'starttls') {
    yield* send('h1 STARTTLS\r\n')
    const answer = yield* tagged('h1')
    if (answer === undefined) return failed('protocol', `the answer to STARTTLS is longer than ${MAX_LINES} lines`)
    if (!/^OK\b/i.test(answer)) return failed('tls', `the server does not go over to TLS: ${answer}`)
    yield* startTls()
  }
  yield* sendFarewell('h2 LOGOUT\r\n')
  return passed(`${status.toUpperCase()} ${text}`.trim())
}

/** @returns what follows the tag; undefined where it does not come within bounds */
function* tagged(tag: string): Part<string | undefined> {
  for (let count = 0; count < MAX_LINES; count += 1) {
    const line = yield* readLine('the answer to STARTTLS', MAX_LINE_BYTES)
    if (line.startsWith(`${tag} `)) return line.slice(tag.length + 1)
  }
  return undefined
}
