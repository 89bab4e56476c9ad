// The least that forwards correctly with node:http in front and undici behind: what the two cost together.
import { createServer, type ServerResponse } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { siteArguments } from './site-arguments.ts'

const HOP_BY_HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])

const { port, origins } = siteArguments()
const pool = new Pool(origins[0], { connections: 128 })

createServer((request, response) => {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: request.method ?? 'GET',
      headers: endToEnd(request.rawHeaders),
      body: hasBody ? request : null,
    },
    new Forwarder(response),
  )
}).listen(port, '127.0.0.1')

class Forwarder implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  #controller: Dispatcher.DispatchController | undefined

  constructor(response: ServerResponse) {
    this.#response = response
    // A client that leaves never drains; without this the paused connection would be lost to the pool.
    response.once('close', () => {
      if (!response.writableFinished) this.#controller?.abort(new Error('the client left'))
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : []
    this.#response.writeHead(status, endToEnd(raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return
    controller.pause()
    this.#response.once('drain', () => controller.resume())
  }

  onResponseEnd(): void {
    this.#response.end()
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy()
    else this.#response.writeHead(502).end()
  }
}

function endToEnd(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index]!
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, headers[index + 1]!)
  }
  return kept
}
