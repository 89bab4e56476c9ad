import { createServer, type RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'

/** A server of which the test says, at any time, what it answers. */
export interface Scripted {
  readonly url: string
  answer: RequestListener
  /** Requests since this was asked last. */
  readonly served: () => number
}

export const works: RequestListener = (_request, response) => void response.end()
export const fails: RequestListener = (_request, response) => void response.writeHead(500).end()
export const limits: RequestListener = (_request, response) => void response.writeHead(429, { 'retry-after': '7' }).end()

export async function scripted(answer: RequestListener = works): Promise<Scripted> {
  let count = 0
  const server = createServer((incoming, response) => {
    count += 1
    origin.answer(incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const served = () => {
    const since = count
    count = 0
    return since
  }
  const origin: Scripted = { url: `http://127.0.0.1:${port}`, answer, served }
  return origin
}
