import { detectionBoundMs } from '@hotspare/health'
import { formatDuration } from '@hotspare/core'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { type DetectionBound, type DetectionTimes, formatSummary, summarize } from '../config/summary.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from './context.ts'

/** `hotspare check`: reads the file as `run` does, touches nothing else, and says what it understood. */
export async function check(
  options: { readonly config: string; readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const { env, hostname, signal, stderr } = context
  const { config, warnings } = await loadConfig(options.config, { env, hostname, signal })
  const summary = summarize(config, detectionBoundOf)
  if (options.json) printJson(context, { ok: true, warnings, ...summary })
  else {
    for (const warning of warnings) stderr.write(`warning: ${formatProblem(options.config, warning)}\n`)
    printLine(context, `${options.config} is in order`)
    printLine(context, formatSummary(summary))
  }
  return exitCodes.done
}

export function detectionBoundOf(times: DetectionTimes): DetectionBound {
  const { intervalMs, timeoutMs, fall } = times
  const step = formatDuration(Math.max(intervalMs, timeoutMs))
  return {
    worstCaseMs: detectionBoundMs({ intervalMs, timeoutMs, fall }),
    formula: `${formatDuration(intervalMs)} + ${fall - 1} * ${step} + ${formatDuration(timeoutMs)}`,
  }
}
