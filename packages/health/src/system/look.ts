import type { Finding } from '../failure.ts'
import type { ProbeRun } from '../run-probe.ts'

/** One look at this machine. What it throws is a thing that the machine does not tell. */
export type Look = (run: ProbeRun) => Promise<Finding>
