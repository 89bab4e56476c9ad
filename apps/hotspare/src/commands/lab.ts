import { readFile } from 'node:fs/promises'
import { missingForNetworks } from '@hotspare/netlab'
import { loadConfig, parseConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import { suggestion } from '../config/suggest.ts'
import { readYaml } from '../config/yaml-source.ts'
import type { Forecast } from '../matrix/forecast.ts'
import { makeMatrix } from '../matrix/matrix.ts'
import { makeSecrets, planRehearsal, reasonNotToRehearse, type RehearsalPlan, type RehearsalSecrets } from '../rehearsal/rehearsal-plan.ts'
import { type RehearsedKind, rehearsedKinds } from '../rehearsal/rehearsed-failures.ts'
import { rehearse, type RehearsedRow } from '../rehearsal/rehearse.ts'
import { formatRows, introduction } from '../rehearsal/report.ts'
import { Stage } from '../rehearsal/stage.ts'
import { stagedFile, witnessFile } from '../rehearsal/staged-file.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine, usageError } from './context.ts'

export interface LabOptions {
  readonly config: string
  readonly service?: string | undefined
  /** Kinds, separated by commas. */
  readonly failures?: string | undefined
  readonly json?: boolean | undefined
}

/**
 * `hotspare lab`: the nodes of a file as network namespaces of this machine, the real daemons on them, and one failure after the
 * other; what clients see is held against what `check --matrix` says of the same file.
 */
export async function lab(options: LabOptions, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, signal, stderr } = context
  const kinds = wantedKinds(options.failures)
  const { config } = await loadConfig(options.config, { env, hostname, signal })
  const unfit = reasonNotToRehearse(config)
  if (unfit !== undefined) throw usageError(`lab: nothing of ${options.config} can be rehearsed: ${unfit}`)
  const plan = planRehearsal(config, options.service)
  if (!plan) {
    const names = config.services.map(({ name }) => name)
    throw usageError(
      `lab: ${options.config} has no service "${options.service}" with a vip; ${suggestion(options.service ?? '', names, 'services')}`,
    )
  }
  const play = await playOf(options.config, config, plan, context)
  const forecasts = await forecastsOf(play, context)
  const wanted = kinds.filter((kind) => forecasts.has(kind))
  const impossible = options.failures === undefined ? [] : kinds.filter((kind) => !forecasts.has(kind))
  // To rehearse nothing, and call it well, would be a lie.
  if (impossible.length > 0) throw usageError(`--failures: ${impossible.join(', ')} cannot happen to ${plan.service.name} by this file`)
  const missing = missingForNetworks()
  if (missing.length > 0) throw usageError(`lab: it cannot be rehearsed here: ${missing.join('; ')}`)
  const say = (line: string) => void (options.json ? stderr.write(`${line}\n`) : printLine(context, line))
  for (const line of introduction(options.config, plan)) say(line)

  const rows = await perform(play, wanted, forecasts, { say, context })
  if (options.json) printJson(context, { service: plan.service, stagings: plan.stagings, rows })
  else for (const line of formatRows(rows)) printLine(context, line)
  return rows.every(({ broken }) => broken.length === 0) ? exitCodes.done : exitCodes.failed
}

/** What is performed: the plan, and the files that make it so. */
interface Play {
  readonly plan: RehearsalPlan
  readonly secrets: RehearsalSecrets
  readonly fileOf: (node: string, state: string) => string
}

async function playOf(path: string, config: Config, plan: RehearsalPlan, { signal }: CommandContext): Promise<Play> {
  const read = readYaml(await readFile(path, { encoding: 'utf8', signal }))
  if ('problems' in read) throw usageError(`lab: ${path} has just been changed, and is no YAML any more`)
  const file = read.source.value
  const secrets = makeSecrets()
  return { plan, secrets, fileOf: (node, state) => stagedFile({ file, config, plan, secrets, node, state }) }
}

/** Of the watched service, by kind: what the file that is performed says of failures at the active member. */
async function forecastsOf(
  { plan, fileOf }: Play,
  { env, hostname, signal }: CommandContext,
): Promise<ReadonlyMap<RehearsedKind, Forecast>> {
  const [node = ''] = plan.service.members
  const { config } = await parseConfig(fileOf(node, '/nowhere'), { file: 'the rehearsal', env, hostname, signal })
  const { cluster, services } = config
  if (!cluster) return new Map()
  const { rows } = await makeMatrix({ cluster, services }, { phases: 0, signal })
  const own = rows.filter(
    ({ service, role }) => service === plan.service.name && (role === 'active' || role === 'active-link' || role === 'arbiter'),
  )
  return new Map(
    rehearsedKinds.flatMap((kind) =>
      own
        .filter(({ failure }) => failure.kind === kind)
        .slice(0, 1)
        .map((row) => [kind, row] as const),
    ),
  )
}

async function perform(
  { plan, secrets, fileOf }: Play,
  kinds: readonly RehearsedKind[],
  forecasts: ReadonlyMap<RehearsedKind, Forecast>,
  { say, context }: { readonly say: (line: string) => void; readonly context: CommandContext },
): Promise<readonly RehearsedRow[]> {
  const { signal } = context
  const stage = new Stage({ plan, fileOf, witnessFile: (file) => witnessFile(plan, secrets, file), self: selfCommand(), signal })
  // However this process ends, but for a SIGKILL.
  const strike = () => stage.strike()
  process.once('exit', strike)
  try {
    await stage.start()
    say(`active on ${await stage.settled()}`)
    const rows: RehearsedRow[] = []
    for (const kind of kinds) {
      const forecast = forecasts.get(kind)
      if (!forecast) continue
      say(`${kind} ...`)
      rows.push(await rehearse(stage, kind, forecast, { signal }))
    }
    return rows
  } finally {
    strike()
    process.removeListener('exit', strike)
  }
}

/** What this very process was started with. */
function selfCommand(): readonly [string, ...string[]] {
  const [, script = ''] = process.argv
  return [process.execPath, ...process.execArgv, script]
}

function wantedKinds(given: string | undefined): readonly RehearsedKind[] {
  if (given === undefined) return rehearsedKinds
  const names = given.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !rehearsedKinds.some((kind) => kind === name))
  if (unknown !== undefined) throw usageError(`--failures: "${unknown}" is none; ${suggestion(unknown, rehearsedKinds, 'failures')}`)
  return rehearsedKinds.filter((kind) => names.includes(kind))
}
