import type { CommandResult } from '@hotspare/api'
import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'

export interface MoveCommandOptions extends RemoteOptions {
  readonly to?: string | undefined
  /** Of a switchover. */
  readonly force?: boolean | undefined
  readonly json?: boolean | undefined
}

/** `hotspare switchover SERVICE` and `hotspare failover SERVICE`: moves it, and says how each step went. */
export async function move(
  type: 'switchover' | 'failover',
  service: string,
  options: MoveCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const client = clientFor(options)
  const { to, force } = options
  const { signal } = context
  const result =
    type === 'switchover' ? await client.switchover(service, { to, force, signal }) : await client.failover(service, { to, signal })
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
