import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'

/** `hotspare drain TARGET`: no new requests for a target; those under way finish. */
export async function drain(
  target: string,
  options: RemoteOptions & { readonly undo?: boolean | undefined; readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const client = clientFor(options)
  const changed = options.undo
    ? await client.undrain(target, { signal: context.signal })
    : await client.drain(target, { signal: context.signal })
  if (options.json) printJson(context, changed)
  else printLine(context, `${changed.id} is ${changed.state}: ${changed.because}; ${changed.active} requests under way`)
  return exitCodes.done
}
