import { type ServerResponse, STATUS_CODES } from 'node:http'

/** The proxy's own answer. It names no target: what happened inside is for the operator, not for the client. */
export function refuse(response: ServerResponse, status: number, options: { readonly close: boolean }): void {
  const body = `hotspare: ${status} ${STATUS_CODES[status]}\n`
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    ...(options.close ? { connection: 'close' } : {}),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
