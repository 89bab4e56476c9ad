import { systemClock, systemRandom } from '@hotspare/core'
import { openClusterPart } from '../cluster/guard-part.ts'
import { composeGuard } from '../compose-guard.ts'
import { formatProblem } from '../config/problem.ts'
import { createLogger, followingLogger } from '../log.ts'
import { readFileBounded } from '../config/read-file.ts'
import type { OpenCluster } from '../process/cluster-part.ts'
import { loadSourcedConfig, type SourcedConfig } from '../process/config-source.ts'
import { raisePriority } from '../process/priority.ts'
import { type CommandContext, type ExitCode, exitCodes, untilAsked } from './context.ts'

/** `hotspare run`: runs until it is asked to end, then drains. */
export async function run(options: { readonly config: string }, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, version, stdout, signal, onHangup } = context
  // What the file becomes while we start is followed after the start.
  let missed = false
  let follow = () => void (missed = true)
  onHangup?.(() => follow())
  const read = (stop: AbortSignal) => loadSourcedConfig(options.config, { env, hostname, signal: stop, readCertificate: readFileBounded })
  const first = await read(signal)
  const { config } = first
  const loggerOf = (loaded: SourcedConfig) =>
    createLogger({ ...loaded.config.log, output: stdout, redactor: loaded.redactor, node: loaded.config.node })
  const log = followingLogger(loggerOf(first))
  const { logger } = log
  const warn = ({ warnings }: SourcedConfig) => {
    for (const warning of warnings) logger.warn({ file: options.config }, formatProblem(options.config, warning))
  }
  warn(first)
  const clock = systemClock
  const openCluster: OpenCluster = (guardSurroundings) => openClusterPart(config, { clock, logger }, guardSurroundings)
  const guard = composeGuard(first, {
    clock,
    random: systemRandom,
    logger,
    version,
    openCluster,
    readConfig: ({ signal: stop }) => read(AbortSignal.any([stop, signal])),
    followed(next) {
      log.follow(loggerOf(next))
      warn(next)
    },
  })
  // A second signal ends this process at once, and a worker that was not told would serve on.
  const kill = () => {
    if (signal.aborted) guard.kill()
  }
  process.once('exit', kill)
  // What runs on a node with nobody beside it has no call to push ahead.
  if (config.cluster) raisePriority()
  await guard.start()
  follow = () => void guard.reload({ restart: true, wait: true })
  if (missed) follow()
  await untilAsked(signal)
  await guard.stop(String(signal.reason))
  process.off('exit', kill)
  return exitCodes.done
}
