import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorText } from '@hotspare/core'
import type { AttemptFailure } from './failure.ts'
import { type FlatHeaders, requestHeaders, responseHeaders } from './headers.ts'
import { NodeRequest } from './node-request.ts'
import { readRequestLine } from './request-line.ts'
import { type RequestContext, RequestRecord, type TriedTarget } from './request-record.ts'
import { UpgradeAttempt, type UpgradeOwner } from './upgrade-attempt.ts'
import type { Upstream } from './upstreams.ts'

/**
 * A WebSocket (RFC 6455, 4): the upgrade is asked of a target, of another one if the first does not answer, and once
 * a target agrees bytes flow both ways untouched. A target that answers without agreeing is passed on as it is.
 */
export class Tunnel implements UpgradeOwner {
  readonly #context: RequestContext
  readonly #record: RequestRecord
  readonly #request: IncomingMessage
  readonly #client: Duplex
  /** What the client sent behind its request. */
  readonly #head: Buffer
  #path = ''
  #headers: FlatHeaders = []
  #current: { readonly attempt: UpgradeAttempt; readonly upstream: Upstream; readonly place: number } | undefined
  /** The status that the client has seen; 0 for none. */
  #status = 0

  /** @param onClosed is told when the client's socket is gone */
  constructor(context: RequestContext, request: IncomingMessage, client: Duplex, head: Buffer, onClosed: () => void) {
    this.#context = context
    this.#record = new RequestRecord(context, new NodeRequest(request), () => {})
    this.#request = request
    this.#client = client
    this.#head = head
    // Node takes its own error handler off an upgraded socket; a reset must not end the process.
    client.on('error', () => client.destroy())
    client.once('close', () => {
      this.#clientClosed()
      onClosed()
    })
    // The server's sockets may stay half-open: without this, a client that never closes would keep one for ever.
    client.once('finish', () => this.#linger())
  }

  begin(): void {
    const { settings, budget } = this.#context
    const line = readRequestLine(this.#request)
    if ('refuse' in line) return this.refuse(line.refuse, line.because)
    const client = { address: this.#request.socket.remoteAddress ?? '', protocol: 'http', host: line.host } as const
    budget.recordRequest()
    this.#path = line.path
    this.#headers = requestHeaders(this.#request.rawHeaders, client, settings.forwarded)
    this.#client.on('readable', this.#look).on('end', this.#left)
    this.#attempt()
  }

  /** Answers without any target and ends the connection. */
  refuse(status: number, because: string): void {
    this.#client.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    this.#record.finish('refused', status, because)
  }

  /** Ends both sides; by a reset, since the end of an answer without a length must not look like a whole one. */
  cut(because: string): void {
    this.#record.finish('cut', this.#status, because)
    this.#request.socket.resetAndDestroy()
  }

  upgradeAgreed(attempt: UpgradeAttempt, answer: IncomingMessage, target: Duplex, first: Buffer): void {
    this.#unwatch()
    this.#client.off('readable', this.#look).off('end', this.#left)
    this.#record.attemptEnded(attempt)
    const client = this.#client
    const { tunnelIdleTimeoutMs } = this.#context.settings
    this.#request.socket.setTimeout(tunnelIdleTimeoutMs, () => this.cut(`nothing was said for ${tunnelIdleTimeoutMs} ms`))
    this.#status = 101
    client.write(responseHead(answer, [...headersOf(attempt, answer), 'connection', 'Upgrade', 'upgrade', 'websocket']))
    if (first.length > 0) client.write(first)
    if (this.#head.length > 0) target.write(this.#head)
    client.pipe(target).pipe(client)
    target.on('error', (error) => this.cut(`${attempt.pick.target.id}: ${errorText(error)}`))
    target.once('close', () => {
      this.#record.giveBack(attempt)
      this.#record.finish('answered', 101)
      client.destroy()
    })
    client.once('close', () => target.destroy())
  }

  /** The target said no, in plain HTTP: its answer goes to the client, and the connection ends with it. */
  upgradeDeclined(attempt: UpgradeAttempt, answer: IncomingMessage): void {
    this.#unwatch()
    this.#record.attemptEnded(attempt)
    this.#status = answer.statusCode ?? 502
    this.#client.write(responseHead(answer, [...headersOf(attempt, answer), 'connection', 'close']))
    answer.on('error', (error) => this.cut(`${attempt.pick.target.id}: ${errorText(error)}`))
    answer.once('close', () => this.#record.giveBack(attempt))
    answer.once('end', () => this.#record.finish('answered', this.#status))
    this.#client.once('close', () => answer.destroy())
    answer.pipe(this.#client)
  }

  upgradeFailed(attempt: UpgradeAttempt, failure: AttemptFailure): void {
    this.#unwatch()
    this.#record.giveBack(attempt, failure)
    this.#record.attemptEnded(attempt, failure)
    const next = this.#record.afterFailure(attempt, circumstances(failure))
    if (next.retry) this.#attempt()
    else this.refuse(next.status, next.because)
  }

  abandonIfRepeatable(attempt: UpgradeAttempt, because: string): void {
    const failure: AttemptFailure = { reason: 'abandoned', detail: because, sent: attempt.sent }
    if (this.#record.mayAbandon(circumstances(failure))) attempt.abandon(failure)
  }

  #attempt(): void {
    this.#record.tryNext(
      (tried) => this.#ask(tried),
      (status, because) => this.refuse(status, because),
    )
  }

  #ask(tried: TriedTarget): void {
    const { settings, clock, upstreams } = this.#context
    const attempt = new UpgradeAttempt(tried, this.#path, this.#headers, settings, clock, this)
    const upstream = upstreams.of(tried.pick.target)
    this.#current = { attempt, upstream, place: upstream.attempts.add(attempt) }
  }

  /** Nobody reads a client that waits for its answer, and so nobody would see that it has left. What it sends stays unread. */
  readonly #look = (): void => void this.#client.read(0)

  /** Half a connection is of no use to a WebSocket, nor does Node's server keep one. */
  readonly #left = (): void => void this.#client.destroy()

  /** Leaves the client a moment to read the end. */
  #linger(): void {
    const timer = this.#context.clock.schedule(LINGER_MS, () => this.#client.destroy(), { unref: true })
    this.#client.once('close', () => timer.cancel())
  }

  #unwatch(): void {
    if (this.#current) this.#current.upstream.attempts.remove(this.#current.place)
    this.#current = undefined
  }

  #clientClosed(): void {
    const attempt = this.#current?.attempt
    this.#unwatch()
    attempt?.cancel()
    if (attempt) this.#record.giveBack(attempt)
    this.#record.finish('client-gone', this.#status, 'the client left')
  }
}

const LINGER_MS = 1_000

/** An upgrade is a GET without a body, and the client has seen nothing until a target answers. */
function circumstances(failure: AttemptFailure) {
  return { bodyReplayable: true, answerStarted: false, failure } as const
}

/** With the cookie that the picker has for the client. */
function headersOf({ pick }: UpgradeAttempt, { rawHeaders }: IncomingMessage): FlatHeaders {
  const headers = responseHeaders(rawHeaders)
  return pick.setCookie === undefined ? headers : [...headers, 'set-cookie', pick.setCookie]
}

function responseHead(answer: IncomingMessage, headers: FlatHeaders): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
