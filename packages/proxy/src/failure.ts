import { clipDetail, errorCode, errorText, HotspareError, networkFault, type NetworkFault } from '@hotspare/core'

/** Why an attempt at a target failed. The last three are not the target's doing. */
export type AttemptFailureReason =
  /** Nothing listens there. */
  | 'refused'
  /** No route, no such host, or no answer to the connection in time. */
  | 'unreachable'
  /** The connection broke before the whole answer was there. */
  | 'closed'
  /** The target was silent for too long. */
  | 'timeout'
  /** What it sent is not HTTP. */
  | 'protocol'
  /** Its headers are larger than allowed. */
  | 'header-overflow'
  /** TLS could not be agreed on. */
  | 'tls'
  /** As many requests as may be are there already, and as many wait (`maxConnectionsPerTarget`, `maxWaitingPerTarget`). */
  | 'full'
  /** The proxy itself ran out of something: descriptors, ports, memory, connections that it may open. */
  | 'local'
  /** The attempt was taken back, because the target's health says that it is down. */
  | 'abandoned'

export interface AttemptFailure {
  readonly reason: AttemptFailureReason
  /** For people; what the network or the parser said. */
  readonly detail: string
  /** Whether a byte of the request may have reached the target. */
  readonly sent: boolean
}

const REASON_OF_FAULT: Readonly<Record<NetworkFault, AttemptFailureReason>> = {
  dns: 'unreachable',
  refused: 'refused',
  reset: 'closed',
  unreachable: 'unreachable',
  timeout: 'unreachable',
  tls: 'tls',
  local: 'local',
}

/** Puts an error of a socket into our words. */
export function classifyFailure(error: unknown, sent: boolean): AttemptFailure {
  const code = errorCode(error) ?? ''
  const text = errorText(error)
  const fault = networkFault(error)
  return {
    reason: fault ? REASON_OF_FAULT[fault] : 'closed',
    detail: clipDetail(code === '' || text.includes(code) ? text : `${text} (${code})`),
    sent,
  }
}

/** The target could not be connected to: no request can bring these about. */
const AGAINST_TARGET: ReadonlySet<AttemptFailureReason> = new Set(['refused', 'unreachable', 'tls'])

/**
 * Whether a failure speaks against the target, whatever the request was. A connection that breaks may be the doing of a
 * request that the target cannot bear, and a client could send such requests to every target in turn to have them all
 * declared down; or it is an idle one that the target was right to close. Both are left to the health checks.
 */
export function speaksAgainstTarget({ reason, sent }: AttemptFailure): boolean {
  return !sent && AGAINST_TARGET.has(reason)
}

/** Of our limits, of this machine, of the health checks. */
const NOT_BY_TARGET: ReadonlySet<AttemptFailureReason> = new Set(['full', 'local', 'abandoned'])

/** Whether a failure shows anything of the target. */
export function isOfTarget({ reason }: AttemptFailure): boolean {
  return !NOT_BY_TARGET.has(reason)
}

/** What a connection is destroyed with when its attempt is not wanted any more; nobody is to be blamed for it. */
export const TAKEN_BACK: HotspareError = new HotspareError({
  code: 'HOTSPARE_PROXY_ABANDONED',
  message: 'proxy: the attempt was taken back',
})
