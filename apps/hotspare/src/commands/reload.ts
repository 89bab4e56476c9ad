import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'

/** `hotspare reload`: has the daemon follow its file. Fails where it goes on with what it had, and says why. */
export async function reload(
  options: RemoteOptions & { readonly restart?: boolean | undefined; readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const result = await clientFor(options).reload({ restart: options.restart, signal: context.signal })
  const { ok, because, problems } = result
  if (options.json) printJson(context, result)
  else if (ok) printLine(context, because)
  else context.stderr.write(`hotspare: ${problems.length > 0 ? problems.join('\n') : because}\n`)
  return ok ? exitCodes.done : exitCodes.failed
}
