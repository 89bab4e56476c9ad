import type { PlanAnswer } from '@hotspare/api'
import { formatDuration } from '@hotspare/core'
import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine } from './context.ts'
import type { MoveCommandOptions } from './move.ts'
import { formatLoads } from './site.ts'

/** `hotspare plan SERVICE`: what a switchover would do, who could take over, and why the others could not. */
export async function plan(service: string, options: MoveCommandOptions, context: CommandContext): Promise<ExitCode> {
  const answer = await clientFor(options).plan(service, { to: options.to, signal: context.signal })
  if (options.json) printJson(context, answer)
  else printLine(context, formatPlanAnswer(service, answer))
  return answer.plan ? exitCodes.done : exitCodes.failed
}

export function formatPlanAnswer(service: string, { because, candidates, plan: planned, departure, order }: PlanAnswer): string {
  const who = candidates.map(({ node, eligible, because: why }) => `  ${eligible ? 'could' : 'could not'} be active: ${node}: ${why}`)
  // Where several services are down, whoever reads this has to know which one comes first.
  const line = order ? [`  order of recovery: ${order.map(formatPlace).join(', then ')}`] : []
  if (!planned) return [`${service}: there is no plan: ${because}`, ...who, ...line].join('\n')
  const head = `${service}: ${planned.purpose}${planned.from === undefined ? '' : ` from ${planned.from}`} to ${planned.to ?? 'nobody'}`
  const steps = planned.steps.map(({ id, what, allowedMs, tookMs }) => {
    const took = tookMs === undefined ? '' : `, took ${formatDuration(Math.round(tookMs))} the last time`
    return `  ${id}\n      ${what} (may take ${formatDuration(Math.round(allowedMs))}${took})`
  })
  const loads = departure && planned.purpose === 'switchover' ? formatLoads(departure) : []
  return [head, ...who, ...loads, ...line, 'steps:', ...steps].join('\n')
}

function formatPlace({ service, because }: NonNullable<PlanAnswer['order']>[number]): string {
  return because === undefined ? service : `${service} (${because})`
}
