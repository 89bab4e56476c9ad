import { errorText } from '@hotspare/core'
import type { ProbeLoad } from '../load.ts'
import type { TargetPlaces } from '../origin.ts'
import type { ProbeCounts } from '../subject.ts'

/** What the bench tells a prober of its own on the command line, as JSON. */
export interface ProberArguments {
  readonly load: ProbeLoad
  readonly origin: TargetPlaces
  /** Whether it keeps every start, to say how punctual it was. */
  readonly notesStarts: boolean
  /** Where a prober listens that has to be asked for each look. */
  readonly proberPort?: number | undefined
}

export type ProberQuestion = 'begin' | 'pause' | 'counts'
export type ProberAnswer = { readonly ok: true; readonly counts: ProbeCounts } | { readonly ok: false; readonly because: string }

/** A prober that is Node, as the bench drives it. */
export interface DrivenProber {
  begin(): Promise<void> | void
  pause(): Promise<void> | void
  /** Since it was asked last. */
  counts(): ProbeCounts
}

export function proberArguments(): ProberArguments {
  return JSON.parse(process.argv[2] ?? '') as ProberArguments
}

/** Does what the bench says, and ends with it. */
export function obeyBench(prober: DrivenProber): void {
  process.on('message', (question: ProberQuestion) => {
    void answer(prober, question).then((message) => process.send?.(message))
  })
  process.on('disconnect', () => process.exit())
}

async function answer(prober: DrivenProber, question: ProberQuestion): Promise<ProberAnswer> {
  try {
    if (question === 'begin') await prober.begin()
    if (question === 'pause') await prober.pause()
    return { ok: true, counts: prober.counts() }
  } catch (error) {
    return { ok: false, because: errorText(error) }
  }
}
