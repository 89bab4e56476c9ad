import type { Client } from '@hotspare/api/client'
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

export interface ExplainOptions extends RemoteOptions {
  readonly json?: boolean | undefined
  /** Where a request with this key goes: of a pool. */
  readonly key?: string | undefined
  /** The name is that of a pool, though a check or a service may have it too. */
  readonly pool?: boolean | undefined
}

/** `hotspare explain NAME`: why a target, a check or a service's own check is in its state; or where the requests of a pool go. */
export async function explainName(name: string, options: ExplainOptions, context: CommandContext): Promise<ExitCode> {
  const client = clientFor(options)
  const explanation = await findName(name, options, client, context)
  if (options.json) printJson(context, explanation)
  else for (const line of explanation.text) printLine(context, line)
  return exitCodes.done
}

/**
 * The id of a target has a slash, as no other name has. Only pools have keys. Of one name, a check comes before a service,
 * and both before a pool: `--pool` asks for that one.
 */
async function findName(
  name: string,
  { key, pool }: ExplainOptions,
  client: Client,
  { signal }: CommandContext,
): Promise<{ readonly text: readonly string[] }> {
  if (name.includes('/') && (key !== undefined || pool))
    throw usageError(`${name} is a target; --key and --pool are for a pool: ${name.split('/')[0]}`)
  if (key === '') throw usageError('--key: it is empty, and a request without a key goes anywhere')
  if (key !== undefined || pool) return client.explainPool(name, { key }, { signal })
  if (name.includes('/')) return client.explain(name, { signal })
  const { checks = [], cluster, pools } = await client.status({ signal })
  if (checks.some((check) => check.name === name)) return client.explainCheck(name, { signal })
  if (cluster?.services.some((service) => service.name === name)) return client.explainService(name, { signal })
  return pools.some((each) => each.name === name) ? client.explainPool(name, {}, { signal }) : client.explainCheck(name, { signal })
}
