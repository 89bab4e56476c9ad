import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { Agent } from 'undici'
import { onTestFinished } from 'vitest'
import { selfSigned } from './certificates.fixture.ts'
import { type ProxyOptions, type ProxyTarget, type TlsOptions } from './index.ts'
import { type RunningProxy, startProxy } from './origins.fixture.ts'

export const SHOP = 'shop.example'

/** A proxy with TLS in front, and a certificate for {@link SHOP} where `tls` says nothing else. */
export async function startTlsProxy(
  targets: readonly ProxyTarget[],
  tls: Partial<TlsOptions> = {},
  options: Partial<ProxyOptions> = {},
): Promise<RunningProxy> {
  const running = await startProxy(targets, { ...options, tls: { certificates: [selfSigned([SHOP])], ...tls } })
  return { ...running, url: `https://127.0.0.1:${running.port}` }
}

/** Whom the client calls, and that it does not mind who has signed. */
const carefree = { rejectUnauthorized: false, servername: SHOP }

export interface TlsClient {
  readonly socket: TLSSocket
  readonly received: () => string
  /** Settles when the connection has closed: with the error that was its end, if there was one. */
  readonly closed: Promise<NodeJS.ErrnoException | undefined>
}

/** A client that has its handshake behind it, and hears what comes. */
export function tlsClient(port: number, options: ConnectionOptions = {}): Promise<TlsClient> {
  const socket = connectTls({ host: '127.0.0.1', port, ...carefree, ...options })
  onTestFinished(() => void socket.destroy())
  let received = ''
  let error: NodeJS.ErrnoException | undefined
  socket.on('data', (data) => (received += data.toString('latin1')))
  socket.on('error', (each) => (error = each))
  const closed = new Promise<NodeJS.ErrnoException | undefined>((resolve) => socket.once('close', () => resolve(error)))
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve({ socket, received: () => received, closed }))
    void closed.then((because) => reject(because ?? new Error('closed before the end of the handshake')))
  })
}

export interface Http2Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** How the stream ended; 0 is well. */
  readonly code: number
}

/** A connection of HTTP/2 to a proxy. */
export function http2Client(port: number): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${port}`, carefree)
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

/** One request on it; of a request with a body, the whole of it. */
export function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Http2Answer> {
  const stream = session.request({ ':path': '/', ':authority': SHOP, ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  return answerOf(stream)
}

export function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let headers: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
  const pieces: Buffer[] = []
  stream.on('response', (each: IncomingHttpHeaders & { ':status'?: number | undefined }) => (headers = each))
  stream.on('data', (piece) => pieces.push(piece))
  stream.on('error', () => {})
  return new Promise((resolve) => {
    stream.once('close', () => {
      resolve({ status: headers[':status'], headers, body: Buffer.concat(pieces).toString('latin1'), code: stream.rstCode })
    })
  })
}

/** Of undici, by HTTP/2 where the proxy offers it. */
export function agent(allowH2 = true): Agent {
  const made = new Agent({ allowH2, connect: carefree })
  onTestFinished(() => made.destroy())
  return made
}
