import { errorText, parseDuration } from '@hotspare/core'
import { age } from './age.ts'
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
import { site } from './site.ts'
import { word, type WordOptions } from './word.ts'

export interface MaintenanceOptions extends RemoteOptions, WordOptions {
  readonly for?: string | undefined
  /** All nodes of it, instead of this one. */
  readonly site?: string | undefined
  readonly force?: boolean | undefined
}

const ACTIONS = ['set', 'lift', 'show'] as const

/**
 * `hotspare maintenance set|lift|show` for this node, `hotspare maintenance [set|lift] --site SITE` for all nodes of a site, and
 * `hotspare maintenance POOL on|off` for a pool: two words are a pool.
 */
export async function maintenance(
  what: string | undefined,
  state: string | undefined,
  options: MaintenanceOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (options.site !== undefined) return await maintainSite(what, state, { ...options, site: options.site }, context)
  if (what === undefined) throw usageError('say set, lift or show; or name a pool or a site: hotspare maintenance --site fra')
  if (state !== undefined) return await maintainPool(what, state, options, context)
  const action = ACTIONS.find((each) => each === what)
  if (action === undefined)
    throw usageError(`"${what}" is none of set, lift and show; of a pool, say on or off: hotspare maintenance ${what} on`)
  if (options.for !== undefined) throw usageError('--for belongs to a pool: the maintenance of a node ends when it is lifted')
  return await word('maintenance', action, options, context, options)
}

async function maintainSite(
  what: string | undefined,
  state: string | undefined,
  options: MaintenanceOptions & { readonly site: string },
  context: CommandContext,
): Promise<ExitCode> {
  if (state !== undefined) throw usageError(`a pool or a site, and not both: ${what} ${state}, --site ${options.site}`)
  if (options.for !== undefined) throw usageError('--for belongs to a pool: the maintenance of a site ends when it is lifted')
  if (what === undefined || what === 'set' || what === 'lift') return await site(what ?? 'set', options, context)
  throw usageError(`of a site, say set or lift, and not "${what}"; \`hotspare status\` shows how each site is`)
}

async function maintainPool(pool: string, state: string, options: MaintenanceOptions, context: CommandContext): Promise<ExitCode> {
  if (state !== 'on' && state !== 'off') throw usageError(`a pool is in maintenance or not: say on or off, and not "${state}"`)
  const forMs = state === 'on' && options.for !== undefined ? howLong(options.for) : undefined
  const client = clientFor(options)
  const { signal } = context
  const result =
    state === 'on'
      ? await client.setPoolMaintenance(pool, { because: options.because, forMs }, { signal })
      : await client.endPoolMaintenance(pool, { signal })
  if (options.json) printJson(context, result)
  else {
    const { maintenance: there } = result
    const end = there?.until === undefined ? ', until it is taken back' : ` for ${age(Date.now(), there.until)}`
    printLine(context, there ? `pool ${pool} is in maintenance${end}: ${there.because}` : `pool ${pool} is not in maintenance`)
  }
  return exitCodes.done
}

function howLong(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw usageError(`--for: ${errorText(error)}`)
  }
}
