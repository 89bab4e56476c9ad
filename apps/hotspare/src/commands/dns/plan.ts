import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine } from '../context.ts'
import type { DnsCommandOptions } from '../dns.ts'
import { table } from '../table.ts'
import { look, type Looked, nameOf, WHO_TELLS_WHY } from './look.ts'

/** What is there, and what would be there if everything were well. */
export async function plan(
  records: readonly ManagedRecord[],
  zones: Zones,
  { json }: DnsCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const looks = await Promise.all(records.map((record) => look(record, zones, context.signal)))
  if (json) printJson(context, looks.map(shown))
  else {
    const rows = looks.map((each) => [
      nameOf(each.record),
      each.record.account.name,
      each.record.what,
      each.there ?? (each.plan.kind === 'failed' ? 'not known' : 'nothing'),
      verdictOf(each),
    ])
    for (const line of table([['record', 'provider', 'it', 'there is', 'verdict'], ...rows])) printLine(context, line)
    if (looks.some(({ plan: { kind } }) => kind === 'failed')) printLine(context, WHO_TELLS_WHY)
  }
  return looks.every(({ plan: { kind }, isOurs }) => kind === 'nothing' || (kind === 'change' && isOurs))
    ? exitCodes.done
    : exitCodes.failed
}

function verdictOf({ plan: made, isOurs, there }: Looked): string {
  if (made.kind === 'failed') return `could not be read: ${made.because}`
  if (made.kind === 'refused') return `refused: ${made.because}`
  if (made.kind === 'nothing') return 'as it is when all is well'
  if (isOurs) return `one of its values; when all is well: ${made.because}`
  return there === undefined ? 'missing: dns apply makes it' : `something else: ${made.because}`
}

function shown({ record, plan: made, there, isOurs }: Looked) {
  return { record: nameOf(record), provider: record.account.name, what: record.what, there, isOurs, kind: made.kind, because: made.because }
}
