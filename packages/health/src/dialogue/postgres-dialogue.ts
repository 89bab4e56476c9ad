import { degraded, failed, type Finding, passed } from '../failure.ts'
import { exactly } from './inbox.ts'
import {
  parsePostgresAnswer,
  type PostgresAnswer,
  postgresMethod,
  postgresSslRequest,
  postgresStartup,
  postgresTerminate,
} from './postgres-messages.ts'
import { type Dialogue, end, type Part, read, send, sendFarewell, startTls } from './moves.ts'

/** An error with all of its fields takes some hundred bytes, SCRAM's list of methods fewer. */
const MAX_MESSAGE_BYTES = 16_384

const TOO_MANY_CONNECTIONS = '53300'

/** No session for this user, from here, with this database: `pg_hba.conf`, a role or a database that is not there. */
const ABOUT_US = /^(?:28...|3D000|42501)$/

/** What is asked of a PostgreSQL. */
export interface PostgresQuestion {
  readonly security: 'none' | 'starttls'
  readonly user?: string | undefined
  readonly database?: string | undefined
}

export function* postgresDialogue({ security, user, database }: PostgresQuestion): Dialogue {
  if (security === 'starttls' || user === undefined) {
    const offered = yield* askForTls()
    if (security === 'none') return passed(offered ? 'answers, offers TLS' : 'answers, without TLS')
    if (!offered) return failed('tls', 'the server does not offer TLS')
    yield* startTls()
    if (user === undefined) return passed('answers over TLS')
  }
  yield* send(postgresStartup(user, database ?? user))
  const answer = yield* readAnswer()
  if (answer.type === 'error') return judgeError(answer)
  yield* sendFarewell(postgresTerminate())
  return passed(postgresMethod(answer.code))
}

function* askForTls(): Part<boolean> {
  const what = 'the answer to SSLRequest'
  yield* send(postgresSslRequest())
  const answer = (yield* read({ what, cut: exactly(1), maxBytes: 1 })).toString('latin1')
  if (answer === 'S' || answer === 'N') return answer === 'S'
  // In the place of the byte: it could not even make a process for us.
  if (answer === 'E') return yield* end(failed('unwell', `${what} is an error`))
  return yield* end(failed('protocol', `${what} is none of PostgreSQL`))
}

function* readAnswer(): Part<PostgresAnswer> {
  const what = 'the answer to the beginning of a session'
  const head = yield* read({ what, cut: exactly(5), maxBytes: 5 })
  const length = head.readUInt32BE(1) - 4
  if (length < 0 || length > MAX_MESSAGE_BYTES) return yield* end(failed('protocol', `${what} is none of PostgreSQL`))
  const body = yield* read({ what, cut: exactly(length), maxBytes: length })
  const answer = parsePostgresAnswer(head.toString('latin1', 0, 1), body)
  return answer ?? (yield* end(failed('protocol', `${what} is none of PostgreSQL`)))
}

function judgeError({ sqlState, message }: Extract<PostgresAnswer, { type: 'error' }>): Finding {
  const detail = `error ${sqlState}: ${message}`
  // It serves those that it has. Unlike 57P03 (starting up, shutting down, in recovery): then nobody gets a session.
  if (sqlState === TOO_MANY_CONNECTIONS) return degraded(detail)
  return failed(ABOUT_US.test(sqlState) ? 'unexpected' : 'unwell', detail)
}
