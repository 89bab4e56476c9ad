import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { ProviderStandIn, StandInFault } from './testing/provider-fixture.ts'

export interface StandInRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly origin: string
}

export interface StandInAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Record<string, string>
}

/** What makes one provider different from another. */
export interface Vendor {
  /** Whether a request changes where the address is, or what is written beside it. */
  changes(request: StandInRequest): boolean
  /** Undefined when it may: else the refusal. Checked on its own, by the published rules. */
  credentials(request: StandInRequest): StandInAnswer | undefined
  /** Undefined for what the API does not have. */
  answer(request: StandInRequest): StandInAnswer | undefined
  readonly limited: StandInAnswer
  /** Requests of other services that come to the same server: metadata, tokens, time. */
  beside?(request: StandInRequest): StandInAnswer | undefined
}

/** An HTTP server on loopback that passes for a provider. */
export class StandInServer {
  readonly asked: string[] = []
  readonly objections: string[] = []
  readonly #vendor: Vendor
  readonly #faults: { fault: StandInFault; times: number; changes: boolean }[] = []
  readonly #server = createServer()
  #listener: (() => void) | undefined
  hung = 0
  url = ''

  constructor(vendor: Vendor) {
    this.#vendor = vendor
  }

  async start(): Promise<this> {
    this.#server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.once('end', () => {
        const { pathname, searchParams, href } = new URL(request.url ?? '/', 'http://stand-in')
        const { method = '', headers } = request
        const body = Buffer.concat(chunks).toString('utf8')
        this.#handle({ method, path: pathname, query: searchParams, headers, body, origin: href }, response)
      })
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
    return this
  }

  fail(
    fault: StandInFault,
    { times = 1, changes = false }: { readonly times?: number | undefined; readonly changes?: boolean | undefined } = {},
  ): void {
    this.#faults.push({ fault, times, changes })
  }

  onChange(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #handle(request: StandInRequest, response: ServerResponse): void {
    const beside = this.#vendor.beside?.(request)
    if (beside) return reply(response, beside)
    const changes = this.#vendor.changes(request)
    this.asked.push(`${changes ? 'change' : 'question'} ${request.method} ${request.path} ${request.body.slice(0, 200)}`)
    const refused = this.#vendor.credentials(request)
    if (refused) return reply(response, refused)
    const fault = this.#faults.find((each) => each.times > 0 && each.changes === changes)
    if (fault) fault.times -= 1
    if (fault?.fault === 'late-reset') {
      this.#carryOut(request, changes)
      return void response.destroy()
    }
    if (fault) return this.#break(fault.fault, request, response)
    const answer = this.#carryOut(request, changes)
    if (!answer) {
      this.objections.push(`there is no ${request.method} ${request.path} with ${request.body}`)
      return reply(response, { status: 404, body: {} })
    }
    reply(response, answer)
  }

  #carryOut(request: StandInRequest, changes: boolean): StandInAnswer | undefined {
    if (changes) this.#listener?.()
    return this.#vendor.answer(request)
  }

  #break(fault: StandInFault, request: StandInRequest, response: ServerResponse): void {
    switch (fault) {
      case '500':
        // Some repeat what they were sent.
        return reply(response, { status: 500, body: { message: `${JSON.stringify(request.headers)} ${request.body}` } })
      case 'limited':
        return reply(response, this.#vendor.limited)
      case 'reset':
        response.writeHead(200, { 'content-length': '1000' })
        response.write('{"half":')
        setTimeout(() => response.destroy(), 5)
        return undefined
      case 'garbage':
        return reply(response, { status: 200, body: '<html>a proxy was here' })
      case 'huge':
        return reply(response, { status: 200, body: 'x'.repeat(3_000_000) })
      case 'hang':
      case 'late-reset':
      default:
        // It hangs until the client goes.
        this.hung += 1
        return undefined
    }
  }
}

function reply(response: ServerResponse, { status, body, headers }: StandInAnswer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}

/** Things that go on for some looks before they take effect. */
export class Operations {
  readonly #all = new Map<string, { left: number; readonly apply: () => void; readonly failed: boolean }>()
  #failNext = false

  failNext(): void {
    this.#failNext = true
  }

  begin(apply: () => void, looks = 2): string {
    const id = String(1_000 + this.#all.size)
    this.#all.set(id, { left: looks, apply, failed: this.#failNext })
    this.#failNext = false
    return id
  }

  look(id: string): 'running' | 'done' | 'failed' | undefined {
    const operation = this.#all.get(id)
    if (!operation) return undefined
    operation.left -= 1
    if (operation.left > 0) return 'running'
    if (operation.failed) return 'failed'
    if (operation.left === 0) operation.apply()
    return 'done'
  }
}

export interface Holds {
  holder: string | undefined
  token: number | undefined
}

/** The parts of a stand-in that are the same for most. */
export function standInOf(
  server: StandInServer,
  parts: Pick<ProviderStandIn, 'holder' | 'setHolder' | 'setToken' | 'refuseCredentials'> & {
    readonly token: () => number | undefined
    readonly operations?: Operations
    readonly expireCredentials?: () => void
  },
): ProviderStandIn {
  const { token, operations, expireCredentials, ...rest } = parts
  return {
    ...rest,
    get token() {
      return token()
    },
    get hung() {
      return server.hung
    },
    asked: server.asked,
    objections: server.objections,
    fail: (fault, options) => server.fail(fault, options),
    onChange: (listener) => server.onChange(listener),
    ...(operations ? { failOperation: () => operations.failNext() } : {}),
    ...(expireCredentials ? { expireCredentials } : {}),
    close: () => server.close(),
  }
}
