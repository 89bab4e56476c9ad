import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from '../context.ts'

/** Has the daemon let a change through that it has refused, as it is too much at once. */
export async function force(options: RemoteOptions & { readonly json?: boolean | undefined }, context: CommandContext): Promise<ExitCode> {
  const result = await clientFor(options).forceDns({ signal: context.signal })
  if (options.json) printJson(context, result)
  else printLine(context, `${result.ok ? 'done' : 'not done'}: ${result.because}`)
  return result.ok ? exitCodes.done : exitCodes.failed
}
