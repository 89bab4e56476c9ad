import { assertNever, errorCode, errorText } from '@hotspare/core'
import { MAX_DETAIL_CHARACTERS } from './defaults.ts'
import type { ProbeFailure } from './probe.ts'

/** A result without its duration. */
export type Finding =
  | { readonly outcome: 'pass'; readonly detail: string }
  | { readonly outcome: 'fail'; readonly reason: ProbeFailure; readonly detail: string }

export function passed(detail: string): Finding {
  return { outcome: 'pass', detail }
}

export function failed(reason: ProbeFailure, detail: string): Finding {
  return { outcome: 'fail', reason, detail }
}

const REASON_OF_CODE: Readonly<Record<string, ProbeFailure>> = {
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
  EPIPE: 'reset',
  EPROTO: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  HPE_HEADER_OVERFLOW: 'header-overflow',
  // The parser's name for "the connection ended in the middle of a message".
  HPE_INVALID_EOF_STATE: 'closed',
}

/** Puts what Node threw at us into one of our words and a clause for people. */
export function describeFailure(error: unknown): Finding {
  const reason = failureReason(error)
  return failed(reason, failureText(reason, error))
}

export function failureReason(error: unknown): ProbeFailure {
  const code = errorCode(error) ?? ''
  const known = REASON_OF_CODE[code]
  if (known) return known
  // The kernel's reset carries the system call; Node uses the same code, without one, for an early end of the connection.
  if (code === 'ECONNRESET') return error instanceof Error && 'syscall' in error ? 'reset' : 'closed'
  if (code.startsWith('EAI_')) return 'dns'
  if (code.startsWith('HPE_')) return 'protocol'
  if (/^ERR_(?:TLS|SSL|OSSL)_|CERT|^UNABLE_TO_/.test(code)) return 'tls'
  return 'error'
}

function failureText(reason: ProbeFailure, error: unknown): string {
  switch (reason) {
    case 'refused':
      return 'connection refused'
    case 'reset':
      return 'connection reset'
    case 'closed':
      return 'connection closed before an answer'
    case 'dns':
      return `name look-up failed (${errorCode(error)})`
    case 'unreachable':
      return `no route (${errorCode(error)})`
    case 'tls':
      return `TLS failed: ${errorText(error)}`
    case 'protocol':
      return `not HTTP: ${errorText(error)}`
    case 'timeout':
    case 'header-overflow':
    case 'status':
    case 'body':
    case 'error':
      return errorText(error)
    default:
      return assertNever(reason)
  }
}

/** A text from outside, made safe for one line of a log or a history: no control characters, bounded. */
export function clipDetail(text: string): string {
  const line = text
    .slice(0, 4 * MAX_DETAIL_CHARACTERS)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  return line.length <= MAX_DETAIL_CHARACTERS ? line : `${line.slice(0, MAX_DETAIL_CHARACTERS - 3)}...`
}
