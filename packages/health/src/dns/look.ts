import { hostAndPort } from '../connection-options.ts'
import { describeFailure, failed, type Finding } from '../failure.ts'
import type { ProbeRun } from '../run-probe.ts'
import { ask, type DnsManner } from './ask.ts'
import { type DnsExpectations, judgeAnswer, judgeSerials } from './judge.ts'
import type { DnsQuestion } from './message.ts'
import type { DnsServer } from './server-address.ts'

/** One question, what its answer must look like, and the servers that must have the same serial. */
export interface DnsOrder {
  readonly server: DnsServer
  readonly question: DnsQuestion
  readonly manner: DnsManner
  readonly expected: DnsExpectations
  readonly others: readonly DnsServer[]
}

interface ServerFinding {
  readonly server: string
  readonly finding: Finding
  readonly serial?: number | undefined
}

/** Asks all servers at once. Whatever they do is a finding. */
export async function lookAtZone(order: DnsOrder, run: ProbeRun): Promise<Finding> {
  const { server, others } = order
  const enough = new AbortController()
  const waitedFor = new Set(others.map(({ host, port }) => hostAndPort(host, port)))
  const looks = others.map(async (other) => {
    const seen = await lookAtServer(order, other, unrecorded(AbortSignal.any([run.signal, enough.signal])))
    waitedFor.delete(seen.server)
    return seen
  })
  try {
    const own = await lookAtServer(order, server, run)
    if (own.finding.outcome !== 'pass' || others.length === 0) return own.finding
    run.phase = `waiting for ${[...waitedFor].join(', ')}`
    const all = [own, ...(await Promise.all(looks))]
    const bad = all.find(({ finding }) => finding.outcome !== 'pass')
    if (bad) return { ...bad.finding, detail: `${bad.server}: ${bad.finding.detail}` }
    return judgeSerials(all.flatMap(({ server: name, serial }) => (serial === undefined ? [] : [{ server: name, serial }])))
  } finally {
    enough.abort()
  }
}

async function lookAtServer({ question, manner, expected }: DnsOrder, server: DnsServer, run: ProbeRun): Promise<ServerFinding> {
  const name = hostAndPort(server.host, server.port)
  try {
    const { reply, how } = await ask(server, question, manner, run)
    if (reply.kind === 'answer') return { server: name, finding: judgeAnswer(expected, reply, how), serial: reply.serial }
    return { server: name, finding: failed('protocol', reply.why) }
  } catch (error) {
    return { server: name, finding: describeFailure(error) }
  }
}

/** The phases of a result are those of the server that the probe is about. */
function unrecorded(signal: AbortSignal): ProbeRun {
  return { signal, phase: '', ended: () => {} }
}
