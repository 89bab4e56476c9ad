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

export interface DrainOptions extends RemoteOptions {
  readonly undo?: boolean | undefined
  /** Instead of a target. */
  readonly site?: string | undefined
  readonly because?: string | undefined
  readonly force?: boolean | undefined
  readonly json?: boolean | undefined
}

/** `hotspare drain TARGET`: no new requests for a target; those under way finish. `hotspare drain --site SITE`: no services at a site. */
export async function drain(target: string | undefined, options: DrainOptions, context: CommandContext): Promise<ExitCode> {
  if (options.site !== undefined) {
    if (target !== undefined) throw usageError(`a target or a site, and not both: ${target}, --site ${options.site}`)
    const { site: name, because = 'drained by people' } = options
    return await site(options.undo ? 'lift' : 'set', { ...options, site: name, because }, context)
  }
  if (target === undefined) throw usageError('name a target, like shop/10.0.0.11:8080, or a site: --site fra')
  const client = clientFor(options)
  const changed = options.undo
    ? await client.undrain(target, { signal: context.signal })
    : await client.drain(target, { force: options.force, signal: context.signal })
  if (options.json) printJson(context, changed)
  else printLine(context, `${changed.id} is ${changed.state}: ${changed.because}; ${changed.active} requests under way`)
  return exitCodes.done
}
