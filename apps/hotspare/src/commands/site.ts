import type { DepartureStatus, SiteWordResult } from '@hotspare/api'
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

export interface SiteOptions extends RemoteOptions {
  readonly site: string
  readonly because?: string | undefined
  readonly force?: boolean | undefined
  readonly json?: boolean | undefined
}

/**
 * `hotspare maintenance --site SITE` and `hotspare drain --site SITE`, and back: every node of the site is told. Fails where one of
 * them could not be told, and where it was refused.
 */
export async function site(action: 'set' | 'lift', options: SiteOptions, context: CommandContext): Promise<ExitCode> {
  const { site: name, because, force } = options
  const { signal } = context
  const reason = because?.trim() ?? ''
  if (action === 'set' && reason === '') throw usageError('say why, for the others: --because "power works"')
  const client = clientFor(options)
  const result =
    action === 'set'
      ? await client.setSiteMaintenance(name, { because: reason, force }, { signal })
      : await client.liftSiteMaintenance(name, { signal })
  if (options.json) printJson(context, result)
  else printLine(context, formatSiteResult(result))
  return result.ok ? exitCodes.done : exitCodes.failed
}

function formatSiteResult({ ok, because, nodes, departure }: SiteWordResult): string {
  const told = nodes.map(({ node, ok: isTold, because: why }) => `  ${isTold ? 'told    ' : 'NOT TOLD'}  ${node}: ${why}`)
  const isRefused = !ok && nodes.length === 0
  const end = ok ? `done: ${because}` : `not done: ${because}`
  const hint = isRefused && departure ? ['nobody was told; --force does it all the same'] : []
  return [...(departure ? formatDeparture(departure) : []), ...told, end, ...hint].join('\n')
}

/** Where services go, and what the others carry then. */
function formatDeparture({ departures, loads }: DepartureStatus): string[] {
  return [
    ...departures.map(({ service, from, to, because }) =>
      to === undefined ? `  ${service} on ${from}: NOBODY could take it: ${because}` : `  ${service}: from ${from} to ${to}, ${because}`,
    ),
    ...formatLoads({ loads }),
  ]
}

/** What nodes would carry. */
export function formatLoads({ loads }: Pick<DepartureStatus, 'loads'>): string[] {
  return loads.map(({ node, load, added, capacity, fits }) => {
    const more = added === 0 ? 'nothing is added' : `${figure(added)} of it added`
    return `  ${node}: ${figure(load)} of ${figure(capacity)}, ${more}${fits ? '' : ': TOO MUCH'}`
  })
}

function figure(value: number): string {
  return String(Math.round(value * 1_000) / 1_000)
}
