import { failoverBudget, formatBudget } from '@hotspare/dns/budget'
import { type DnsDoctorReport, dnsDoctor, formatFindings } from '@hotspare/dns/doctor'
import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from '../context.ts'
import type { DnsCommandOptions } from '../dns.ts'
import { nameOf } from './look.ts'

/** The report speaks of an option of its own; this is where the file has it. */
const NAME_THEM = 'name servers that cannot be found are named at each record of the file, so: verify: { servers: ["192.0.2.53:53"] }'

/** Looks for what would make a failover by these records fail, or slow. */
export async function doctor(
  records: readonly ManagedRecord[],
  zones: Zones,
  { json, write = false }: DnsCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { signal } = context
  const reports: { readonly provider: string; readonly report: DnsDoctorReport; readonly worst: readonly string[] }[] = []
  for (const group of byZone(records)) {
    const [first] = group
    if (!first) continue
    const { account, zone, verify: how } = first
    const servers = how.type === 'servers' ? { servers: how.servers } : {}
    const sets = group.map(({ usual }) => usual)
    const update = account.type === 'rfc2136' ? { update: updateOf(account.options) } : {}
    const whole = await dnsDoctor({ zone, sets, provider: zones.zone(account, zone), write, ...servers, ...update }, { signal })
    const worst = group.flatMap(worstCase)
    // Each record has a detection of its own, so their times are told below, and not by the report.
    const report = { ...whole, skipped: whole.skipped.filter(({ what }) => worst.length === 0 || what !== 'the time of a failover') }
    reports.push({ provider: account.name, report, worst })
  }
  if (json) printJson(context, reports)
  else {
    for (const { provider, report, worst } of reports) {
      printLine(context, `zone ${report.zone} at ${provider}: ${report.servers.length} name servers`)
      for (const line of [...formatFindings(report.findings), ...worst]) printLine(context, `  ${line}`)
      if (report.findings.length === 0) printLine(context, '  nothing was found')
      for (const { what, because } of report.skipped) printLine(context, `  not looked at: ${what}: ${because}`)
      if (report.findings.some(({ code }) => code === 'servers-unknown')) printLine(context, `  ${NAME_THEM}`)
    }
  }
  return reports.some(({ report }) => report.findings.some(({ severity }) => severity === 'error')) ? exitCodes.failed : exitCodes.done
}

function updateOf({ server, key }: Extract<ManagedRecord['account'], { readonly type: 'rfc2136' }>['options']) {
  const { address, port = 53 } = typeof server === 'string' ? { address: server } : server
  const text = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return { server: text, ...(key === undefined ? {} : { key }) }
}

/** How long a failover by this record takes at worst. */
function worstCase({ usual, detection }: ManagedRecord): readonly string[] {
  if (!detection) return []
  return [
    `${nameOf({ usual })}, from a death to the last resolver that keeps to the TTL:`,
    ...formatBudget(failoverBudget({ detection, ttlSeconds: usual.ttlSeconds })),
  ]
}

function byZone(records: readonly ManagedRecord[]): readonly (readonly ManagedRecord[])[] {
  const groups = new Map<string, ManagedRecord[]>()
  for (const record of records) {
    const key = `${record.account.name} ${record.zone}`
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return [...groups.values()]
}
