import { connect } from 'node:net'
import { type Clock, errorCode, errorText, HotspareError, withDeadline } from '@hotspare/core'
import { type BirdSession, readProtocols, readsRoute, routeCommand } from './look.ts'
import { type BirdReading, type BirdReply, NOTHING_READ, readBird } from './replies.ts'
import { birdDefaults } from './defaults.ts'

export interface BirdClientOptions {
  /** The path of its control socket. */
  readonly socket: string
  /** For a whole look, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
}

export interface BirdCallOptions {
  readonly signal?: AbortSignal | undefined
}

type Ask = (command: string) => Promise<BirdReply>

const GREETING = 1
const RESTRICTED = 16

/**
 * Looks at BIRD's sessions, and whether a route goes out on those that are established.
 *
 * @param prefix `10.0.0.100/32`
 * @param counts which sessions are asked about the route
 * @throws HotspareError `HOTSPARE_VIP_BIRD`: it could not be asked, and `retryable` says whether it may answer later as it is;
 *   `HOTSPARE_CORE_TIMEOUT`; the reason of `signal`
 */
export function lookAtBird(
  options: BirdClientOptions,
  { prefix, counts }: { readonly prefix: string; readonly counts: (name: string) => boolean },
  { signal }: BirdCallOptions = {},
): Promise<readonly BirdSession[]> {
  return converse(options, signal, async (ask) => {
    // From here on BIRD itself refuses everything that would change something.
    if ((await ask('restrict')).code !== RESTRICTED) throw failed(options, 'it cannot be told that we only look')
    const sessions = readProtocols(await ask('show protocols'))
    if (!sessions) throw failed(options, 'it does not show its protocols')
    const looked: BirdSession[] = []
    let asked = 0
    for (const session of sessions) {
      const isAsked = session.established && counts(session.name) && ++asked <= birdDefaults.mostSessions
      looked.push(isAsked ? { ...session, exported: readsRoute(await ask(routeCommand(prefix, session.name)), prefix) } : session)
    }
    return looked
  })
}

/** One connection: one command after the other, each with its reply. */
function converse<T>(options: BirdClientOptions, signal: AbortSignal | undefined, talk: (ask: Ask) => Promise<T>): Promise<T> {
  const { socket: path, timeoutMs, clock } = options
  return withDeadline(
    `BIRD at ${path}`,
    timeoutMs,
    (ending) =>
      new Promise<T>((resolve, reject) => {
        const socket = connect(path)
        let reading: BirdReading = NOTHING_READ
        let waiting: ((reply: BirdReply) => void) | undefined
        const end = (error: unknown) => {
          socket.destroy()
          reject(error)
        }
        ending.addEventListener('abort', () => end(ending.reason), { once: true })
        socket.setEncoding('utf8')
        socket.on('error', (error) => end(failed(options, reasonOf(error), error)))
        socket.on('close', () => end(failed(options, 'it has closed the connection')))
        socket.on('data', (chunk: string) => {
          const step = readBird(reading, chunk, birdDefaults.mostCharacters)
          reading = step.reading
          for (const reply of step.replies) {
            const next = waiting
            waiting = undefined
            // A reply that nobody has asked for would be taken for the next one's.
            if (!next) return end(failed(options, 'it answers what was not asked'))
            next(reply)
          }
          if (step.problem !== undefined) end(failed(options, step.problem))
        })
        const next = () => new Promise<BirdReply>((replied) => (waiting = replied))
        const ask: Ask = (command) => {
          const reply = next()
          socket.write(`${command}\n`)
          return reply
        }
        const run = async () => {
          if ((await next()).code !== GREETING) throw failed(options, 'it does not greet as BIRD does')
          return talk(ask)
        }
        run().then((result) => {
          resolve(result)
          socket.destroy()
        }, end)
      }),
    { signal, clock },
  )
}

/** What people can do about it. */
function reasonOf(error: Error): string {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'BIRD does not run'
  if (code === 'EACCES') return 'this process may not open its control socket: add its user to the group of the socket'
  return errorText(error)
}

function failed({ socket }: BirdClientOptions, what: string, cause?: Error): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_VIP_BIRD', message: `BIRD at ${socket}: ${what}`, retryable: true, cause })
}
