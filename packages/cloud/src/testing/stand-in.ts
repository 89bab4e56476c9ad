import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { assertNever, systemClock } from '@hotspare/core'

/** What can go wrong with a request, before anything is done for it or after (`late`). */
export type StandInFault = '500' | 'limited' | 'hang' | 'reset' | 'late-reset' | 'garbage' | 'huge'

export interface StandInRequest {
  readonly method: string
  /** As it came over the wire, escapes and all. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Path and query, as they came. */
  readonly target: string
}

export interface StandInAnswer {
  readonly status: number
  /** A text as it is; anything else as JSON. */
  readonly body: unknown
  readonly headers?: Record<string, string>
}

/** What makes one API different from another. */
export interface Vendor {
  /** Whether a request changes something. */
  changes(request: StandInRequest): boolean
  /** Undefined when it may: else the refusal. Checked on its own, by the published rules. */
  credentials(request: StandInRequest): StandInAnswer | undefined
  /** Undefined for what the API does not have. */
  answer(request: StandInRequest): StandInAnswer | undefined
  readonly limited: StandInAnswer
  /** Requests of other services that come to the same server: metadata, tokens, time. */
  beside?(request: StandInRequest): StandInAnswer | undefined
}

export interface FaultOptions {
  /** Default: 1 */
  readonly times?: number | undefined
  /** Whether it meets what changes something; default: what only asks */
  readonly changes?: boolean | undefined
}

/** An HTTP server on loopback that passes for an API: strict about what it is asked, and slow or broken when told to be. */
export class StandInServer {
  /** What was asked, in order; what changes something begins with `change`, the rest with `question`. */
  readonly asked: string[] = []
  /** What a real one would not have: expected to stay empty. */
  readonly objections: string[] = []
  readonly #vendor: Vendor
  readonly #faults: { fault: StandInFault; times: number; changes: boolean }[] = []
  readonly #server = createServer()
  #listener: (() => void | Promise<void>) | undefined
  /** How many requests were left without an answer so far. */
  hung = 0
  /** How many requests it is at work on at this moment, without those that hang. */
  busy = 0
  /** `http://127.0.0.1:40123` */
  url = ''

  constructor(vendor: Vendor) {
    this.#vendor = vendor
  }

  async start(): Promise<this> {
    this.#server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.once('end', () => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
        const { method = '', headers, url: target = '/' } = request
        const body = Buffer.concat(chunks).toString('utf8')
        void this.#handle({ method, path: pathname, query: searchParams, headers, body, target }, response)
      })
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    return this
  }

  /** The next requests of a kind meet a fault. */
  fail(fault: StandInFault, { times = 1, changes = false }: FaultOptions = {}): void {
    this.#faults.push({ fault, times, changes })
  }

  /** Called once a change has come, before it is made: whoever comes in between. */
  onChange(listener: (() => void | Promise<void>) | undefined): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  async #handle(request: StandInRequest, response: ServerResponse): Promise<void> {
    const beside = this.#vendor.beside?.(request)
    if (beside) return reply(response, beside)
    const changes = this.#vendor.changes(request)
    this.asked.push(`${changes ? 'change' : 'question'} ${request.method} ${request.target} ${request.body.slice(0, 200)}`)
    const refused = this.#vendor.credentials(request)
    if (refused) return reply(response, refused)
    const fault = this.#faults.find((each) => each.times > 0 && each.changes === changes)
    if (fault) fault.times -= 1
    if (fault && fault.fault !== 'late-reset') return this.#break(fault.fault, request, response)
    this.busy += 1
    const answer = await this.#carryOut(request, changes)
    this.busy -= 1
    if (fault) return void response.destroy()
    if (!answer) {
      this.objections.push(`there is no ${request.method} ${request.target} with ${request.body}`)
      return reply(response, { status: 404, body: {} })
    }
    reply(response, answer)
  }

  async #carryOut(request: StandInRequest, changes: boolean): Promise<StandInAnswer | undefined> {
    if (changes) await this.#listener?.()
    return this.#vendor.answer(request)
  }

  #break(fault: Exclude<StandInFault, 'late-reset'>, request: StandInRequest, response: ServerResponse): void {
    switch (fault) {
      case '500':
        // Some repeat what they were sent.
        return reply(response, { status: 500, body: { message: `${JSON.stringify(request.headers)} ${request.body}` } })
      case 'limited':
        return reply(response, this.#vendor.limited)
      case 'reset':
        response.writeHead(200, { 'content-length': '1000' })
        response.write('{"half":')
        return void systemClock.schedule(5, () => response.destroy())
      case 'garbage':
        return reply(response, { status: 200, body: '<html>a proxy was here' })
      case 'huge':
        return reply(response, { status: 200, body: 'x'.repeat(3_000_000) })
      case 'hang':
        // Until the client goes.
        this.hung += 1
        return undefined
      default:
        return assertNever(fault)
    }
  }
}

function reply(response: ServerResponse, { status, body, headers }: StandInAnswer): void {
  const hasBody = status !== 204 && status !== 304
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers })
  response.end(hasBody ? text : undefined)
}
