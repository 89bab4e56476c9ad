import { failed, passed } from '../failure.ts'
import { readReply, type Reply } from './reply.ts'
import type { Security } from './options.ts'
import { type Dialogue, end, type Part, send, sendFarewell, startTls } from './moves.ts'

export function* smtpDialogue({ helo, security }: { readonly helo: string; readonly security: Security }): Dialogue {
  const greeting = yield* expectReply('the greeting', 220)
  let extensions = yield* introduce(helo)
  if (security === 'starttls') {
    if (!extensions.some((line) => /^STARTTLS\b/i.test(line))) return failed('tls', 'the server does not offer STARTTLS')
    yield* send('STARTTLS\r\n')
    yield* expectReply('the answer to STARTTLS', 220)
    yield* startTls()
    // What was said in the clear counts no longer (RFC 3207).
    extensions = yield* introduce(helo)
  }
  yield* sendFarewell('QUIT\r\n')
  return passed(`${greeting.text}, ${extensions.length} extensions`)
}

function* introduce(helo: string): Part<readonly string[]> {
  yield* send(`EHLO ${helo}\r\n`)
  return (yield* expectReply('the answer to EHLO', 250)).lines.slice(1)
}

function* expectReply(what: string, code: number): Part<Reply> {
  const reply = yield* readReply(what)
  if (reply.code === code) return reply
  // 421 and 5xx are the server's own "not now" and "not here".
  return yield* end(failed(reply.code >= 400 ? 'unwell' : 'unexpected', `${what} is ${reply.text}, expected ${code}`))
}
