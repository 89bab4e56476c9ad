import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'

/** `hotspare explain TARGET`: why a target is in its state, and what would change it. */
export async function explainTarget(
  target: string,
  options: RemoteOptions & { readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const explanation = await clientFor(options).explain(target, { signal: context.signal })
  if (options.json) printJson(context, explanation)
  else for (const line of explanation.text) printLine(context, line)
  return exitCodes.done
}
