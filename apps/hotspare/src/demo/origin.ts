import { createServer } from 'node:http'
import { sleep } from '@hotspare/core'
import { type CommandContext, type ExitCode, exitCodes, untilAsked } from '../commands/context.ts'

/** What an application takes to answer, in milliseconds; so a killed origin has requests under way. */
const WORK_MS = 3
/** About a small HTML page and a large one. */
const BODIES: Readonly<Record<string, number>> = { '/': 1_024, '/page': 16_384 }

/** An origin of the demo: a process of its own, so that it can be killed, frozen and started again. */
export async function serveOrigin(options: { readonly name: string; readonly port: string }, context: CommandContext): Promise<ExitCode> {
  let served = 0
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (path === '/healthz') return void response.end('ok\n')
    if (path === '/served') return void response.end(String(served))
    served += 1
    const size = BODIES[path]
    void sleep(WORK_MS).then(() => {
      if (size === undefined) return response.writeHead(404).end('not found\n')
      const greeting = `hello from ${options.name}, process ${process.pid}\n`
      return response.writeHead(200, { 'content-type': 'text/plain' }).end(`${greeting.padEnd(size - 1, '.')}\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(Number(options.port), '127.0.0.1', resolve))
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
  await untilAsked(context.signal)
  server.closeAllConnections()
  server.close()
  return exitCodes.done
}
