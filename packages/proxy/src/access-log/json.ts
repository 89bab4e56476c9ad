import { blameOf } from '../request-end.ts'
import type { RequestFinishedEvent } from '../types.ts'
import { requestLine } from './combined.ts'

const NS_PER_MS = 1_000_000
/** The schema whose names these are. */
const ECS_VERSION = '8.11.0'

/**
 * One object with the names of the Elastic Common Schema; what that has no name for is under `hotspare`. ASCII alone, so that
 * nobody finds an end of line in it.
 *
 * @param proxy the name of the proxy, for a file that several write
 */
export function json(event: RequestFinishedEvent, proxy?: string): string {
  const { at, request, outcome, status, durationMs, because } = event
  const { remoteAddress, remotePort, host, protocol, unread } = request
  const tls = request.tls
  const fields = {
    '@timestamp': new Date(at).toISOString(),
    'ecs.version': ECS_VERSION,
    'event.kind': 'event',
    'event.category': ['web'],
    'event.type': ['access'],
    'event.outcome': ecsOutcome(event),
    'event.duration': Math.round(durationMs * NS_PER_MS),
    'event.reason': because,
    message: readable(requestLine(request)),
    'client.address': remoteAddress,
    'client.port': remotePort,
    'http.version': protocol === '' ? undefined : protocol.slice(protocol.indexOf('/') + 1),
    'http.request.method': unread === undefined ? request.method : undefined,
    'http.request.referrer': readable(request.header('referer')),
    'http.request.body.bytes': event.receivedBytes,
    'http.response.status_code': status === 0 ? undefined : status,
    'http.response.body.bytes': event.sentBytes,
    'url.original': unread === undefined ? readable(request.url) : undefined,
    'url.domain': host === '' ? undefined : withoutPort(host),
    'user_agent.original': readable(request.header('user-agent')),
    'tls.version': tls?.version?.replace(/^TLSv/, ''),
    'tls.client.server_name': readable(tls?.serverName),
    'hotspare.proxy': proxy,
    'hotspare.target': event.targetId,
    'hotspare.attempts': event.attempts,
    'hotspare.outcome': outcome,
    'hotspare.reason': event.reason,
    'hotspare.blame': blameOf(event),
    'hotspare.first_byte': event.firstByteMs === undefined ? undefined : Math.round(event.firstByteMs * NS_PER_MS),
  }
  return JSON.stringify(fields).replaceAll(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The schema knows `unknown` for what nobody can tell: a client that left may have had what it wanted. */
function ecsOutcome({ outcome, status }: RequestFinishedEvent): 'success' | 'failure' | 'unknown' {
  if (outcome === 'client-gone') return 'unknown'
  return outcome !== 'refused' && outcome !== 'cut' && status < 400 ? 'success' : 'failure'
}

/** A header's text is one character for each byte; nearly all of what is not ASCII was meant as UTF-8. */
function readable(text: string | undefined): string | undefined {
  return text !== undefined && /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
}
