import type { AdminState, HealthState, Verdict } from '@hotspare/core'

/** What a probe, or the agent beside it, is worth at the moment. */
export interface SourceFacts {
  readonly verdict: Verdict<HealthState>
  /** Whether any look has ended since this process began. */
  readonly wasLookedAt: boolean
  /** Whether any of them has shown something. */
  readonly isJudged: boolean
  /** What it asks for itself. */
  readonly admin: Verdict<AdminState> | undefined
  readonly weight: number
  readonly warning: string | undefined
}

/** Everything that says how well a target, or a check, is. */
export interface HealthFacts {
  readonly probe: SourceFacts
  /** Whether its state is more than what the file begins with. */
  readonly isProven: boolean
  /** Undefined where there is no agent. */
  readonly agent: SourceFacts | undefined
  /** Undefined where it has no thresholds. */
  readonly thresholds: Verdict<'up' | 'degraded' | 'unknown'> | undefined
}

export type Judgement = Omit<Verdict<HealthState>, 'since'>

/**
 * One verdict out of all that is known here. Whatever says down is believed; what exceeds a threshold works, and not as it
 * should. Until the agent was asked for the first time nobody knows what it has to say: it may want no traffic at all.
 */
export function judgeHealth({ probe: { verdict: probe }, agent, thresholds }: HealthFacts): Judgement {
  if (probe.state === 'down') return said(probe)
  if (agent?.verdict.state === 'down') return { state: 'down', because: `its agent says so: ${agent.verdict.because}` }
  if (probe.state === 'unknown') return said(probe)
  if (agent && !agent.wasLookedAt) return { state: 'unknown', because: 'its agent has not been asked yet' }
  const worries = [
    ...(probe.state === 'degraded' ? [probe.because] : []),
    ...(agent?.verdict.state === 'degraded' ? [`its agent says: ${agent.verdict.because}`] : []),
    ...(thresholds?.state === 'degraded' ? [thresholds.because] : []),
  ]
  return worries.length === 0 ? said(probe) : { state: 'degraded', because: worries.join('; ') }
}

/** What it asks for itself: of two wishes the stronger one. */
export function judgeWish({ probe, agent }: HealthFacts): Verdict<AdminState> | undefined {
  const wishes = [probe.admin, agent?.admin]
  return wishes.find((wish) => wish?.state === 'maintenance') ?? wishes.find((wish) => wish !== undefined)
}

/** The share of its weight that it asks for; undefined while the agent has not said it. */
export function judgeWeight({ probe, agent }: HealthFacts): number | undefined {
  if (!agent) return probe.weight
  return agent.isJudged ? probe.weight * agent.weight : undefined
}

export function judgeWarning({ probe, agent }: HealthFacts): string | undefined {
  const warnings = [probe.warning, agent?.warning].filter((warning) => warning !== undefined)
  return warnings.length === 0 ? undefined : warnings.join('; ')
}

function said({ state, because }: Verdict<HealthState>): Judgement {
  return { state, because }
}
