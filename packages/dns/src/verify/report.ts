import { type Board, placeText, reportOf, type ServerReport, type Stage, tally } from './board.ts'
import type { Delegation } from './name-servers.ts'

/** What became of a change at the zone's name servers. */
export interface ServedReport {
  /** `applied`: no server serves it; `served`: some do; `converged`: all. */
  readonly stage: Stage
  /** How many addresses of name servers serve it, and how many there are. */
  readonly serving: number
  readonly of: number
  readonly servers: readonly ServerReport[]
  /** Who the name servers are, by the parent and by the zone; undefined where they were given. */
  readonly delegation: Delegation | undefined
  /** From the call, in milliseconds. */
  readonly tookMs: number
  /** One line for people: `served by 1 of 2: ns2.example.com (192.0.2.54): no answer`. */
  readonly because: string
}

/** A server that does not serve the change, and why. */
export interface Missing {
  readonly server: string
  readonly because: string
}

/** Who counts, and does not serve it. */
export function missingOf(servers: readonly ServerReport[]): readonly Missing[] {
  return servers.flatMap((server) => {
    const { counted, standing } = server
    return counted && standing.state !== 'serves' ? [{ server: placeText(server), because: standing.because }] : []
  })
}

/** @param appliedAtMs when the provider accepted the change, on the clock's monotonic time */
export function makeReport(board: Board, delegation: Delegation | undefined, appliedAtMs: number, tookMs: number): ServedReport {
  const servers = reportOf(board, appliedAtMs)
  const counts = tally(servers)
  return { ...counts, servers, delegation, tookMs, because: describe(counts, missingOf(servers), delegation?.gaps ?? []) }
}

function describe(
  { serving, of }: { readonly serving: number; readonly of: number },
  missing: readonly Missing[],
  gaps: readonly string[],
): string {
  if (of === 0) return ['no name server was found', ...gaps].join(': ')
  const head = `served by ${serving} of ${of}`
  return missing.length === 0 ? head : `${head}: ${missing.map(({ server, because }) => `${server}: ${because}`).join('; ')}`
}
