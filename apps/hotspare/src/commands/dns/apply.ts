import { applyChange, formatSet } from '@hotspare/dns'
import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from '../context.ts'
import type { DnsCommandOptions } from '../dns.ts'
import { look, type Looked, nameOf, WHO_TELLS_WHY } from './look.ts'

/** Makes the records that are missing, so that there is something to follow; the daemon does the rest. */
export async function apply(
  records: readonly ManagedRecord[],
  zones: Zones,
  { force = false, json }: DnsCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { signal } = context
  const results = []
  for (const record of records) {
    const looked = await look(record, zones, signal)
    results.push({ record: nameOf(record), provider: record.account.name, ...(await applyOne(looked, zones, force, signal)) })
  }
  if (json) printJson(context, results)
  else {
    for (const { record, provider, said } of results) printLine(context, `${record} at ${provider}: ${said}`)
    if (results.some(({ kind }) => kind === 'failed')) printLine(context, WHO_TELLS_WHY)
  }
  return results.every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed
}

/** What became of a record, with the reason for people. */
interface Applied {
  readonly ok: boolean
  readonly kind: 'there' | 'made' | 'left' | 'failed'
  readonly said: string
}

async function applyOne(
  { record, plan: made, there, isOurs }: Looked,
  zones: Zones,
  force: boolean,
  signal: AbortSignal,
): Promise<Applied> {
  if (made.kind === 'failed' || made.kind === 'refused') return { ok: false, kind: 'failed', said: made.because }
  if (made.kind === 'nothing') return { ok: true, kind: 'there', said: 'it is there' }
  if (isOurs) return { ok: true, kind: 'there', said: `it is there, with another of its values: ${there}` }
  if (there !== undefined && !force) return { ok: false, kind: 'left', said: `${there} is there, and is left: --force replaces it` }
  const outcome = await applyChange({
    provider: zones.zone(record.account, record.zone),
    desired: [record.usual],
    policy: { force },
    signal,
  })
  if (outcome.kind !== 'applied') return { ok: false, kind: 'failed', said: `${outcome.kind}: ${outcome.because}` }
  const instead = there === undefined ? '' : `, instead of ${there}`
  return { ok: true, kind: 'made', said: `made: ${formatSet(record.usual)}${instead}` }
}
