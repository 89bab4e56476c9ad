import { assertNever } from '@hotspare/core'
import type { OutlierReport } from '@hotspare/health/outliers'
import type { AttemptFinishedEvent } from '@hotspare/proxy'

const NO_ANSWER: OutlierReport = { ok: false, local: true }
const BAD_ANSWER: OutlierReport = { ok: false }

/**
 * What an attempt says about its target beside its peers; undefined where it says nothing.
 *
 * This is the wider of two ways in which requests count. `speaksAgainstTarget` takes only what no request can bring
 * about, since a few of those in a row declare a target down for everybody (`trafficFailures`). Here a status of 5xx, a
 * connection that broke and a silence count as well, though a client can bring them about with requests that no target
 * can bear. That is why an ejection ends by itself, alarms nobody, takes at most a share of the pool and never the last
 * target, and takes nobody while the others fail as well.
 */
export function reportOf({ failure, status, firstByteMs, retryAfterMs }: AttemptFinishedEvent): OutlierReport | undefined {
  if (!failure) {
    // A connection of TCP has no status: that it was made is what is known.
    if (status === undefined) return firstByteMs === undefined ? undefined : { ok: true, latencyMs: firstByteMs }
    // The time to the first byte: the rest of an answer waits for its client.
    return { status, latencyMs: firstByteMs, retryAfterMs }
  }
  switch (failure.reason) {
    case 'refused':
    case 'unreachable':
    case 'tls':
    case 'closed':
    case 'timeout':
      return NO_ANSWER
    case 'protocol':
    case 'header-overflow':
      return BAD_ANSWER
    // Of our limits, of this machine, of the health checks.
    case 'full':
    case 'local':
    case 'abandoned':
      return undefined
    default:
      return assertNever(failure.reason)
  }
}
