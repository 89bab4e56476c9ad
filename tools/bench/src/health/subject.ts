import type { Random } from '@hotspare/core'
import type { Child } from '../linux/child.ts'
import type { Cores } from '../machine.ts'
import type { ProbeKind, ProbeLoad } from './load.ts'
import type { TargetPlaces } from './origin.ts'
import type { Punctuality } from './punctuality.ts'

/** What a prober is to look at, and where it finds its own place. */
export interface ProbeSite {
  readonly load: ProbeLoad
  readonly origin: TargetPlaces
  /** Empty and its own. */
  readonly folder: string
  readonly cores: Cores
  readonly random: Random
  readonly signal: AbortSignal
  /** Takes every process that is started, to be ended in the end, whatever happens. */
  readonly adopt: (child: Child) => Child
}

/** What a prober says of its own work since it was asked last. */
export interface ProbeCounts {
  readonly failed: number
  /** Where the load is one of which it notes every start. */
  readonly punctuality?: Punctuality | undefined
}

/** A prober that is ready; it looks at nothing until it is told to. */
export interface RunningProber {
  /** @returns the process whose CPU time is the prober's, and nobody else's */
  begin(): Promise<Child>
  pause(): Promise<void>
  /** Left out where the prober cannot be asked. */
  counts?(): Promise<ProbeCounts>
}

/** One way to look at targets that is measured. */
export interface ProbeSubject {
  readonly name: string
  /** What a reader must know to compare it. */
  readonly setup: string
  /** How to get it onto a machine. */
  readonly install: string
  /** Whether one core may be enough for {@link manyTargets}. */
  readonly takesMany: boolean
  /** Its looks of this kind are broken off in the handshake, where no server sees them: as many are counted as were due. */
  readonly unseen?: ProbeKind | undefined
  /** @returns its version; undefined where the machine does not have it */
  find(): Promise<string | undefined>
  start(site: ProbeSite): Promise<RunningProber>
}
