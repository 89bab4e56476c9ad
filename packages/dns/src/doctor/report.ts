import type { Place } from '../verify/board.ts'
import type { ServedReport } from '../verify/report.ts'
import type { Finding } from './finding.ts'

/** What the doctor has found, and what it has not looked at. */
export interface DnsDoctorReport {
  readonly zone: string
  /** The worst first; none means that everything that was looked at is well. */
  readonly findings: readonly Finding[]
  /** What was not looked at, and why. */
  readonly skipped: readonly { readonly what: string; readonly because: string }[]
  /** The name servers that were asked. */
  readonly servers: readonly Place[]
  /** What became of the probe, where one was written. */
  readonly served: ServedReport | undefined
  /** In milliseconds. */
  readonly tookMs: number
}
