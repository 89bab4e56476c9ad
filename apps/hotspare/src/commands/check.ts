import { detectionBound } from '@hotspare/health'
import { formatDuration } from '@hotspare/core'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { readFileBounded } from '../config/read-file.ts'
import { formatSummary, summarize } from '../config/summary.ts'
import type { DetectionBounds, DetectionTimes } from '../config/summary-watch.ts'
import type { MatrixCommandOptions } from './check-matrix.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine, usageError } from './context.ts'

export interface CheckOptions extends MatrixCommandOptions {
  readonly config: string
  readonly json?: boolean | undefined
  /** Says too what each single failure would do. */
  readonly matrix?: boolean | undefined
}

/** `hotspare check`: reads the file as `run` does, touches nothing else, and says what it understood. */
export async function check(options: CheckOptions, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, signal, stderr } = context
  if (options.phases !== undefined && !options.matrix) throw usageError('--phases: it is for --matrix, which is not there')
  const { config, warnings } = await loadConfig(options.config, { env, hostname, signal, readCertificate: readFileBounded })
  const summary = summarize(config, detectionBoundsOf)
  // It brings the simulator along, which nothing else needs.
  const simulated = options.matrix ? await import('./check-matrix.ts') : undefined
  const matrix = await simulated?.matrixOf(config, options, context)
  const exit = matrix && simulated ? simulated.matrixExit(matrix) : exitCodes.done
  if (options.json) {
    printJson(context, { ok: exit === exitCodes.done, warnings, ...summary, ...(matrix ? { matrix } : {}) })
    return exit
  }
  for (const warning of warnings) stderr.write(`warning: ${formatProblem(options.config, warning)}\n`)
  if (matrix && simulated) simulated.printMatrix(matrix, config.services, context)
  else {
    printLine(context, `${options.config} is in order`)
    printLine(context, formatSummary(summary))
  }
  return exit
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
