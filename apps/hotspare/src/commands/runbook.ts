import { renderRunbook, type RunbookInput } from '@hotspare/runbook'
import { runbookInput } from '../cluster/runbook/input.ts'
import { loadConfig } from '../config/load.ts'
import type { Redactor } from '../config/redactor.ts'
import { suggestion } from '../config/suggest.ts'
import { redactedJson } from '../redacted.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine, usageError } from './context.ts'

export interface RunbookOptions {
  readonly config: string
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Whether the node that is left is well. */
  readonly planned?: boolean | undefined
  readonly json?: boolean | undefined
}

/** `hotspare runbook SERVICE`: the plan for people, from the file alone: for the day on which no daemon answers. */
export async function runbook(name: string, options: RunbookOptions, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, signal, version } = context
  const { config, redactor } = await loadConfig(options.config, { env, hostname, signal })
  const { cluster, services } = config
  const service = services.find((each) => each.name === name)
  if (!cluster || !service) {
    const names = services.map((each) => each.name)
    throw usageError(`${options.config} has no service "${name}"; ${suggestion(name, names, 'services')}`)
  }
  const from = options.from ?? service.members.find((member) => member !== options.to)
  const to = options.to ?? service.members.find((member) => member !== from)
  if (from === undefined || to === undefined || from === to)
    throw usageError(`${name} cannot move from ${from ?? 'nobody'} to ${to ?? 'nobody'}: give two of its members`)
  for (const member of [from, to]) {
    if (!service.members.includes(member)) throw usageError(`${member} is no member of ${name}: ${service.members.join(', ')}`)
  }
  const move = { from, to, isDead: options.planned !== true }
  const input = runbookInput({ cluster, service, services, move, fencing: config.fencing, generatedAtMs: Date.now(), version })
  const shown = withoutSecrets(input, redactor, context)
  if (options.json) printJson(context, shown)
  else printLine(context, renderRunbook(shown).trimEnd())
  return exitCodes.done
}

/** It is printed to be pinned up: a secret in the URL of a check is no part of it. */
function withoutSecrets(input: RunbookInput, redactor: Redactor, { stderr }: CommandContext): RunbookInput {
  const json = redactedJson(input, redactor)
  if (json === JSON.stringify(input)) return input
  stderr.write('commands that show [redacted] need a secret of the file, which is not printed\n')
  const shown: RunbookInput = JSON.parse(json)
  return shown
}
