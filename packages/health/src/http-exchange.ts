import { type ClientRequest, type IncomingMessage, request as httpRequest, STATUS_CODES } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BodyWatch } from './body-watch.ts'
import { describeFailure, failed, type Finding } from './failure.ts'
import { firstPhase, followPhases } from './phases.ts'
import type { ProbeRun } from './run-probe.ts'
import { inStatusRanges, type StatusRange } from './status-ranges.ts'

/** One request and what its answer must look like. */
interface HttpOrder {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly expectStatus: readonly StatusRange[]
  readonly expectStatusText: string
  readonly expectBody: Buffer | undefined
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly tls: {
    readonly rejectUnauthorized?: boolean | undefined
    readonly servername?: string | undefined
    readonly ca?: string | undefined
  }
}

/** Interim answers (1xx) before the real one; a target that sends them without end is broken. */
const MAX_INTERIM_ANSWERS = 10

/** Sends the request and judges the answer. Whatever the target does is a finding; the connection is gone when it settles. */
export function exchange(order: HttpOrder, run: ProbeRun): Promise<Finding> {
  return new Promise((resolve) => {
    run.phase = firstPhase(order.url.hostname)
    const request = send(order)
    const settle = (finding: Finding) => {
      resolve(finding)
      request.destroy()
    }
    run.signal.addEventListener('abort', () => request.destroy(), { once: true })
    request.on('socket', (socket) => followPhases(socket, run))
    let interim = 0
    request.on('information', () => {
      if (++interim > MAX_INTERIM_ANSWERS) settle(failed('protocol', `more than ${MAX_INTERIM_ANSWERS} interim answers (1xx)`))
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      settle(failed('protocol', '101 Switching Protocols, which was not asked for'))
    })
    let answer: { readonly response: IncomingMessage; readonly body: BodyWatch } | undefined
    request.on('response', (response) => {
      const status = response.statusCode ?? 0
      const statusText = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
      if (!inStatusRanges(order.expectStatus, status)) {
        return settle(failed('status', `${statusText}, expected ${order.expectStatusText}`))
      }
      const body = new BodyWatch({ ...order, statusText, announcedBytes: announcedBytes(order.method, response) })
      answer = { response, body }
      readBody(response, body, run, settle)
    })
    // Also where a connection breaks in the middle, and where it ends in silence. An answer that is already whole is
    // judged at its end, whatever the target sends after it.
    const onBroken = (error?: unknown) => {
      if (!answer) settle(error === undefined ? failed('closed', 'connection closed before an answer') : failure(error, order))
      else if (!answer.response.complete) settle(answer.body.broken(error))
    }
    // Stays for good: a connection may report an error after it was given up.
    request.on('error', onBroken)
    request.on('close', () => onBroken())
    request.end()
  })
}

function send(order: HttpOrder): ClientRequest {
  const own = Object.entries(order.headers).map(([name, value]) => [name.toLowerCase(), value])
  const options = {
    method: order.method,
    headers: {
      accept: '*/*',
      // A compressed body could not be compared with the expected text.
      'accept-encoding': 'identity',
      'user-agent': 'hotspare-health',
      ...Object.fromEntries(own),
      connection: 'close',
    },
    agent: false,
    insecureHTTPParser: false,
    maxHeaderSize: order.maxHeaderBytes,
  }
  return order.url.protocol === 'https:'
    ? httpsRequest(order.url, { ...options, ...definedOnly(order.tls) })
    : httpRequest(order.url, options)
}

function readBody(response: IncomingMessage, body: BodyWatch, run: ProbeRun, settle: (finding: Finding) => void): void {
  run.phase = `reading the body (${body.progress})`
  response.on('data', (chunk: Buffer) => {
    body.add(chunk)
    run.phase = `reading the body (${body.progress})`
    if (body.full) settle(body.judge())
  })
  response.on('end', () => settle(response.complete ? body.judge() : body.broken(undefined)))
  response.on('error', (error) => settle(body.broken(error)))
}

function failure(error: unknown, order: HttpOrder): Finding {
  const finding = describeFailure(error)
  if (finding.outcome === 'fail' && finding.reason === 'header-overflow') {
    return failed('header-overflow', `the header is longer than ${order.maxHeaderBytes} bytes`)
  }
  return finding
}

/** The length that the header promises, or undefined where it says none or there can be no body. */
function announcedBytes(method: string, response: IncomingMessage): number | undefined {
  const length = response.headers['content-length']
  return method === 'HEAD' || length === undefined ? undefined : Number(length)
}

function definedOnly(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
