import type { TargetState } from '@hotspare/core'
import type { RecordSet, RecordSetName } from '../record-set.ts'

/** How a record stands at one provider. */
export type WorkerState =
  /** What it should be is not known, or it was not looked at yet. */
  | 'waiting'
  | 'agrees'
  | 'changing'
  /** Somebody else has changed it. */
  | 'edited'
  /** It may not be changed. */
  | 'refused'
  /** The provider does not work. */
  | 'failing'

export interface WorkerSnapshot {
  /** As people call it in their configuration. */
  readonly provider: string
  readonly id: string
  readonly state: WorkerState
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
  /** What it had when it was last looked at, and how long ago that was. */
  readonly seen: { readonly set: RecordSet | undefined; readonly ageMs: number } | undefined
  /** What it had when it was last as it should be. */
  readonly settled: RecordSet | undefined
  /** Calls that failed, and changes that met another, in a row. */
  readonly failures: number
  /** Until the next try, in milliseconds; undefined where nothing is waited for. */
  readonly retryInMs: number | undefined
  /** Whether name servers answer with it, by the last look. */
  readonly served: string
}

export interface TargetSnapshot {
  readonly id: string
  readonly values: readonly string[]
  readonly state: TargetState
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  /** Whether it is among the answers. */
  readonly isAnswered: boolean
}

export interface RecordSnapshot extends RecordSetName {
  readonly ttlSeconds: number
  readonly targets: readonly TargetSnapshot[]
  /** What is answered, by the last decision that was allowed; undefined before the first. */
  readonly desired: RecordSet | undefined
  /** Why it is that, or why it stays as it is. */
  readonly because: string
  /** What it would be, if it were not held because too much would change at once. */
  readonly held: RecordSet | undefined
  readonly providers: readonly WorkerSnapshot[]
  /** Whether all providers had the same when they were last looked at; undefined with one, or before they were. */
  readonly isSameEverywhere: boolean | undefined
}

export interface AnsweringSnapshot {
  readonly records: readonly RecordSnapshot[]
  /** Why health is not known, where its source has failed. */
  readonly healthFailure: string | undefined
  /** Set while a mass change is refused. */
  readonly massChange: { readonly withdrawn: number; readonly published: number; readonly held: number } | undefined
  /** For how much longer people's word to change much at once holds, in milliseconds. */
  readonly forcedMs: number | undefined
}
