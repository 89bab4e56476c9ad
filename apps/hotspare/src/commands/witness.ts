import { createWitness } from '@hotspare/lease/witness-server'
import { formatListen } from '../config/addresses.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { createLogger } from '../log.ts'
import { type CommandContext, type ExitCode, exitCodes, untilAsked, usageError } from './context.ts'

/** `hotspare witness`: keeps leases for two nodes on a third machine, until it is asked to end. */
export async function witness(options: { readonly config: string }, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, stdout, signal } = context
  const { config, warnings, redactor } = await loadConfig(options.config, { env, hostname, signal })
  if (!config.witness)
    throw usageError(
      `${options.config} has no witness: write one, like witness: { listen: 10.0.0.9:7402, file: /var/lib/hotspare/witness.json, secrets: [ ... ] }`,
    )
  const logger = createLogger({ ...config.log, output: stdout, redactor, node: config.node })
  for (const warning of warnings) logger.warn({ file: options.config }, formatProblem(options.config, warning))
  const { listen, file, secrets } = config.witness
  const server = createWitness({ listen, file, secrets, logger })
  await server.start()
  logger.info({ listen: formatListen(listen), file }, `the witness listens on ${formatListen(listen)}`)
  await untilAsked(signal)
  await server.stop()
  logger.info({ ...server.stats() }, `the witness stops: ${String(signal.reason)}`)
  return exitCodes.done
}
