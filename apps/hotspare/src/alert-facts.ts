import type { AlertFacts } from './alert-rules.ts'
import type { TargetBoard } from './target-board.ts'
import type { Causes } from './watch/causes.ts'
import type { Standings } from './watch/standings.ts'

export interface AlertSources {
  readonly board: Pick<TargetBoard, 'get' | 'isServed'>
  readonly standings: Pick<Standings, 'get'>
  readonly causes: Pick<Causes, 'meaningOf' | 'effectsOf'> | undefined
}

/** What is true of a target or a check now, as the rules of alerts ask for it. */
export function alertFactsOf(
  id: string,
  { board, standings, causes }: AlertSources,
): Omit<AlertFacts, 'at' | 'node' | 'firing' | 'inherited'> | undefined {
  const standing = standings.get(id)
  if (!standing) return undefined
  const { subject, verdict: health, warning, isJudged, isProven, isMeasured } = standing
  const target = board.get(id)
  return {
    subject,
    health,
    warning,
    isJudged,
    isProven,
    isMeasured,
    isTakenOut: target?.admin !== undefined || target?.wish !== undefined,
    meaning: causes?.meaningOf(id),
    // All that is watched has to be gone through for it.
    effects: health.state === 'down' ? (causes?.effectsOf(id) ?? []) : [],
    isServed: subject.kind === 'check' || board.isServed(subject.pool),
  }
}
