import { abortReason, type Clock, errorText, withDeadline } from '@hotspare/core'
import { Agent, type Dispatcher } from 'undici'
import { type CallBudget, leftAlone } from './call-budget.ts'
import { cloudDefaults } from './defaults.ts'
import { CloudError, type CloudFault } from './errors.ts'
import { type CloudAnswer, fetchText } from './fetch-text.ts'
import { type LimitRefill, readLimits } from './limits.ts'

export interface CloudRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query; put behind the endpoint. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** In place of `body`, with its content type. */
  readonly json?: object | undefined
}

/** How requests show who sends them. */
export interface CloudCredentials {
  /** @returns headers to add @throws CloudError */
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
  /** How long a call may take as a whole, in milliseconds. Default: as long as its caller lets it */
  readonly callMs?: number | undefined
  /** Calls wait for their turn in it, fail without a question while it is paused, and it hears what answers say of limits. */
  readonly budget?: CallBudget | undefined
  /** How the limits of this API come back. Default: all of it at its reset */
  readonly refill?: LimitRefill | undefined
  /** undici's way out; it stays the caller's. Default: connections of our own */
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

/** What an API has said of a failure. */
export interface CloudComplaint {
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** Default: by the status */
  readonly fault?: CloudFault | undefined
  /** Where a header does not say it. */
  readonly retryAfterMs?: number | undefined
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
    const { connections, connectMs } = cloudDefaults
    this.#ownAgent = new Agent({ allowH2: false, connections, connect: { timeout: connectMs } })
    this.#ways = { out: options.dispatcher ?? this.#ownAgent, beside: this.#ownAgent }
    this.#credentials = options.credentials(this.#ways)
  }

  /**
   * @throws CloudError `unavailable` when no whole answer comes in time; `limited`, or what began the pause, without a question
   *   while the budget is paused; what the credentials throw; the reason of `signal`
   */
  async call(request: CloudRequest, signal: AbortSignal): Promise<CloudAnswer> {
    const { areStale = ({ status }) => status === 401 } = this.#options
    const first = await this.#inTime(request, signal)
    if (!areStale(first.answer) || !this.#credentials.forget?.(first.shown)) return first.answer
    return (await this.#inTime(request, signal)).answer
  }

  /** A failed answer, as an error; the budget hears of it. */
  failure(answer: CloudAnswer, said: CloudComplaint = {}): CloudError {
    const { status } = answer
    const { budget, clock, refill } = this.#options
    const fault = said.fault ?? faultOf(status)
    const words = [said.code, said.message].filter((word) => word !== undefined && word !== '')
    const why = `${status}${words.length > 0 ? ` ${words.join(': ')}` : ''}`
    const limits = readLimits((name) => answer.header(name), clock, refill)
    const resetMs = fault === 'limited' ? limits.resetMs : undefined
    const retryAfterMs = limits.retryAfterMs ?? said.retryAfterMs ?? resetMs
    const error = new CloudError({ who: this.who, fault, why: this.withoutSecrets(why), retryAfterMs })
    budget?.failed(error)
    return error
  }

  /** @throws CloudError `unavailable` where it is none */
  json(answer: CloudAnswer): unknown {
    try {
      return JSON.parse(answer.text)
    } catch {
      throw this.unusable(`${answer.status}, and the answer is no JSON`)
    }
  }

  /** An answer that cannot be what the API would say: whether a change has worked is unknown then. */
  unusable(why: string): CloudError {
    return new CloudError({ who: this.who, fault: 'unavailable', why: this.withoutSecrets(why) })
  }

  /** Somebody who repeats what was sent must not get it into a log. */
  withoutSecrets(text: string): string {
    return this.#credentials.secrets().reduce<string>((shown, secret) => (secret ? shown.replaceAll(secret, '***') : shown), text)
  }

  async close(): Promise<void> {
    if (!this.#ownAgent.destroyed) await this.#ownAgent.destroy()
  }

  async #inTime(request: CloudRequest, signal: AbortSignal) {
    const { callMs, clock } = this.#options
    await this.#turn(signal)
    if (callMs === undefined) return this.#once(request, signal)
    try {
      return await withDeadline(this.who, callMs, (own) => this.#once(request, own), { signal, clock })
    } catch (error) {
      if (signal.aborted || error instanceof CloudError) throw error
      // The deadline, in words that name who was asked.
      throw new CloudError({ who: this.who, fault: 'unavailable', why: `no answer within ${callMs} ms`, cause: error })
    }
  }

  /** @throws CloudError without waiting where it would be for longer than a call may take */
  async #turn(signal: AbortSignal): Promise<void> {
    const { budget, callMs = Infinity } = this.#options
    if (!budget) return
    if (signal.aborted) throw abortReason(signal)
    budget.checkPause(this.who)
    const retryAfterMs = Math.ceil(budget.waitMs())
    if (retryAfterMs > callMs) throw new CloudError({ who: this.who, fault: 'limited', why: leftAlone(retryAfterMs), retryAfterMs })
    await budget.take(signal)
  }

  async #once(request: CloudRequest, signal: AbortSignal) {
    const { endpoint, budget, clock, refill } = this.#options
    const url = new URL(`${endpoint}${request.path}`)
    const { json, ...plain } = request
    const type = json && { 'content-type': 'application/json' }
    const asked = { ...plain, headers: { ...request.headers, ...type }, body: json ? JSON.stringify(json) : request.body }
    const shown = await this.#shown({ ...asked, url }, signal)
    const sent = { ...asked, headers: { ...asked.headers, ...shown } }
    try {
      const answer = await fetchText({ url, request: sent, signal, dispatcher: this.#ways.out })
      budget?.heedLimits(readLimits((name) => answer.header(name), clock, refill))
      if (answer.status >= 200 && answer.status < 300) budget?.succeeded()
      return { answer, shown }
    } catch (error) {
      if (signal.aborted) throw error
      throw this.unusable(`no usable answer: ${errorText(error)}`)
    }
  }

  async #shown(request: CloudRequest & { readonly url: URL }, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    try {
      return await this.#credentials.headers(request, signal)
    } catch (error) {
      // Whoever grants them is not to be asked in a row either.
      if (error instanceof CloudError) this.#options.budget?.failed(error)
      throw error
    }
  }
}

/** What a status means where the API says nothing better. RFC 9110, 15. */
function faultOf(status: number): CloudFault {
  if (status === 401) return 'credentials'
  if (status === 429) return 'limited'
  // In conflict, changed meanwhile, locked.
  if (status === 409 || status === 412 || status === 423) return 'busy'
  return status >= 500 || status < 400 || status === 408 ? 'unavailable' : 'refused'
}
