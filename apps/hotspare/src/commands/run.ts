import { systemClock, systemRandom } from '@hotspare/core'
import { compose } from '../compose.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { createLogger } from '../log.ts'
import { type CommandContext, type ExitCode, exitCodes, untilAsked } from './context.ts'

/** `hotspare run`: runs until it is asked to end, then drains. */
export async function run(options: { readonly config: string }, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, version, stdout, stderr, signal } = context
  const { config, warnings, redactor } = await loadConfig(options.config, { env, hostname, signal })
  const logger = createLogger({ ...config.log, output: stdout, redactor, node: config.node })
  for (const warning of warnings) logger.warn({ file: options.config }, formatProblem(options.config, warning))
  const daemon = compose(config, {
    clock: systemClock,
    random: systemRandom,
    logger,
    redactor,
    version,
    writeLine: (line) => stderr.write(`${redactor.redact(line)}\n`),
  })
  await daemon.start()
  await untilAsked(signal)
  await daemon.stop(String(signal.reason))
  return exitCodes.done
}
