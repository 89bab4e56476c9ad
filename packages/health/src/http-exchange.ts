import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Clock } from '@hotspare/core'
import { certificateMeasures, certificateWarning, sentCertificates } from './certificate.ts'
import type { ProbeTlsOptions } from './connection-options.ts'
import { openConnection } from './connection.ts'
import { describeFailure, failed, type Finding, type Remarks } from './failure.ts'
import { type AnswerEnd, type AnswerExpectations, AnswerJudge } from './http/answer-judge.ts'
import { askHttp1 } from './http/http1.ts'
import { askHttp2 } from './http/http2.ts'
import { certifiedName, destination, http1Text, type HttpRequest, redirected } from './http/request.ts'
import type { ProbeRun } from './run-probe.ts'

/** A request, what its answer must look like, and how it gets there. */
export interface HttpOrder extends AnswerExpectations {
  readonly request: HttpRequest
  /** {@link HttpOrder.request} in HTTP/1.1: the same for every run. */
  readonly text: string
  readonly httpVersion: '1.1' | '2' | 'auto'
  readonly alpn: readonly string[]
  readonly family: 4 | 6 | undefined
  readonly followRedirects: number
  readonly maxHeaderBytes: number
  readonly warnDaysLeft: number
  readonly tls: ProbeTlsOptions
  readonly clock: Clock
}

/** Sends the request, and those that redirects ask for, and judges the answer. Whatever the target does is a finding. */
export async function exchange(order: HttpOrder, run: ProbeRun): Promise<Finding> {
  let { request, text } = order
  for (let followed = 0; ; followed += 1) {
    const { end, remarks } = await ask(order, request, text, run)
    if (end.outcome !== 'redirect') return conclude(end, remarks, request, followed)
    if (followed === order.followRedirects) {
      const often = followed === 1 ? '1 redirect' : `${followed} redirects`
      return conclude(failed('status', `${end.statusText}, and not more than ${often} may be followed`), remarks, request, 0)
    }
    const next = redirected(request, end.status, end.location)
    if (typeof next === 'string') return conclude(failed('unexpected', `${end.statusText}, which ${next}`), remarks, request, followed)
    request = next
    text = http1Text(next)
  }
}

interface Asked {
  readonly end: AnswerEnd
  readonly remarks: Remarks
}

async function ask(order: HttpOrder, request: HttpRequest, text: string, run: ProbeRun): Promise<Asked> {
  const { maxHeaderBytes, httpVersion } = order
  const encrypted = request.url.protocol === 'https:'
  const tls = encrypted ? { ...order.tls, servername: certifiedName(request), alpn: order.alpn } : undefined
  let socket: Socket
  try {
    socket = await openConnection({ ...destination(request), family: order.family, tls }, run)
  } catch (error) {
    return { end: describeFailure(error), remarks: {} }
  }
  const remarks = socket instanceof TLSSocket ? certificateRemarks(socket, order) : {}
  const agreed = socket instanceof TLSSocket ? socket.alpnProtocol : undefined
  if (encrypted && httpVersion === '2' && agreed !== 'h2') {
    socket.destroy()
    return { end: failed('protocol', 'the server does not agree on HTTP/2'), remarks }
  }
  const judge = new AnswerJudge(order, order.followRedirects > 0)
  const usesHttp2 = encrypted ? agreed === 'h2' : httpVersion === '2'
  const end = usesHttp2
    ? await askHttp2(socket, request, maxHeaderBytes, judge, run)
    : await askHttp1(socket, { method: request.method, text, body: request.body, maxHeaderBytes }, judge, run)
  return { end, remarks }
}

function certificateRemarks(socket: TLSSocket, { warnDaysLeft, clock }: HttpOrder): Remarks {
  const chain = sentCertificates(socket)
  const nowMs = clock.wallMs()
  const warning = certificateWarning(chain, warnDaysLeft === 0 ? [] : [warnDaysLeft], nowMs)
  return { measures: certificateMeasures(chain, nowMs), ...(warning === undefined ? {} : { warning }) }
}

/** Adds what the connection showed, and the way that led to it. */
function conclude(finding: Finding, { measures, warning }: Remarks, { url }: HttpRequest, followed: number): Finding {
  const way = followed === 0 ? '' : `, after ${followed === 1 ? '1 redirect' : `${followed} redirects`} at ${url.origin}`
  if (way === '' && measures === undefined) return finding
  return {
    ...finding,
    detail: `${finding.detail}${way}`,
    measures: { ...measures, ...finding.measures },
    ...(warning === undefined ? {} : { warning }),
  }
}
