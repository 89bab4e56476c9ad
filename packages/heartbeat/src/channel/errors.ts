import { HotspareError } from '@hotspare/core'

// The request did not leave this node: safe to send again.

export function unreachableError(peer: string, because: string): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE',
    message: `peer channel: ${peer}: not connected: ${because}: is ${peer} running? It is retryable: try again, or wait for the event peer-connected`,
    retryable: true,
  })
}

export function busyError(peer: string, what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_BUSY', message: `peer channel: ${peer}: ${what}`, retryable: true })
}

export function bodyError(peer: string, method: string, what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_BODY', message: `peer channel: ${peer}: ${method}: ${what}` })
}

// The request has left: what became of it is unknown, or has been told.

export function lostError(peer: string, method: string, because: string): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_HEARTBEAT_CHANNEL_LOST',
    message: `peer channel: ${peer}: ${method}: the connection was lost before the answer, so it may or may not have been done: ${because}`,
    retryable: true,
  })
}

export function refusedError(peer: string, method: string, why: string, details: { retryable: boolean; cause?: unknown }): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_HEARTBEAT_CHANNEL_REFUSED',
    message: `peer channel: ${peer}: ${method}: ${why}`,
    retryable: details.retryable,
    cause: details.cause,
  })
}

// Reasons with which a handler's signal aborts.

export function cancelledError(peer: string, method: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_CANCELLED', message: `peer channel: ${peer} has cancelled ${method}` })
}

export function orphanedError(peer: string, method: string, because: string): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_HEARTBEAT_CHANNEL_ORPHANED',
    message: `peer channel: ${peer}, who asked for ${method}, cannot be answered any more: ${because}`,
  })
}

// Misuse, and the end.

export function unknownPeerError(peer: string): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER',
    message: `peer channel: no peer is called ${JSON.stringify(peer.slice(0, 64))}: only configured ones can be asked`,
  })
}

export function stoppedError(): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_STOPPED', message: 'peer channel: stopped: create a new one' })
}

export function listenError(where: string, cause: unknown, why: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_LISTEN', message: `peer channel: cannot listen on ${where}: ${why}`, cause })
}
