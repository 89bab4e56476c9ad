import type { Client } from '@hotspare/api/client'
import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'

/** `hotspare explain NAME`: why a target, a check or a service's own check is in its state, and what would change it. */
export async function explainName(
  name: string,
  options: RemoteOptions & { readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const client = clientFor(options)
  const explanation = await findName(name, client, context)
  if (options.json) printJson(context, explanation)
  else for (const line of explanation.text) printLine(context, line)
  return exitCodes.done
}

/** The id of a target has a slash, as no name of a check or a service has. A check comes before a service of its name. */
async function findName(name: string, client: Client, { signal }: CommandContext): Promise<{ readonly text: readonly string[] }> {
  if (name.includes('/')) return client.explain(name, { signal })
  const { checks = [], cluster } = await client.status({ signal })
  const isService = cluster?.services.some((service) => service.name === name) && !checks.some((check) => check.name === name)
  return isService ? client.explainService(name, { signal }) : client.explainCheck(name, { signal })
}
