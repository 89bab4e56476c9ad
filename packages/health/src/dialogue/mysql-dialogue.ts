import { degraded, failed, type Finding, passed } from '../failure.ts'
import { exactly } from './inbox.ts'
import {
  mysqlEmptyPassword,
  type MysqlError,
  mysqlLogin,
  mysqlPayloadLength,
  mysqlQuit,
  parseMysqlGreeting,
  parseMysqlLoginAnswer,
} from './mysql-messages.ts'
import { type Dialogue, end, type Part, read, send, sendFarewell } from './moves.ts'

/** A greeting takes 100 bytes, an error some hundred. */
const MAX_PACKET_BYTES = 4_096

const TOO_MANY_CONNECTIONS: ReadonlySet<number> = new Set([1040, 1203, 1226])
const HOST_BLOCKED = 1129
const HOST_NOT_ALLOWED = 1130
const ACCESS_DENIED: ReadonlySet<number> = new Set([1044, 1045, 1698, 3118, 3159])

export function* mysqlDialogue(user?: string): Dialogue {
  const greeting = parseMysqlGreeting(yield* readPacket('the greeting'))
  if (!greeting) return failed('protocol', 'the greeting is none of MySQL')
  if (greeting.type === 'error') return judgeError(greeting)
  if (greeting.type === 'old') return failed('unexpected', `the server speaks protocol ${greeting.protocol}, expected 10`)
  const { version, authPlugin } = greeting
  if (user === undefined) return passed(version)
  yield* send(mysqlLogin(user, authPlugin))
  let answer = parseMysqlLoginAnswer(yield* readPacket('the answer to the login'))
  if (answer?.type === 'asks') {
    yield* send(mysqlEmptyPassword(answer.authPlugin))
    answer = parseMysqlLoginAnswer(yield* readPacket('the answer to the login'))
  }
  if (!answer) return failed('protocol', 'the answer to the login is none of MySQL')
  if (answer.type !== 'error') {
    yield* sendFarewell(mysqlQuit())
    return passed(`${version}, ${answer.type === 'ok' ? 'logged in' : 'asks for a password'}`)
  }
  // It has looked into its tables to say that: it lives, and the rest is for people.
  const warning = `the server refuses the user of the probe (${answer.code}), and counts or logs it each time`
  return ACCESS_DENIED.has(answer.code) ? passed(`${version}, refuses the user`, { warning }) : judgeError(answer)
}

function* readPacket(what: string): Part<Buffer> {
  const header = yield* read({ what, cut: exactly(4), maxBytes: 4 })
  const length = mysqlPayloadLength(header)
  if (length === 0 || length > MAX_PACKET_BYTES) return yield* end(failed('protocol', `${what} is none of MySQL`))
  return yield* read({ what, cut: exactly(length), maxBytes: length })
}

function judgeError({ code, message }: MysqlError): Finding {
  const detail = `error ${code}: ${message}`
  if (TOO_MANY_CONNECTIONS.has(code)) return degraded(detail)
  return failed(code === HOST_BLOCKED || code === HOST_NOT_ALLOWED ? 'unexpected' : 'unwell', detail)
}
