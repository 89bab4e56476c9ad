import type { RequestFinishedEvent } from '../types.ts'
import { logTime } from './log-time.ts'
import { escaped, quoted } from './plain.ts'

/** nginx's word for a client that left before it saw a status; parsers want three digits. */
const CLIENT_LEFT = 499
const MS_PER_SECOND = 1_000

/**
 * The Combined Log Format of Apache and nginx:
 * `address - - [time] "request" status bytes "referer" "user agent"`.
 *
 * The user is never told: behind a proxy it is what the client claims, and some put a key there.
 */
export function combined({ at, request, status, sentBytes }: RequestFinishedEvent): string {
  const { remoteAddress } = request
  const line = `${escaped(remoteAddress ?? '-')} - - [${logTime(at)}] ${quoted(requestLine(request))} ${status === 0 ? CLIENT_LEFT : status} ${sentBytes}`
  return `${line} ${quoted(request.header('referer'))} ${quoted(request.header('user-agent'))}`
}

/**
 * The same, and behind it what the proxy has to say: `seconds firstByteSeconds "target" attempts outcome reason`. Whoever reads
 * the Combined Log Format does not mind.
 */
export function combinedPlus(event: RequestFinishedEvent): string {
  const { durationMs, firstByteMs, targetId, attempts, outcome, reason } = event
  return `${combined(event)} ${seconds(durationMs)} ${seconds(firstByteMs)} ${quoted(targetId)} ${attempts} ${outcome} ${reason ?? '-'}`
}

/** As the client wrote it, whatever it was. */
export function requestLine({ method, url, protocol, unread }: RequestFinishedEvent['request']): string | undefined {
  if (unread === undefined) return `${method} ${url} ${protocol}`
  return unread === '' ? undefined : unread
}

function seconds(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '-' : (milliseconds / MS_PER_SECOND).toFixed(3)
}
