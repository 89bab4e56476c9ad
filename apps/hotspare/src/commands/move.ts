import type { CommandResult } from '@hotspare/api'
import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'

export interface MoveCommandOptions extends RemoteOptions {
  readonly to?: string | undefined
  readonly json?: boolean | undefined
}

/** `hotspare switchover SERVICE` and `hotspare failover SERVICE`: moves it, and says how each step went. */
export async function move(
  type: 'switchover' | 'failover',
  service: string,
  options: MoveCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const result = await clientFor(options)[type](service, { to: options.to, signal: context.signal })
  if (options.json) printJson(context, result)
  else printLine(context, formatResult(result))
  return result.ok ? exitCodes.done : exitCodes.failed
}

export function formatResult({ ok, because, steps }: CommandResult): string {
  const lines = steps.map(
    ({ id, ok: worked, detail, tookMs }) => `  ${worked ? 'done  ' : 'FAILED'}  ${id}: ${detail} (${Math.round(tookMs)} ms)`,
  )
  return [...lines, `${ok ? 'done' : 'not done'}: ${because}`].join('\n')
}
