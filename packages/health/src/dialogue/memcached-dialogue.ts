import { degraded, failed, passed } from '../failure.ts'
import { type Dialogue, readLine, send } from './moves.ts'

/** An answer is a word and a version, or a word and an error. */
const MAX_LINE_BYTES = 1_024

export function* memcachedDialogue(): Dialogue {
  yield* send('version\r\n')
  const answer = yield* readLine('the version', MAX_LINE_BYTES)
  if (/^VERSION \S/.test(answer)) return passed(answer)
  // At its limit of connections it says so and hangs up: it lives, and serves those that it has.
  if (/^ERROR Too many open connections/i.test(answer)) return degraded(answer)
  if (/^(?:ERROR|CLIENT_ERROR|SERVER_ERROR)\b/.test(answer)) return failed('unwell', answer)
  return failed('protocol', 'the answer is none of memcached')
}
