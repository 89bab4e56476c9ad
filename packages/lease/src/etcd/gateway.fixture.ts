import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

export interface GatewayRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: unknown
}

export interface FakeGateway {
  readonly url: string
  /** What was asked, in order. */
  readonly requests: readonly GatewayRequest[]
  readonly close: () => Promise<void>
}

/** Answers by hand, or not at all. */
export type Answerer = (asked: GatewayRequest, response: ServerResponse) => unknown

/** Something on loopback that passes for the gateway of an etcd. */
export async function fakeGateway(answerer: Answerer): Promise<FakeGateway> {
  const requests: GatewayRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const asked = { path: request.url ?? '', authorization: request.headers.authorization, body }
      requests.push(asked)
      answerer(asked, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    requests,
    async close() {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function reply(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

/** Passes everything on to a real member, and its answer back. */
export function forwardTo(endpoint: string): Answerer {
  return ({ path, authorization, body }, response) => {
    const headers = authorization === undefined ? {} : { authorization }
    const pass = async () => {
      const answer = await fetch(`${endpoint}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      reply(response, answer.status, await answer.text())
    }
    pass().catch(() => response.destroy())
  }
}
