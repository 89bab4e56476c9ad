import { assertNever, clipDetail } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import { blankSecrets } from '../blank-secrets.ts'
import type { PowerReading } from '../fence-device.ts'
import type { AgentEnd } from './run.ts'

/**
 * What an agent's end says of a question after the power: 0 is on, 2 is off, and everything else is no answer.
 * (ClusterLabs, FenceAgentAPI.md, "Agent Operations and Return Values".)
 */
export function readPower(end: AgentEnd, secrets: readonly string[]): PowerReading {
  if (end.type === 'exited' && end.code === 0) return { state: 'on', because: 'the agent says that it is on' }
  if (end.type === 'exited' && end.code === 2) return { state: 'off', because: 'the agent says that it is off' }
  return { state: 'unknown', because: problemOf(end, secrets) }
}

/** What it says of an order: 0 is done, and everything else is not. */
export function readOrder(end: AgentEnd, secrets: readonly string[]): Outcome {
  if (end.type === 'exited' && end.code === 0) return { ok: true, detail: 'the agent says that it is done' }
  return { ok: false, because: problemOf(end, secrets), retryable: end.type !== 'not-started' }
}

function problemOf(end: AgentEnd, secrets: readonly string[]): string {
  switch (end.type) {
    case 'exited': {
      const said = clipDetail(blankSecrets(lastLine(end.stderr) ?? lastLine(end.stdout) ?? '', secrets))
      return `the agent ended with ${end.code}${said === '' ? '' : `: ${said}`}`
    }
    case 'not-started':
    case 'broken':
      return `the agent failed: ${clipDetail(blankSecrets(end.because, secrets))}`
    default:
      return assertNever(end)
  }
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '')
}

/** How an attempt to switch a node off went: the order, and then the question whether it is off. */
export interface OffAttempt {
  readonly order: Outcome
  readonly power: PowerReading
}

/**
 * Only what the device says afterwards counts: an order that failed may have been carried out all the same, and one that
 * was acknowledged may not.
 *
 * @param trustsOrder where the agent cannot be asked
 */
export function judgeOff({ order, power }: OffAttempt, trustsOrder: boolean): Outcome {
  if (power.state === 'off') return { ok: true, detail: power.because }
  if (power.state === 'on') {
    const because = order.ok ? 'the agent says that it is done, and that it is on all the same' : `${order.because}; it is still on`
    return { ok: false, because, retryable: true }
  }
  // An agent that cannot be started cannot be asked either.
  if (!order.ok && !order.retryable) return order
  if (!order.ok) return { ok: false, because: `${order.because}; whether it is off is not known: ${power.because}`, retryable: true }
  if (trustsOrder) return { ok: true, detail: `${order.detail}; it cannot be asked` }
  return { ok: false, because: `${order.detail}, and whether it is off is not known: ${power.because}`, retryable: true }
}
