import { assertNever, errorText } from '@hotspare/core'
import type { ProgramEnd } from '../exec/program-end.ts'
import { failed, type Finding, inconclusive, passed } from '../failure.ts'
import { parsePing, type PingSummary } from './output.ts'

interface PingRules {
  readonly program: string
  readonly maxLossRatio: number
}

/** Judges a run of ping. Whatever keeps this machine from asking is inconclusive: the target was never asked. */
export function judgePing(end: ProgramEnd, rules: PingRules): Finding {
  switch (end.kind) {
    case 'not-started':
      return inconclusive(`this machine could not look: ${rules.program} cannot be started (${errorText(end.error)})`)
    case 'flooded':
      return inconclusive(`this machine could not look: ${rules.program} wrote more than ${end.maxBytes} bytes`)
    case 'killed':
      return inconclusive(`this machine could not look: ${rules.program} was ended by ${end.by}`)
    case 'exited': {
      // A local firewall, or no buffers: ping goes on, and counts what it could not send as lost.
      const unsent = /sendmsg: ([^\r\n]{1,80})/.exec(end.stderr)?.[1]
      const summary = parsePing(end.stdout)
      if (summary && (summary.received > 0 || unsent === undefined)) return judgeSummary(summary, rules)
      const said = unsent ?? (end.stderr.trim() || `exit code ${end.code}`)
      if (/(?:Network is unreachable|No route to host)$/m.test(said)) return failed('unreachable', `${said} (by ${rules.program})`)
      return inconclusive(`this machine could not look: ${rules.program}: ${said}`)
    }
    default:
      return assertNever(end)
  }
}

function judgeSummary({ sent, received, averageMs, refusal }: PingSummary, { program, maxLossRatio }: PingRules): Finding {
  // Nothing sent is nothing asked.
  if (sent === 0) return inconclusive(`this machine could not look: ${program} sent nothing`)
  // A doubled reply is no second one.
  const replies = Math.min(received, sent)
  const lossRatio = (sent - replies) / sent
  const measures = { 'loss-ratio': lossRatio, ...(averageMs === undefined ? {} : { 'round-trip-ms': averageMs }) }
  const average = averageMs === undefined ? '' : `, ${averageMs} ms on average`
  const detail = `${replies} of ${sent} replies${average} (by ${program})`
  if (replies === 0)
    return failed(refusal === undefined ? 'timeout' : 'unreachable', refusal === undefined ? detail : `${refusal}, ${detail}`, { measures })
  return lossRatio > maxLossRatio
    ? failed('limit', `${detail}, expected a loss of ${maxLossRatio} at most`, { measures })
    : passed(detail, { measures })
}
