import type { BirdReply } from './replies.ts'

/** A session with a router, as BIRD sees it. */
export interface BirdSession {
  /** Of its protocol in `bird.conf`. */
  readonly name: string
  readonly established: boolean
  /** In BIRD's words: `Established`, `Active Socket: Connection refused`. */
  readonly info: string
  /** Whether the route goes out on it. */
  readonly exported: boolean
}

/** BIRD's own numbers of the lines that are read. */
const PROTOCOL_ROW = 1002
const ROUTE_ROW = 1007
/** From here on a reply is a refusal. */
const FIRST_REFUSAL = 8000

/** The longest name that is repeated in a command, and what it is made of; BIRD takes it in quotation marks. */
const NAME = /^[A-Za-z0-9_.:-]{1,64}$/

/** Whether a session can be called so, in the file and in a command. */
export function isSessionName(name: string): boolean {
  return NAME.test(name)
}

/** The sessions of BGP in the answer to `show protocols`, none of them with a route yet; undefined when it is a refusal. */
export function readProtocols({ code, lines }: BirdReply): readonly BirdSession[] | undefined {
  if (code >= FIRST_REFUSAL) return undefined
  return lines.flatMap((line) => {
    if (line.code !== PROTOCOL_ROW) return []
    // Name, type, table, state, since when (one word or two), and what the protocol adds itself.
    const [name = '', type, , state, ...rest] = line.text.trim().split(/\s+/)
    if (type !== 'BGP' || !isSessionName(name)) return []
    const info = rest.filter((word) => !/^[\d:.-]+$/.test(word)).join(' ') || (state ?? 'unknown')
    return { name, established: state === 'up' && /\bEstablished\b/.test(info), info, exported: false }
  })
}

/** Whether a route to `prefix` stands in the answer to `show route`. A route that is not there is a refusal, too. */
export function readsRoute({ code, lines }: BirdReply, prefix: string): boolean {
  return code < FIRST_REFUSAL && lines.some((line) => line.code === ROUTE_ROW && line.text.trim().split(/\s+/)[0] === prefix)
}

/** What is asked about one session: the routes that pass its export filter. */
export function routeCommand(prefix: string, session: string): string {
  return `show route ${prefix} export ${/^[A-Za-z_]\w*$/.test(session) ? session : `'${session}'`}`
}
