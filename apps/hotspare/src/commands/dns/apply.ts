import { applyChange } from '@hotspare/dns'
import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from '../context.ts'
import type { DnsCommandOptions } from '../dns.ts'
import { look, type Looked, nameOf } from './look.ts'

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
  else for (const { record, provider, said } of results) printLine(context, `${record} at ${provider}: ${said}`)
  return results.every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed
}

async function applyOne({ record, plan: made, there, isOurs }: Looked, zones: Zones, force: boolean, signal: AbortSignal) {
  if (made.kind === 'failed' || made.kind === 'refused') return { ok: false, said: made.because }
  if (made.kind === 'nothing') return { ok: true, said: 'it is there' }
  if (isOurs) return { ok: true, said: 'it is there, with another of its values' }
  if (there !== undefined && !force) return { ok: false, said: `${there} is there, and is left: --force replaces it` }
  const outcome = await applyChange({
    provider: zones.zone(record.account, record.zone),
    desired: [record.usual],
    policy: { force },
    signal,
  })
  return outcome.kind === 'applied' ? { ok: true, said: made.because } : { ok: false, said: `${outcome.kind}: ${outcome.because}` }
}
