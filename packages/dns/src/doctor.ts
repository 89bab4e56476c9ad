import { type DnsDoctorOptions, dnsDoctorOptionsSchema } from './doctor/options.ts'
import type { DnsDoctorReport } from './doctor/report.ts'
import { Visit } from './doctor/visit.ts'
import { parseOptions } from './options.ts'

export { formatFindings } from './doctor/format.ts'
export type { Finding, FindingCode, Severity } from './doctor/finding.ts'
export type { DnsDoctorOptions } from './doctor/options.ts'
export type { DnsDoctorReport } from './doctor/report.ts'

/**
 * Looks for what would make a failover by DNS fail, or slower than it has to be. It only asks; with `write: true` it also writes
 * a TXT record at `_hotspare-doctor.<zone>`, and removes it.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`; the reason of `signal` when it aborts. What is wrong out there is a finding
 */
export async function dnsDoctor(
  options: DnsDoctorOptions,
  call: { readonly signal?: AbortSignal | undefined } = {},
): Promise<DnsDoctorReport> {
  const parsed = parseOptions('dns doctor', dnsDoctorOptionsSchema, options)
  const startedMs = parsed.clock.monotonicMs()
  const visit = new Visit(parsed, call.signal ?? new AbortController().signal)
  await visit.make()
  return visit.report(parsed.clock.monotonicMs() - startedMs)
}
