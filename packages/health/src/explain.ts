import { assertNever, formatDuration } from '@hotspare/core'
import { type Explanation, explainData, type PossibleChange } from './explain-data.ts'
import type { ProbeResult } from './probe.ts'
import type { TargetHealth } from './target-health.ts'

export interface ExplainOptions {
  /** Whether to say how soon probes notice a death, or a return; of what only reports, or may be silent, they notice none. Default: true */
  readonly detection?: boolean | undefined
}

/** Says in words what state a target is in, since when, why, what the last probes saw, and what would change it. */
export function explain(health: TargetHealth, { detection = true }: ExplainOptions = {}): string[] {
  const data = explainData(health)
  const { id, address, verdict, results } = data
  return [
    `${id} (${address}) is ${verdict.state} since ${time(verdict.since)}`,
    `because ${verdict.because}`,
    ...standing(data),
    ...results.map(({ at, result }) => `${time(at)} ${resultText(result)}`),
    ...data.changes.map((change) => changeText(change, data.heldAtMostMs !== undefined)),
    ...(detection ? bounds(data) : []),
    ...unrest(data),
  ]
}

/** What stands beside its health. */
function standing({ admin, weight, warning }: Explanation): string[] {
  const lines: string[] = []
  if (admin)
    lines.push(`${admin.by === 'people' ? 'people have' : 'it has'} set it to ${admin.state} since ${time(admin.since)}: ${admin.because}`)
  if (weight !== 1) lines.push(`it asks for ${Math.round(weight * 100)} % of its usual weight`)
  if (warning !== undefined) lines.push(`warning: ${warning}`)
  return lines
}

function resultText(result: ProbeResult): string {
  const phases = result.phases?.map(({ name, tookMs }) => `${name} ${Math.round(tookMs)}`).join(', ')
  const split = phases === undefined ? '' : ` (${phases})`
  return `${verbOf(result)} after ${Math.round(result.durationMs)} ms${split}: ${result.detail}`
}

function verbOf(result: ProbeResult): string {
  switch (result.outcome) {
    case 'pass':
      return 'passed'
    case 'degraded':
      return 'passed, though not as it should,'
    case 'fail':
      return `failed (${result.reason})`
    case 'inconclusive':
      return 'showed nothing, and does not count,'
    default:
      return assertNever(result)
  }
}

function changeText(change: PossibleChange, isHeld: boolean): string {
  return isHeld && change.to === 'up' ? `${wouldText(change)}, once it is let go` : wouldText(change)
}

function wouldText({ what, count }: PossibleChange): string {
  const many = (noun: string) => (count === 1 ? `1 more ${noun}` : `${count} more ${noun}s in a row`)
  switch (what) {
    case 'passed-probe':
      return `${many('passed probe')} would bring it up`
    case 'full-pass':
      return `${many('fully passed probe')} would bring it up`
    case 'failed-probe':
      return `${many('failed probe')} would mark it down`
    case 'failed-request':
      return `${many('failed request')} would mark it down at once`
    default:
      return assertNever(what)
  }
}

function bounds({ verdict, detection, admin, heldAtMostMs }: Explanation): string[] {
  if (admin?.state === 'maintenance' && admin.by === 'people') return ['nobody looks at it meanwhile']
  // How long it is held, nobody knows.
  if (verdict.state === 'down' && heldAtMostMs !== undefined) return []
  return verdict.state === 'down'
    ? [`if it returns, probes notice within ${formatDuration(detection.upMs)}`]
    : [`if it dies, probes notice within ${formatDuration(detection.downMs)}`]
}

/** What keeps results from counting, or a target from returning. */
function unrest({ flaps, heldAtMostMs, observer }: Explanation): string[] {
  const lines: string[] = []
  if (flaps) {
    const score = `its flap score is ${Math.round(flaps.flapRatio * 100)} %, and its penalty ${flaps.penalty.toFixed(1)}`
    if (heldAtMostMs === undefined) lines.push(`it is not held back: ${score}`)
    else lines.push(`it flaps, so its way back is held, for at most ${formatDuration(heldAtMostMs)} after its last failure: ${score}`)
  }
  if (observer.state === 'unwell') lines.push(`the observer is not well since ${time(observer.since)}: ${observer.because}`)
  return lines
}

function time(at: number): string {
  return new Date(at).toISOString()
}
