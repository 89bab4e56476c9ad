import { systemClock, systemRandom } from '@hotspare/core'
import { openClusterPart } from '../cluster/guard-part.ts'
import { composeGuard } from '../compose-guard.ts'
import { formatProblem } from '../config/problem.ts'
import { createLogger } from '../log.ts'
import type { OpenCluster } from '../process/cluster-part.ts'
import { loadSourcedConfig } from '../process/config-source.ts'
import { raisePriority } from '../process/priority.ts'
import { type CommandContext, type ExitCode, exitCodes, untilAsked } from './context.ts'

/** `hotspare run`: runs until it is asked to end, then drains. */
export async function run(options: { readonly config: string }, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, version, stdout, signal } = context
  const { config, source, warnings, redactor } = await loadSourcedConfig(options.config, { env, hostname, signal })
  const logger = createLogger({ ...config.log, output: stdout, redactor, node: config.node })
  for (const warning of warnings) logger.warn({ file: options.config }, formatProblem(options.config, warning))
  const clock = systemClock
  const openCluster: OpenCluster = (guardSurroundings) => openClusterPart(config, { clock, logger }, guardSurroundings)
  const guard = composeGuard({ config, source }, { clock, random: systemRandom, logger, version, openCluster })
  // A second signal ends this process at once, and a worker that was not told would serve on.
  const kill = () => {
    if (signal.aborted) guard.kill()
  }
  process.once('exit', kill)
  // What runs on a node with nobody beside it has no call to push ahead.
  if (config.cluster) raisePriority()
  await guard.start()
  await untilAsked(signal)
  await guard.stop(String(signal.reason))
  process.off('exit', kill)
  return exitCodes.done
}
