import { createServer, type Server, type Socket } from 'node:net'
import type { Clock, Logger, Timer } from '@hotspare/core'
import { errorCode, errorText, HotspareError, silentLogger, systemClock, withDeadline } from '@hotspare/core'
import { z } from 'zod'
import { parseOptions } from '../options.ts'
import { milliseconds } from '../milliseconds.ts'
import { agentDefaults } from './defaults.ts'
import { type AgentAnswer, formatAgentLine } from './line.ts'
import { readLine } from './read-line.ts'

/** Where an agent listens. */
export interface AgentServerOptions {
  /** An address of this machine. Default: 127.0.0.1 */
  readonly host?: string | undefined
  /** 0 takes a free one. */
  readonly port: number
  /** Whether the other side says something first (HAProxy's `agent-send`), which the answer may depend on. Default: false */
  readonly readQuestion?: boolean | undefined
  /** One deadline over a connection, in milliseconds. Default: 1,000 */
  readonly timeoutMs?: number | undefined
  /** Connections at a time; more are closed. Default: 64 */
  readonly maxConnections?: number | undefined
}

/** {@link AgentServerOptions} with the defaults filled in. */
export interface ResolvedAgentServerOptions {
  readonly host: string
  readonly port: number
  readonly readQuestion: boolean
  readonly timeoutMs: number
  readonly maxConnections: number
}

export const agentServerOptionsSchema: z.ZodType<ResolvedAgentServerOptions, AgentServerOptions> = z.strictObject({
  host: z.string().min(1).max(255).default(agentDefaults.host).describe('The address of this machine that it listens on.'),
  port: z.int().min(0).max(65_535).describe('The port; 0 takes a free one.'),
  readQuestion: z.boolean().default(false).describe("Whether the other side says something first (HAProxy's agent-send)."),
  timeoutMs: milliseconds.default(agentDefaults.serverTimeoutMs).describe('One deadline over a connection, in milliseconds.'),
  maxConnections: z.int().min(1).max(10_000).default(agentDefaults.maxConnections).describe('Connections at a time; more are closed.'),
})

/** Who asks. */
export interface AgentQuestion {
  /** What was sent first, without its line break; empty unless `readQuestion` is set. */
  readonly text: string
  readonly remoteAddress: string
}

/** Says how this machine is. When it throws, the connection is closed without an answer, which changes nothing. */
export type AnswerAgent = (question: AgentQuestion, options: { readonly signal: AbortSignal }) => AgentAnswer | Promise<AgentAnswer>

/** A server that tells HAProxy how this machine is. */
export interface AgentServer extends AsyncDisposable {
  /** The port that it listens on; 0 while it does not. */
  readonly port: number
  /** @throws HotspareError `HOTSPARE_HEALTH_AGENT_LISTEN` */
  start(): Promise<void>
  /** Closes the port and every connection. */
  stop(): Promise<void>
}

interface Injected {
  readonly answer: AnswerAgent
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

/**
 * The server side of HAProxy's `agent-check`: one line per connection. An agent that has said `down` has to say `up` again:
 * HAProxy forgets nothing, so answer with everything that holds, each time.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function agentServer(options: AgentServerOptions & Injected): AgentServer {
  const { answer, clock = systemClock, logger = silentLogger, ...rest } = options
  const { host, port, readQuestion, timeoutMs, maxConnections } = parseOptions('agentServer', agentServerOptionsSchema, rest)
  let server: Server | undefined
  let starting: Promise<void> | undefined
  const open = new Set<Socket>()

  async function talk(socket: Socket, signal: AbortSignal): Promise<void> {
    const said = readQuestion ? await readLine(socket, agentDefaults.maxQuestionBytes) : undefined
    if (said && said.kind !== 'line') return void socket.destroy()
    const question = { text: said?.line ?? '', remoteAddress: socket.remoteAddress ?? '' }
    const line = formatAgentLine(await answer(question, { signal }))
    // Half a close: the answer is on its way before the connection ends, whatever was sent to us and not read.
    if (!signal.aborted) await new Promise<void>((resolve) => socket.end(line, resolve))
  }

  function serve(socket: Socket): void {
    open.add(socket)
    const gone = new AbortController()
    let linger: Timer | undefined
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      open.delete(socket)
      linger?.cancel()
      gone.abort(new HotspareError({ code: 'HOTSPARE_HEALTH_ABORTED', message: 'agent: the connection is closed' }))
    })
    if (!readQuestion) socket.resume()
    withDeadline('agent answer', timeoutMs, (signal) => talk(socket, signal), { clock, signal: gone.signal }).then(
      () => {
        // The other side has the answer; it may not keep the connection as long as it likes.
        if (!socket.destroyed) linger = clock.schedule(timeoutMs, () => socket.destroy())
      },
      (error: unknown) => {
        if (gone.signal.aborted) return
        logger.warn({ error: errorText(error) }, 'an agent could not answer')
        socket.destroy()
      },
    )
  }

  function listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const own = createServer(serve)
      own.maxConnections = maxConnections
      own.once('error', (error) => {
        starting = undefined
        const message = `agent: it cannot listen on ${host}:${port}: ${errorCode(error) ?? errorText(error)}`
        reject(new HotspareError({ code: 'HOTSPARE_HEALTH_AGENT_LISTEN', message, cause: error, retryable: true }))
      })
      own.listen({ host, port }, () => {
        server = own
        own.on('error', (error) => logger.warn({ error: errorText(error) }, 'the agent could not accept a connection'))
        resolve()
      })
    })
  }

  async function stop(): Promise<void> {
    await starting?.catch(() => {})
    starting = undefined
    const own = server
    server = undefined
    if (!own) return
    await new Promise<void>((resolve) => {
      own.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  }

  return {
    get port() {
      const address = server?.address()
      return typeof address === 'object' && address ? address.port : 0
    },
    start: () => (starting ??= listen()),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
