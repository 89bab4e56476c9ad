import type { ReportOutcome } from '@hotspare/api'
import {
  clientFor,
  type CommandContext,
  type ExitCode,
  exitCodes,
  printJson,
  printLine,
  type RemoteOptions,
  usageError,
} from './context.ts'

export interface ReportOptions extends RemoteOptions {
  readonly ok?: boolean | undefined
  readonly degraded?: boolean | undefined
  readonly fail?: boolean | undefined
  readonly detail?: string | undefined
  /** `name=number` each. */
  readonly measure?: readonly string[] | undefined
  readonly json?: boolean | undefined
}

/** `hotspare report NAME --ok`: how a job went, for the check that waits for it. */
export async function report(name: string, options: ReportOptions, context: CommandContext): Promise<ExitCode> {
  const { detail, measure = [] } = options
  const said = { outcome: outcomeOf(options), detail, measures: Object.fromEntries(measure.map(readMeasure)) }
  const check = await clientFor(options).report(name, said, { signal: context.signal })
  if (options.json) printJson(context, check)
  else
    printLine(context, `${check.name} was told: ${said.outcome}${detail === undefined ? '' : `, ${detail}`}; it was ${check.state} before`)
  return exitCodes.done
}

/** A job that says nothing, or two things at once, has a mistake in its script. */
function outcomeOf({ ok, degraded, fail }: ReportOptions): ReportOutcome {
  const said = [...(ok ? ['pass' as const] : []), ...(degraded ? ['degraded' as const] : []), ...(fail ? ['fail' as const] : [])]
  const [outcome] = said
  if (outcome === undefined || said.length > 1) throw usageError('say how the job went: one of --ok, --degraded and --fail')
  return outcome
}

function readMeasure(text: string): [name: string, value: number] {
  const [name = '', number = ''] = text.split('=')
  const value = Number(number)
  if (name === '' || number.trim() === '' || !Number.isFinite(value))
    throw usageError(`--measure: "${text}" is no name=number, such as rows-count=312`)
  return [name, value]
}
