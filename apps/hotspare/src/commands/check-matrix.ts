import type { Config } from '../config/config.ts'
import { formatMatrix, formatRefutations } from '../matrix/format.ts'
import { makeMatrix, type Matrix } from '../matrix/matrix.ts'
import { type CommandContext, type ExitCode, exitCodes, printLine, usageError } from './context.ts'

const CLEAR_LINE = '\r\u001B[2K'
const MOST_PHASES = 1_000

export interface MatrixCommandOptions {
  readonly phases?: string | undefined
}

/**
 * What each single failure does to each service of a file.
 *
 * @throws HotspareError `HOTSPARE_APP_USAGE` for a file without services, and for a number of phases that is none
 */
export async function matrixOf(config: Config, { phases }: MatrixCommandOptions, { stderr, signal }: CommandContext): Promise<Matrix> {
  const { cluster, services, fencing } = config
  if (!cluster || services.length === 0) {
    const lacks = cluster ? 'its cluster has no services' : 'it has no cluster'
    throw usageError(`--matrix: it is about services that move between nodes, and this file has none: ${lacks}`)
  }
  const count = phases === undefined ? undefined : Number(phases)
  if (count !== undefined && !(Number.isInteger(count) && count >= 0 && count <= MOST_PHASES)) {
    throw usageError(`--phases: "${phases}" is no whole number from 0 to ${MOST_PHASES}`)
  }
  const progress = stderr.isTTY
    ? (done: number, all: number) => void stderr.write(`${CLEAR_LINE}simulated ${done} of ${all} runs`)
    : undefined
  try {
    return await makeMatrix({ cluster, services, fencing }, { phases: count, progress, signal })
  } finally {
    if (stderr.isTTY) stderr.write(CLEAR_LINE)
  }
}

/** Prints it as text. */
export function printMatrix(matrix: Matrix, services: Config['services'], context: CommandContext): void {
  for (const line of formatMatrix(matrix, services)) printLine(context, line)
  const wrong = formatRefutations(matrix.rows)
  for (const line of wrong) printLine(context, line)
  if (wrong.length > 0) printLine(context, 'A run went beyond its bound: this is an error of Hotspare, please report it with the schedule.')
}

/** @returns `failed` where the simulator went beyond a bound: that is an error of ours */
export function matrixExit({ rows }: Matrix): ExitCode {
  return rows.some(({ refutations }) => refutations.length > 0) ? exitCodes.failed : exitCodes.done
}
