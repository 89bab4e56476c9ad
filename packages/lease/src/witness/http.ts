import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { errorCode, errorText, HotspareError } from '@hotspare/core'
import { witnessDefaults } from '../defaults.ts'
import type { WitnessFailure } from './handler.ts'
import type { ResolvedWitnessOptions } from './options.ts'
import { LARGEST_BODY_BYTES } from './protocol.ts'

/** A server whose connections, heads and waiting are bounded; it does not listen yet. */
export function boundedServer(options: ResolvedWitnessOptions, serve: RequestListener, count: (failure: WitnessFailure) => void): Server {
  const { maxConnections, requestTimeoutMs, tls } = options
  const { keepAliveTimeoutMs, maxHeaderBytes } = witnessDefaults
  const settings: ServerOptions = {
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    noDelay: true,
  }
  const server = tls ? tlsServer(settings, tls, requestTimeoutMs, serve) : createServer(settings, serve)
  server.maxConnections = maxConnections
  // For a client that does not take its answers; one that is idle between two requests has gone before.
  server.timeout = keepAliveTimeoutMs + requestTimeoutMs
  server.on('drop', () => count('too-many-connections'))
  server.on('tlsClientError', () => count('malformed'))
  server.on('clientError', (error, socket) => {
    if (errorCode(error) !== 'ECONNRESET') count('malformed')
    if (!socket.writable) return void socket.destroy()
    socket.end(`HTTP/1.1 ${statusLine(error)}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy())
  })
  return server
}

function tlsServer(
  settings: ServerOptions,
  { key, cert, clientCa }: NonNullable<ResolvedWitnessOptions['tls']>,
  handshakeTimeout: number,
  serve: RequestListener,
): Server {
  const asked = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }
  return createTlsServer({ ...settings, key, cert, ...asked, handshakeTimeout }, serve)
}

/** @throws HotspareError `HOTSPARE_LEASE_WITNESS_LISTEN` */
export async function listen(server: Server, { host, port }: ResolvedWitnessOptions['listen']): Promise<void> {
  try {
    server.listen({ host, port })
    await once(server, 'listening')
  } catch (error) {
    const hint = 'is another process there, or is it an address of another machine?'
    throw new HotspareError({
      code: 'HOTSPARE_LEASE_WITNESS_LISTEN',
      message: `witness: cannot listen on ${host} port ${port}: ${errorText(error)}: ${hint}`,
      cause: error,
    })
  }
}

export async function readBody(request: IncomingMessage): Promise<Uint8Array | 'body-too-large' | 'malformed'> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    // Not destroyed when it is left early: an answer is still to go out on the same socket.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > LARGEST_BODY_BYTES) return 'body-too-large'
      chunks.push(chunk)
    }
  } catch {
    return 'malformed'
  }
  return Buffer.concat(chunks)
}

/** Without a detail, and without the connection: it is not worth keeping. */
export function refuse(response: ServerResponse, status: number): void {
  const challenge = status === 401 ? { 'www-authenticate': 'Hotspare-Witness' } : {}
  response.writeHead(status, { ...challenge, connection: 'close', 'content-length': 0 }).end()
}

/** A header that came once. */
export function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function statusLine(error: unknown): string {
  const code = errorCode(error)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout'
  return code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
}
