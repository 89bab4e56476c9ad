import { assertNever, clipDetail, errorCode, errorText, networkFault } from '@hotspare/core'
import { lacksDescriptors } from './descriptors.ts'
import type { ProbeFacts, ProbeFailure, ProbeResult } from './probe.ts'

/** A result without its times. */
export type Finding = DistributiveOmit<ProbeResult, 'durationMs' | 'phases'>

type DistributiveOmit<Type, Keys extends PropertyKey> = Type extends unknown ? Omit<Type, Keys> : never

/** What else there is to say with a finding. */
export type Remarks = Pick<ProbeFacts, 'measures' | 'warning' | 'advice'>

export function passed(detail: string, remarks: Remarks = {}): Finding {
  return { outcome: 'pass', detail, ...remarks }
}

export function degraded(detail: string, remarks: Remarks = {}): Finding {
  return { outcome: 'degraded', detail, ...remarks }
}

export function failed(
  reason: ProbeFailure,
  detail: string,
  remarks: Remarks & { readonly immediate?: boolean | undefined } = {},
): Finding {
  return { outcome: 'fail', reason, detail, ...remarks }
}

export function inconclusive(detail: string): Finding {
  return { outcome: 'inconclusive', detail }
}

/** A finding whose texts, which may come from the target, fit a line of a log: no control characters, and no novels. */
export function clippedTexts<Told extends Finding | ProbeResult>(told: Told): Told {
  const { detail, warning } = told
  return { ...told, detail: clipDetail(detail), ...(warning === undefined ? {} : { warning: clipDetail(warning) }) }
}

/** Puts what Node threw at us into one of our words and a clause for people. */
export function describeFailure(error: unknown): Finding {
  // No descriptor, no port, no permission: the target was never asked.
  if (networkFault(error) === 'local') return inconclusive(`this machine could not look: ${errorText(error)}`)
  const reason = failureReason(error)
  // The resolver, where it can open neither its files nor a socket, says that there is no such name.
  if (reason === 'dns' && lacksDescriptors())
    return inconclusive('this machine could not look: no file descriptor is left for a name look-up')
  return failed(reason, failureText(reason, error))
}

/** Only for what is no fault of this machine. */
export function failureReason(error: unknown): ProbeFailure {
  const code = errorCode(error) ?? ''
  // The kernel's reset carries the system call; Node uses the same code, without one, for an early end of the connection.
  if (code === 'ECONNRESET' && !(error instanceof Error && 'syscall' in error)) return 'closed'
  const fault = networkFault(error)
  if (fault !== undefined && fault !== 'local') return fault
  // A name that is none: a redirect may lead to one of thousands of letters.
  if (error instanceof Error && 'syscall' in error && error.syscall === 'getaddrinfo') return 'dns'
  // Node's word for whatever else OpenSSL has against a certificate.
  if (code === 'UNSPECIFIED') return 'tls'
  if (code === 'HPE_HEADER_OVERFLOW') return 'header-overflow'
  // The parser's name for "the connection ended in the middle of a message".
  if (code === 'HPE_INVALID_EOF_STATE') return 'closed'
  return code.startsWith('HPE_') ? 'protocol' : 'error'
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
      return `TLS failed: ${tlsText(error)}`
    case 'protocol':
      return `not HTTP: ${errorText(error)}`
    case 'timeout':
    case 'header-overflow':
    case 'status':
    case 'body':
    case 'unwell':
    case 'unexpected':
    case 'limit':
    case 'exit':
    case 'missed':
    case 'error':
      return errorText(error)
    default:
      return assertNever(reason)
  }
}

/** OpenSSL's own text names a thread and a line of its source: another one each time, and none that helps. */
function tlsText(error: unknown): string {
  const fromOpenSsl = error instanceof Error && errorCode(error)?.startsWith('ERR_SSL_') === true
  return fromOpenSsl && 'reason' in error && typeof error.reason === 'string' ? error.reason : errorText(error)
}
