import { detectionBound } from '@hotspare/health'
import { formatDuration } from '@hotspare/core'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { readFileBounded } from '../config/read-file.ts'
import { formatSummary, summarize } from '../config/summary.ts'
import type { DetectionBounds, DetectionTimes } from '../config/summary-watch.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from './context.ts'

/** `hotspare check`: reads the file as `run` does, touches nothing else, and says what it understood. */
export async function check(
  options: { readonly config: string; readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const { env, hostname, signal, stderr } = context
  const { config, warnings } = await loadConfig(options.config, { env, hostname, signal, readCertificate: readFileBounded })
  const summary = summarize(config, detectionBoundsOf)
  if (options.json) printJson(context, { ok: true, warnings, ...summary })
  else {
    for (const warning of warnings) stderr.write(`warning: ${formatProblem(options.config, warning)}\n`)
    printLine(context, `${options.config} is in order`)
    printLine(context, formatSummary(summary))
  }
  return exitCodes.done
}

export function detectionBoundsOf(times: DetectionTimes): DetectionBounds {
  const { intervalMs, fastIntervalMs = intervalMs, downIntervalMs = intervalMs, timeoutMs, rise, fall } = times
  const { downMs, upMs } = detectionBound(times)
  const step = formatDuration(Math.max(fastIntervalMs, timeoutMs))
  const [interval, downInterval, timeout] = [intervalMs, Math.max(downIntervalMs, timeoutMs), timeoutMs].map(formatDuration)
  return {
    down: { worstCaseMs: downMs, formula: `${interval} + ${fall - 1} * ${step} + ${timeout}` },
    up: { worstCaseMs: upMs, formula: `${downInterval} + ${rise - 1} * ${step} + ${timeout}` },
  }
}
