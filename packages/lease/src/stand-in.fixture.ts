import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'

export interface StandInRequest {
  readonly method: string
  /** As it came over the wire, nothing decoded. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface StandInAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What goes wrong with a request. What begins with `done` happens after it has taken effect, so its caller cannot know. */
export type Trouble =
  | 'none'
  | 'silence'
  | 'reset'
  | 'done-silence'
  | 'done-reset'
  | 'done-half-answer'
  | 'done-garbage'
  | { readonly answer: StandInAnswer }
  | { readonly doneAnswer: StandInAnswer }
  | { readonly delayMs: number }

export interface StandIn {
  readonly url: string
  readonly requests: StandInRequest[]
  /** Decides for each request; a test sets it. */
  trouble: (request: StandInRequest) => Trouble
  close(): Promise<void>
}

/** A server on loopback that does what `serve` says, with the troubles of a network on top. */
export async function standIn(serve: (request: StandInRequest) => StandInAnswer, tls?: ServerOptions): Promise<StandIn> {
  const requests: StandInRequest[] = []
  const handle = (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    incoming.on('error', () => {})
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () => {
      const request = {
        method: incoming.method ?? '',
        target: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      }
      requests.push(request)
      suffer(self.trouble(request), () => serve(request), response)
    })
  }
  const server = tls ? createTlsServer(tls, handle) : createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const self: StandIn = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as { port: number }).port}`,
    requests,
    trouble: () => 'none',
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}

function suffer(trouble: Trouble, serve: () => StandInAnswer, response: ServerResponse): void {
  if (typeof trouble === 'object') {
    if ('delayMs' in trouble) return void setTimeout(() => write(response, serve()), trouble.delayMs)
    if ('doneAnswer' in trouble) serve()
    return write(response, 'answer' in trouble ? trouble.answer : trouble.doneAnswer)
  }
  if (trouble === 'silence') return
  if (trouble === 'reset') return void response.socket?.resetAndDestroy()
  const answer = serve()
  switch (trouble) {
    case 'none':
      return write(response, answer)
    case 'done-silence':
      return
    case 'done-reset':
      return void response.socket?.resetAndDestroy()
    case 'done-garbage':
      return write(response, { status: answer.status, body: '<html>\u0000not what you think' })
    case 'done-half-answer':
      response
        .writeHead(answer.status, { ...answer.headers, 'content-length': String((answer.body?.length ?? 0) + 100) })
        .write(answer.body ?? '{"')
      setTimeout(() => response.destroy(), 5)
  }
}

function write(response: ServerResponse, { status, headers = {}, body = '' }: StandInAnswer): void {
  response.writeHead(status, headers).end(body)
}
