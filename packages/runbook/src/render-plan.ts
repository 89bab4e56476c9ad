import { clipDetail, formatDuration } from '@hotspare/core'
import { checkPlan, type Plan, type Step } from '@hotspare/core/plan'

/**
 * A plan in a few lines for a terminal: what, where, how long. The commands are in the runbook.
 *
 * @returns lines, the last one ended too; without anything that a terminal would obey
 * @throws HotspareError `HOTSPARE_CORE_PLAN` for a step without a command or a check
 */
export function renderPlan(plan: Plan): string {
  checkPlan(plan)
  const head = `${plan.purpose} of ${shown(plan.service)}${moveOf(plan)}: ${shown(plan.because)}`
  const width = Math.max(0, ...plan.steps.map(({ node }) => shown(node).length))
  const steps = plan.steps.map((step, index) => `  ${`${index + 1}.`.padStart(3)} ${shown(step.node).padEnd(width)}  ${stepText(step)}`)
  return `${[head, ...(steps.length > 0 ? steps : ['  nothing to do'])].join('\n')}\n`
}

function moveOf({ from, to }: Plan): string {
  if (from === to) return from === undefined ? '' : ` on ${shown(from)}`
  return `${from === undefined ? '' : ` from ${shown(from)}`}${to === undefined ? '' : ` to ${shown(to)}`}`
}

function stepText({ what, allowedMs, tookMs, undo }: Step): string {
  const took = tookMs === undefined ? '' : `, last time ${formatDuration(tookMs)}`
  return `${shown(what)} (at most ${formatDuration(allowedMs)}${took}${undo?.length ? ', can be undone' : ''})`
}

/** A terminal would obey control characters, and write backwards after some others. */
function shown(text: string): string {
  return clipDetail(text.replaceAll(/\p{Bidi_Control}/gu, ''))
}
