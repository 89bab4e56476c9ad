import type { RecordSet } from '../record-set.ts'
import { sameValues } from '../value.ts'
import { placeText } from '../verify/board.ts'
import type { ServedReport } from '../verify/report.ts'
import type { Finding } from './finding.ts'

/** What writing the probe has shown. */
export interface ProbeFacts {
  readonly provider: string
  readonly set: RecordSet
  /** What the provider shows after it said yes. */
  readonly readBack: RecordSet | undefined
  /** What the name servers show. */
  readonly served: ServedReport
  /** The serial of each server before the change, by address and port as `placeText` writes them. */
  readonly serialsBefore: ReadonlyMap<string, number>
}

/** Whether a change of this provider reaches the name servers, and all of them. */
export function judgeProbe(zone: string, facts: ProbeFacts): readonly Finding[] {
  const { set, readBack, served } = facts
  const where = `${set.name} ${set.type}`
  if (!sameValues(readBack, set)) {
    return [
      {
        code: 'probe-hidden',
        severity: 'error',
        where,
        what: `${facts.provider} said yes to a change, and shows ${readBack ? readBack.values.join(', ') : 'nothing'} afterwards`,
        fix: 'somebody else changes the zone too, or the server leaves out what breaks its rules: its log says which',
      },
    ]
  }
  return [...judgeServing(where, served), ...judgeSerials(zone, facts)]
}

function judgeServing(where: string, served: ServedReport): readonly Finding[] {
  if (served.stage === 'converged' || served.of === 0) return []
  return [
    {
      code: 'probe-not-served',
      severity: 'error',
      where,
      what: `accepted, and after ${Math.round(served.tookMs / 1_000)} s ${served.because}`,
      fix: 'the servers that are missing keep the old address in a failover: does NOTIFY reach them, may they transfer, does the serial move?',
    },
  ]
}

/**
 * A server that has the new value under the old serial. Secondaries by transfer go by the serial alone (RFC 1996, 3.11), so they never hear of
 * the change; where all servers have it all the same, they are fed in another way, as those of Route 53.
 */
function judgeSerials(zone: string, { served, serialsBefore }: ProbeFacts): readonly Finding[] {
  const still = served.servers.find(({ standing, ...place }) => {
    return standing.state === 'serves' && standing.serial !== undefined && standing.serial === serialsBefore.get(placeText(place))
  })
  if (still?.standing.state !== 'serves') return []
  const all = served.stage === 'converged'
  return [
    {
      code: 'serial-stands-still',
      severity: all ? 'warning' : 'error',
      where: placeText(still),
      what:
        `it has the change, and its SOA serial is ${still.standing.serial} as before: secondaries of ${zone} never notice` +
        (all ? '. All servers that were asked have it all the same' : ''),
      fix:
        'have the server raise the serial (PowerDNS: set soa_edit_api of the zone to DEFAULT)' +
        (all ? '; nothing, where no server follows by zone transfer' : ''),
    },
  ]
}
