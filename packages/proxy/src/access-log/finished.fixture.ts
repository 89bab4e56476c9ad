import type { ProxyRequest, RequestFinishedEvent } from '../types.ts'

/** A request as a log sees it. @param headers names in lower case, one character a byte */
export function loggedRequest(headers: Readonly<Record<string, string>> = {}, changes: Partial<ProxyRequest> = {}): ProxyRequest {
  return {
    method: 'GET',
    url: '/',
    host: 'shop.example',
    path: '/',
    protocol: 'HTTP/1.1',
    headers,
    header: (name) => headers[name],
    remoteAddress: '192.0.2.7',
    remotePort: 40_000,
    tls: undefined,
    ...changes,
  }
}

export function finishedEvent(changes: Partial<RequestFinishedEvent> = {}, request: ProxyRequest = loggedRequest()): RequestFinishedEvent {
  return {
    type: 'request-finished',
    at: Date.UTC(2000, 9, 10, 20, 55, 36),
    method: request.method,
    request,
    outcome: 'answered',
    status: 200,
    targetId: 'shop/a',
    attempts: 1,
    durationMs: 12.3456,
    firstByteMs: 3,
    receivedBytes: 0,
    sentBytes: 2_326,
    ...changes,
  }
}
