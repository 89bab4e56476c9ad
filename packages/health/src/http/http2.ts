import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { errorCode, errorText } from '@hotspare/core'
import type { ProbeRun } from '../run-probe.ts'
import type { AnswerEnd, AnswerJudge } from './answer-judge.ts'
import { follower } from './follower.ts'
import { http2CodeName } from './http2-codes.ts'
import { authority, type HttpRequest, requestFields, requestPath } from './request.ts'
import type { HeaderField } from './response-head.ts'

/** Lines of a header; Node's own limit for HTTP/2. */
const MAX_HEADER_LINES = 128

/** Asks over a connection that is open and speaks HTTP/2. The connection is gone when it settles. */
export function askHttp2(
  socket: Socket,
  request: HttpRequest,
  maxHeaderBytes: number,
  judge: AnswerJudge,
  run: ProbeRun,
): Promise<AnswerEnd> {
  return new Promise((resolve) => {
    const session = open(socket, request, maxHeaderBytes)
    const look = follower(judge, run, (end) => {
      session.destroy()
      socket.destroy()
      resolve(end)
    })
    let serverEnds = false
    session.on('goaway', () => {
      serverEnds = true
    })
    // The stream says the same, after all that came before. Stays for good: a session may report an error after it was given up.
    session.on('error', () => {})
    const stream = session.request(fieldsFor(request), { endStream: request.body === undefined })
    const broken = (error?: unknown) => {
      const problem = problemOf(error, stream.rstCode ?? 0, serverEnds)
      if (problem) judge.problem(...problem)
      else judge.broken(error)
      look()
    }
    stream.on('headers', (headers) => {
      judge.interim(headers[':status'] ?? 0)
      look()
    })
    stream.on('response', (headers) => {
      const fields = fieldsOf(headers)
      if (listBytes(fields) > maxHeaderBytes) judge.problem('header-overflow', `the header is longer than ${maxHeaderBytes} bytes`)
      else judge.head({ status: headers[':status'] ?? 0, headers: fields, announcedBytes: announcedBytes(request.method, headers) })
      look()
    })
    stream.on('data', (chunk: Buffer) => {
      judge.body(chunk)
      look()
    })
    stream.on('end', () => {
      // A stream that was reset ends too, a moment before it says so.
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR) judge.complete()
      look()
    })
    stream.on('error', broken)
    stream.on('close', () => broken())
    if (request.body) stream.end(request.body)
  })
}

function open(socket: Socket, { url }: HttpRequest, maxHeaderBytes: number): ClientHttp2Session {
  return connect(url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: maxHeaderBytes },
    maxHeaderListPairs: MAX_HEADER_LINES,
  })
}

function fieldsFor(request: HttpRequest): OutgoingHttpHeaders {
  return {
    ...requestFields(request),
    ':method': request.method,
    ':scheme': request.url.protocol.slice(0, -1),
    ':authority': authority(request),
    ':path': requestPath(request),
    ...(request.body ? { 'content-length': request.body.length } : {}),
  }
}

/** @returns what an error of HTTP/2 itself means; undefined for one of the connection under it, and for none */
function problemOf(error: unknown, streamCode: number, serverEnds: boolean): Parameters<AnswerJudge['problem']> | undefined {
  const code = errorCode(error) ?? ''
  if (!code.startsWith('ERR_HTTP2_')) return undefined
  const endedByCode = code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR'
  if (!endedByCode || streamCode === constants.NGHTTP2_PROTOCOL_ERROR) return ['protocol', `not HTTP/2: ${errorText(error)}`]
  // Node's own word for more lines than it takes.
  if (streamCode === constants.NGHTTP2_ENHANCE_YOUR_CALM && !serverEnds) {
    return ['header-overflow', `the header is longer than ${MAX_HEADER_LINES} lines`]
  }
  return ['closed', `the server ended the stream (${http2CodeName(streamCode)})`]
}

/** As HTTP/2 counts it (RFC 9113, section 6.5.2), which is somewhat more than the bytes on the line. */
function listBytes(fields: readonly HeaderField[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
}

function fieldsOf(headers: IncomingHttpHeaders): readonly HeaderField[] {
  return Object.entries(headers).flatMap(([name, value]): readonly HeaderField[] => {
    if (name.startsWith(':') || value === undefined) return []
    return (Array.isArray(value) ? value : [value]).map((each): HeaderField => [name, each])
  })
}

function announcedBytes(method: string, headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length']
  return method === 'HEAD' || length === undefined ? undefined : Number(length)
}
