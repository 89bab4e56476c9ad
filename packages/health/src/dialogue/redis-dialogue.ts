import { degraded, failed, type Finding, passed } from '../failure.ts'
import { exactly } from './inbox.ts'
import { type Dialogue, end, type Part, read, readLine, send } from './moves.ts'
import { parseRedisLine, parseRedisReplication, type RedisAnswer, redisCommand, type RedisReplication } from './redis-messages.ts'

/** What is asked of a Redis. */
export interface RedisQuestion {
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly role?: 'primary' | 'replica' | 'any' | undefined
  readonly maxLagSeconds?: number | undefined
}

/** A status or an error in one line; Redis sets no limit, its own errors take some hundred bytes. */
const MAX_LINE_BYTES = 4_096

/** `INFO replication` takes some 100 bytes for each replica. */
const MAX_INFO_BYTES = 65_536

/** Errors of a server that lives and is not ready, or at its limit, by their first word. */
const DEGRADED: ReadonlyMap<string, string> = new Map([
  ['LOADING', 'loads its data'],
  ['MASTERDOWN', 'has lost its primary, and does not answer with old data'],
  ['BUSY', 'is busy with a script'],
  ['MAXCLIENTS', 'takes no more clients'],
])

/** Errors that are about us. */
const UNEXPECTED: ReadonlyMap<string, string> = new Map([
  ['NOAUTH', 'wants a password'],
  ['WRONGPASS', 'refuses the password'],
  ['NOPERM', 'does not permit the command to this user'],
  ['DENIED', 'is in protected mode, and takes connections from its own machine only'],
])

export function* redisDialogue({ user, password, role, maxLagSeconds }: RedisQuestion): Dialogue {
  if (password !== undefined) yield* expectText('AUTH', redisCommand('AUTH', ...(user === undefined ? [] : [user]), password), 'OK')
  yield* expectText('PING', redisCommand('PING'), 'PONG')
  if (role === undefined && maxLagSeconds === undefined) return passed('PONG')
  yield* send(redisCommand('INFO', 'replication'))
  const answer = yield* readAnswer('INFO')
  if (answer.type !== 'bulk') return unreadable('INFO')
  if (answer.bytes > MAX_INFO_BYTES) return failed('protocol', `the answer to INFO is longer than ${MAX_INFO_BYTES} bytes`)
  const info = yield* read({ what: 'the rest of the answer to INFO', cut: exactly(answer.bytes + 2), maxBytes: MAX_INFO_BYTES + 2 })
  const replication = parseRedisReplication(info.toString('latin1'))
  return replication ? judgeReplication(replication, { role, maxLagSeconds }) : unreadable('INFO')
}

/** Whether that is the role that is wanted, and near enough to its primary. */
export function judgeReplication(
  replication: RedisReplication,
  { role: wanted = 'any', maxLagSeconds }: Pick<RedisQuestion, 'role' | 'maxLagSeconds'>,
): Finding {
  const { role, linkUp, syncing, lagSeconds, lagBytes, replicas } = replication
  const remarks = {
    measures: {
      ...(lagSeconds === undefined ? {} : { 'lag-seconds': lagSeconds }),
      ...(lagBytes === undefined ? {} : { 'lag-bytes': lagBytes }),
      ...(replicas === undefined ? {} : { 'replica-count': replicas }),
    },
  }
  if (wanted !== 'any' && role !== wanted) return failed('unexpected', `it is a ${role}, expected a ${wanted}`, remarks)
  if (role === 'primary') return passed(`primary, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`, remarks)
  const lag = lagSeconds === undefined ? 'unknown' : `${lagSeconds} s`
  // Nobody knows how old the data are that have never been compared: for a limit that is beyond it.
  if (maxLagSeconds !== undefined && (lagSeconds ?? Number.POSITIVE_INFINITY) > maxLagSeconds) {
    return failed('limit', `last contact with the primary: ${lag}, allowed: ${maxLagSeconds} s`, remarks)
  }
  if (syncing) return degraded('replica, loads all of its data from the primary', remarks)
  if (linkUp !== true) return degraded(`replica, without its primary for ${lag}`, remarks)
  return passed(`replica, last contact with the primary ${lag} ago`, remarks)
}

function* expectText(command: string, bytes: string, expected: string): Part<void> {
  yield* send(bytes)
  const answer = yield* readAnswer(command)
  if (answer.type !== 'text' || answer.text !== expected) yield* end(unreadable(command))
}

/** An answer that is no error. */
function* readAnswer(command: string): Part<Exclude<RedisAnswer, { type: 'error' }>> {
  const answer = parseRedisLine(yield* readLine(`the answer to ${command}`, MAX_LINE_BYTES))
  if (!answer) return yield* end(unreadable(command))
  return answer.type === 'error' ? yield* end(judgeError(command, answer.code)) : answer
}

function judgeError(command: string, code: string): Finding {
  const asks = DEGRADED.get(code)
  if (asks !== undefined) return degraded(`${code}: the server ${asks}`)
  const about = UNEXPECTED.get(code)
  if (about !== undefined) return failed('unexpected', `${code}: the server ${about}`)
  return failed('unwell', `the server answers ${command} with the error ${code}`)
}

function unreadable(command: string): Finding {
  return failed('protocol', `the answer to ${command} is none of Redis`)
}
