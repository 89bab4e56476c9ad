import { type Clock, errorText, parseRetryAfter } from '@hotspare/core'
import { Agent, type Dispatcher, request as send } from 'undici'
import { providerDefaults } from './defaults.ts'
import { ProviderError, type ProviderFault } from './errors.ts'

export interface CloudRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query; put behind the endpoint. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
}

export interface CloudAnswer {
  readonly status: number
  readonly text: string
  header(name: string): string | undefined
}

/** How requests show who sends them. */
export interface CloudCredentials {
  /** @returns headers to add @throws ProviderError */
  headers(request: CloudRequest & { readonly url: URL }, signal: AbortSignal): Promise<Readonly<Record<string, string>>>
  /** These were not accepted: those that are newer stay. @returns whether others may be had */
  forget?(headers: Readonly<Record<string, string>>): boolean
  /** What must never be seen in a message. */
  secrets(): readonly (string | undefined)[]
}

/** The ways out of this machine. */
export interface CloudWays {
  /** To the API, and to what grants tokens for it. */
  readonly out: Dispatcher
  /** To the metadata service of the machine itself: behind a proxy, there would be that of the proxy. */
  readonly beside: Dispatcher
}

export interface CloudHttpOptions {
  readonly who: string
  /** `https://api.hetzner.cloud/v1`, without a slash at its end. */
  readonly endpoint: string
  readonly credentials: (ways: CloudWays) => CloudCredentials
  /** Whether an answer says that the credentials are no longer good. Default: its status is 401 */
  readonly areStale?: ((answer: CloudAnswer) => boolean) | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

/** Plain HTTP to one API: bounded, with credentials that are renewed once, and without secrets in what it throws. */
export class CloudHttp {
  readonly who: string
  readonly #options: CloudHttpOptions
  readonly #credentials: CloudCredentials
  readonly #ways: CloudWays
  readonly #ownAgent: Agent

  constructor(options: CloudHttpOptions) {
    this.who = options.who
    this.#options = options
    // HTTP/1.1: there, giving a request up closes its connection, so one that leads nowhere is not used again.
    const { connections, connectMs } = providerDefaults
    this.#ownAgent = new Agent({ allowH2: false, connections, connect: { timeout: connectMs } })
    this.#ways = { out: options.dispatcher ?? this.#ownAgent, beside: this.#ownAgent }
    this.#credentials = options.credentials(this.#ways)
  }

  /** @throws ProviderError `unavailable` when no whole answer comes; what the credentials throw */
  async call(request: CloudRequest, signal: AbortSignal): Promise<CloudAnswer> {
    const { areStale = ({ status }) => status === 401 } = this.#options
    const first = await this.#once(request, signal)
    if (!areStale(first.answer) || !this.#credentials.forget?.(first.shown)) return first.answer
    return (await this.#once(request, signal)).answer
  }

  /** A failed answer, as an error. */
  failure(
    answer: CloudAnswer,
    said: { readonly code?: string | undefined; readonly message?: string | undefined; readonly fault?: ProviderFault },
  ): ProviderError {
    const { status } = answer
    const fault = said.fault ?? faultOf(status)
    const words = [said.code, said.message].filter((word) => word !== undefined && word !== '')
    const why = `${status}${words.length > 0 ? ` ${words.join(': ')}` : ''}`
    const retryAfterMs = parseRetryAfter(answer.header('retry-after'), this.#options.clock.wallMs())
    return new ProviderError({ who: this.who, fault, why: this.#withoutSecrets(why), retryAfterMs })
  }

  /** @throws ProviderError `unavailable` */
  json(answer: CloudAnswer): unknown {
    try {
      return JSON.parse(answer.text)
    } catch {
      throw new ProviderError({ who: this.who, fault: 'unavailable', why: `${answer.status}, and the answer is no JSON` })
    }
  }

  async close(): Promise<void> {
    if (!this.#ownAgent.destroyed) await this.#ownAgent.destroy()
  }

  async #once(request: CloudRequest, signal: AbortSignal) {
    const url = new URL(`${this.#options.endpoint}${request.path}`)
    const shown = await this.#credentials.headers({ ...request, url }, signal)
    const sent = { ...request, headers: { ...request.headers, ...shown } }
    try {
      return { answer: await fetchText({ url, request: sent, signal, dispatcher: this.#ways.out }), shown }
    } catch (error) {
      if (signal.aborted) throw error
      throw new ProviderError({ who: this.who, fault: 'unavailable', why: this.#withoutSecrets(`no usable answer: ${errorText(error)}`) })
    }
  }

  /** A server that repeats what it was sent must not get it into a log. */
  #withoutSecrets(text: string): string {
    return withoutSecrets(text, this.#credentials.secrets())
  }
}

/** @throws whatever the connection meets; Error when the answer is too large */
export async function fetchText(call: {
  readonly url: URL
  readonly request: Omit<CloudRequest, 'path'>
  readonly signal: AbortSignal
  readonly dispatcher: Dispatcher
}): Promise<CloudAnswer> {
  const { url, request, signal, dispatcher } = call
  const { method, headers = {}, body = null } = request
  const answer = await send(url, {
    method,
    headers: { 'user-agent': 'hotspare', ...headers },
    body,
    signal,
    dispatcher,
  })
  const text = await readBounded(answer.body)
  return { status: answer.statusCode, text, header: (name) => [answer.headers[name] ?? []].flat()[0] }
}

function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  return secrets.reduce<string>((shown, secret) => (secret ? shown.replaceAll(secret, '***') : shown), text)
}

/** What a status means where the API says nothing better. RFC 9110, 15. */
function faultOf(status: number): ProviderFault {
  if (status === 401) return 'credentials'
  if (status === 429) return 'limited'
  // In conflict, changed meanwhile, locked.
  if (status === 409 || status === 412 || status === 423) return 'busy'
  return status >= 500 || status < 400 || status === 408 ? 'unavailable' : 'refused'
}

async function readBounded(body: Dispatcher.ResponseData['body']): Promise<string> {
  const { maxAnswerBytes } = providerDefaults
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`)
      chunks.push(chunk)
    }
  } finally {
    // Leaving early is no failure, but the stream tells of one, and an 'error' that nobody hears ends the process.
    body.on('error', () => {}).destroy()
  }
  return Buffer.concat(chunks).toString('utf8')
}
