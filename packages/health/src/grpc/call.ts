import { connect, constants, type IncomingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { errorCode, errorText } from '@hotspare/core'
import { describeFailure, failed, type Finding } from '../failure.ts'
import { http2CodeName } from '../http/http2-codes.ts'
import type { ProbeRun } from '../run-probe.ts'
import { type GrpcAnswer, type GrpcQuestion, judgeGrpc, judgeHeader } from './judge.ts'
import { grpcLimits } from './limits.ts'
import { encodeRequest, GrpcMessageReader } from './message.ts'

/** One call of `grpc.health.v1.Health/Check`. */
export interface GrpcCall extends GrpcQuestion {
  readonly scheme: 'http' | 'https'
  readonly authority: string
  readonly timeoutMs: number
}

/** Calls over a connection that is open and speaks HTTP/2. Whatever the server does is a finding; the connection is gone when it settles. */
export function callHealth(socket: Socket, call: GrpcCall, run: ProbeRun): Promise<Finding> {
  return new Promise((resolve) => {
    const { headerBytes: maxHeaderListSize, headerLines: maxHeaderListPairs, messageBytes } = grpcLimits
    const settings = { enablePush: false, maxHeaderListSize }
    // Scheme and authority stand in the request: what is said here leads nowhere.
    const session = connect('http://localhost', { createConnection: () => socket, settings, maxHeaderListPairs })
    let settled = false
    const settle = (finding: Finding) => {
      settled = true
      resolve(finding)
      session.destroy()
      socket.destroy()
    }
    const reader = new GrpcMessageReader(messageBytes)
    const fields: { header?: IncomingHttpHeaders; trailer?: IncomingHttpHeaders } = {}
    // These stay for good: a session may report an error after it was given up.
    session.on('error', (error) => settle(broken(error, constants.NGHTTP2_NO_ERROR)))
    session.on('goaway', (code) => {
      if (code !== constants.NGHTTP2_NO_ERROR) settle(failed('unwell', `the server ended the connection (${http2CodeName(code)})`))
    })
    session.on('close', () => settle(broken(undefined, constants.NGHTTP2_NO_ERROR)))
    const stream = session.request(requestFields(call), { endStream: false })
    stream.on('response', (header) => {
      run.ended('first-byte')
      run.phase = 'reading the answer'
      fields.header = header
      const bad = judgeHeader(headOf(header))
      if (bad) settle(bad)
    })
    stream.on('data', (chunk: Buffer) => {
      const problem = reader.add(chunk)
      if (problem !== undefined) settle(failed('protocol', problem))
    })
    stream.on('trailers', (trailer) => {
      fields.trailer = trailer
    })
    stream.on('error', (error) => settle(broken(error, stream.rstCode ?? 0)))
    stream.on('close', () => {
      if (settled) return
      const { header, trailer } = fields
      if (!header || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return settle(broken(undefined, stream.rstCode ?? 0))
      run.ended('transfer')
      settle(judgeGrpc(answerOf(header, trailer, reader.message), call))
    })
    stream.end(encodeRequest(call.service))
  })
}

function requestFields({ scheme, authority, metadata, timeoutMs }: GrpcCall): Record<string, string> {
  return {
    'user-agent': 'hotspare-health',
    ...metadata,
    ':method': 'POST',
    ':scheme': scheme,
    ':authority': authority,
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
    // The server need not work on for a probe that has given up. Eight digits at most.
    'grpc-timeout': timeoutMs < 100_000_000 ? `${timeoutMs}m` : `${Math.ceil(timeoutMs / 1_000)}S`,
  }
}

function headOf(header: IncomingHttpHeaders): Pick<GrpcAnswer, 'httpStatus' | 'contentType'> {
  return { httpStatus: Number(header[':status'] ?? 0), contentType: header['content-type'] ?? '' }
}

function answerOf(header: IncomingHttpHeaders, trailer: IncomingHttpHeaders | undefined, message: Buffer | undefined): GrpcAnswer {
  // A server that has only a status to tell puts it into the header.
  const end = trailer ?? header
  return { ...headOf(header), grpcStatus: textOf(end['grpc-status']), grpcMessage: textOf(end['grpc-message']), message }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** What an error of HTTP/2, of the stream or of the connection under it means; `code` is how the stream ended. */
function broken(error: unknown, code: number): Finding {
  const kind = errorCode(error) ?? ''
  // Where the connection itself has broken, the code of the stream is Node's own choice.
  if (error !== undefined && kind !== 'ERR_HTTP2_STREAM_ERROR') {
    return kind.startsWith('ERR_HTTP2_') ? failed('protocol', `not HTTP/2: ${errorText(error)}`) : describeFailure(error)
  }
  switch (code) {
    case constants.NGHTTP2_NO_ERROR:
    case constants.NGHTTP2_CANCEL:
      return failed('closed', 'connection closed before the answer was whole')
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return failed('header-overflow', `the header is longer than ${grpcLimits.headerBytes} bytes or ${grpcLimits.headerLines} lines`)
    case constants.NGHTTP2_REFUSED_STREAM:
    case constants.NGHTTP2_INTERNAL_ERROR:
      return failed('unwell', `the server ended the call (${http2CodeName(code)})`)
    default:
      return failed('protocol', `not gRPC: the call ended with ${http2CodeName(code)}`)
  }
}
