import { type IncomingMessage, request as httpRequest, STATUS_CODES } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { errorText } from '@hotspare/core'
import type { ExchangeContext } from './exchange.ts'
import { classifyFailure } from './failure.ts'
import { type FlatHeaders, requestHeaders, responseHeaders } from './headers.ts'
import { readRequestLine } from './request-line.ts'
import { decideRetry, statusOfFailure } from './retry-policy.ts'
import type { TargetPick } from './types.ts'

/**
 * A WebSocket (RFC 6455, 4): the upgrade is asked of a target, of another one if the first does not answer, and once
 * a target agrees bytes flow both ways untouched. A target that answers without agreeing is passed on as it is.
 */
export class Tunnel {
  readonly #context: ExchangeContext
  readonly #request: IncomingMessage
  readonly #client: Duplex
  readonly #onFinished: () => void
  readonly #startedMs: number
  readonly #tried = new Set<string>()
  #attempts = 0
  #finished = false

  constructor(context: ExchangeContext, request: IncomingMessage, client: Duplex, onFinished: () => void) {
    this.#context = context
    this.#request = request
    this.#client = client
    this.#onFinished = onFinished
    this.#startedMs = context.clock.monotonicMs()
    // Node takes its own error handler off an upgraded socket; a reset must not end the process.
    client.on('error', () => client.destroy())
    client.once('close', () => this.#finish('client-gone', 0, 'the client left'))
  }

  /** @param head what the client sent behind its request */
  begin(head: Buffer): void {
    this.#context.budget.recordRequest()
    this.#attempt(head)
  }

  /** Ends both sides, at the end of a drain. */
  close(): void {
    this.#client.destroy()
  }

  /** Answers without any target and ends the connection. */
  refuse(status: number, because: string): void {
    this.#client.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    this.#finish('refused', status, because)
  }

  #attempt(head: Buffer): void {
    const line = readRequestLine(this.#request)
    if (!line) return this.refuse(400, 'the request names no path or no single host')
    const pick = this.#context.pick({ exclude: this.#tried })
    if (!pick) return this.refuse(503, 'no target may be used')
    this.#attempts += 1
    this.#tried.add(pick.target.id)

    const { settings, clock } = this.#context
    const startedMs = clock.monotonicMs()
    const url = new URL(pick.target.url)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const facts = { address: this.#request.socket.remoteAddress ?? '', protocol: 'http', host: line.host } as const
    const upstream = send({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: line.path,
      method: 'GET',
      headers: [...requestHeaders(this.#request.rawHeaders, facts, settings.forwarded), 'connection', 'Upgrade', 'upgrade', 'websocket'],
      agent: false,
      maxHeaderSize: settings.maxHeaderBytes,
      timeout: settings.firstByteTimeoutMs,
    })
    let settled = false
    const settle = (failure?: ReturnType<typeof classifyFailure>): boolean => {
      if (settled) return false
      settled = true
      this.#context.events.emit({
        type: 'attempt-finished',
        at: clock.wallMs(),
        targetId: pick.target.id,
        failure,
        durationMs: clock.monotonicMs() - startedMs,
      })
      return true
    }
    this.#client.once('close', () => upstream.destroy())
    upstream.on('timeout', () =>
      upstream.destroy(Object.assign(new Error('no answer to the upgrade'), { code: 'UND_ERR_HEADERS_TIMEOUT' })),
    )
    upstream.on('error', (error) => {
      const failure = classifyFailure(error, upstream.socket?.connecting === false)
      if (!this.#client.destroyed && settle(failure)) this.#failed(pick, failure, head)
      else pick.done()
    })
    upstream.on('response', (answer) => {
      settle()
      this.#passOn(answer, pick)
    })
    upstream.on('upgrade', (answer, socket, first) => {
      settle()
      this.#connect(answer, socket, first, head, pick)
    })
    upstream.end()
  }

  #failed(pick: TargetPick, failure: ReturnType<typeof classifyFailure>, head: Buffer): void {
    pick.done()
    const because = `${pick.target.id}: ${failure.reason}: ${failure.detail}`
    const decision = decideRetry({
      method: 'GET',
      bodyReplayable: true,
      answerStarted: false,
      attempts: this.#attempts,
      maxAttempts: this.#context.settings.attempts,
      failure,
    })
    if (!decision.retry) return this.refuse(statusOfFailure(failure), `${because}; not repeated: ${decision.because}`)
    if (!this.#context.budget.tryRetry()) return this.refuse(503, `${because}; not repeated: the retry budget is used up`)
    const { events, clock } = this.#context
    events.emit({ type: 'request-retried', at: clock.wallMs(), method: 'GET', targetId: pick.target.id, failure, attempt: this.#attempts })
    this.#attempt(head)
  }

  /** The target said no, in plain HTTP: its answer goes to the client, and the connection ends with it. */
  #passOn(answer: IncomingMessage, pick: TargetPick): void {
    this.#client.write(responseHead(answer, [...responseHeaders(answer.rawHeaders), 'connection', 'close']))
    answer.on('error', () => this.#client.destroy())
    answer.pipe(this.#client)
    answer.once('close', () => pick.done())
    answer.once('end', () => this.#finish('answered', answer.statusCode ?? 502))
  }

  #connect(answer: IncomingMessage, target: Duplex, first: Buffer, head: Buffer, pick: TargetPick): void {
    const client = this.#client
    const idleMs = this.#context.settings.tunnelIdleTimeoutMs
    this.#request.socket.setTimeout(idleMs, () => client.destroy())
    client.write(responseHead(answer, [...responseHeaders(answer.rawHeaders), 'connection', 'Upgrade', 'upgrade', 'websocket']))
    if (first.length > 0) client.write(first)
    if (head.length > 0) target.write(head)
    client.pipe(target).pipe(client)
    target.on('error', (error) => {
      this.#finish('cut', 101, `${pick.target.id}: ${errorText(error)}`)
      client.destroy()
    })
    target.once('close', () => {
      pick.done()
      this.#finish('answered', 101)
      client.destroy()
    })
    client.once('close', () => target.destroy())
  }

  #finish(outcome: 'answered' | 'refused' | 'cut' | 'client-gone', status: number, because?: string): void {
    if (this.#finished) return
    this.#finished = true
    this.#onFinished()
    const { events, clock } = this.#context
    events.emit({
      type: 'request-finished',
      at: clock.wallMs(),
      method: 'GET',
      outcome,
      status,
      targetId: [...this.#tried].at(-1),
      attempts: this.#attempts,
      durationMs: clock.monotonicMs() - this.#startedMs,
      because,
    })
  }
}

function responseHead(answer: IncomingMessage, headers: FlatHeaders): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
