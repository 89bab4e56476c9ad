import { errorText } from '@hotspare/core'
import { verifyServed } from '@hotspare/dns/verify'
import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from '../context.ts'
import type { DnsCommandOptions } from '../dns.ts'
import { nameOf, WHO_TELLS_WHY } from './look.ts'

/** Whether the name servers answer with what the providers have. */
export async function verify(
  records: readonly ManagedRecord[],
  zones: Zones,
  { json }: DnsCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { signal } = context
  const reports = await Promise.all(
    records.map(async (record) => {
      const name = nameOf(record)
      try {
        const { set } = await zones.zone(record.account, record.zone).read(record.usual, { signal })
        if (!set) return { record: name, provider: record.account.name, stage: 'missing', because: 'the provider has no such record' }
        const { verify: how, zone } = record
        const servers = how.type === 'servers' ? { servers: how.servers } : {}
        const budgetMs = how.type === 'off' ? 0 : how.withinMs
        const report = await verifyServed({ zone, set, ...servers, ...(budgetMs > 0 ? { budgetMs } : {}) }, { signal })
        return { record: name, provider: record.account.name, ...report }
      } catch (error) {
        return { record: name, provider: record.account.name, stage: 'failed', because: errorText(error) }
      }
    }),
  )
  if (json) printJson(context, reports)
  else {
    for (const { record, provider, stage, because } of reports) printLine(context, `${record} at ${provider}: ${stage}: ${because}`)
    if (reports.some(({ stage }) => stage === 'failed')) printLine(context, WHO_TELLS_WHY)
  }
  return reports.every(({ stage }) => stage === 'converged') ? exitCodes.done : exitCodes.failed
}
