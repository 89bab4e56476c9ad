import { type Clock, formatDuration } from '@hotspare/core'
import type { DnsRecordEventDetails, DriftPolicy } from '../reconcile-events.ts'
import type { RecordSet } from '../record-set.ts'
import { formatSet, sameSet } from '../value.ts'
import { answeringDefaults } from './defaults.ts'
import { judgeDrift } from './drift.ts'

export interface EditWatchOptions {
  readonly policy: DriftPolicy
  /** As people call the provider. */
  readonly label: string
  /** Whether another writer of ours could have made a set: all its values are answers. */
  readonly isOurs: (set: RecordSet) => boolean
  readonly clock: Clock
  readonly tell: (event: DnsRecordEventDetails) => void
}

export type EditVerdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'write'; readonly because: string | undefined }
  | { readonly kind: 'leave'; readonly because: string; readonly lookAgainMs: number | undefined }

interface Repair {
  readonly set: RecordSet
  readonly count: number
  readonly atMs: number
}

/** So many writes whose end is not known are remembered. */
const MOST_DOUBTS = 4

/** What becomes of one record past us: tells edits apart from what we do, and says when one is put right. */
export class EditWatch {
  readonly #options: EditWatchOptions
  #settled: RecordSet | undefined
  #doubts: readonly { readonly set: RecordSet; readonly atMs: number }[] = []
  /** Since when it is edited, and whether that was told. */
  #edit: { readonly sinceMs: number; told: boolean } | undefined
  /** Somebody who edits it again and again is not answered each time. */
  #repair: Repair | undefined

  constructor(options: EditWatchOptions) {
    this.#options = options
  }

  /** What it was when it was last as it should be. */
  get settled(): RecordSet | undefined {
    return this.#settled
  }

  /** How a write has ended is not known: it may be made late, after others. */
  doubt(set: RecordSet): void {
    const atMs = this.#options.clock.monotonicMs()
    this.#doubts = [...this.#doubts.filter((each) => !sameSet(each.set, set)), { set, atMs }].slice(-MOST_DOUBTS)
  }

  /** It is as it should be. */
  agree(set: RecordSet): void {
    const { label, tell } = this.#options
    this.#settled = set
    const edit = this.#edit
    this.#edit = undefined
    if (edit?.told) tell({ type: 'drift-ended', text: `${formatSet(set)} at ${label} is as it should be again` })
  }

  judge(actual: RecordSet | undefined, desired: RecordSet): EditVerdict {
    const atMs = this.#options.clock.monotonicMs()
    this.#doubts = this.#doubts.filter((each) => atMs - each.atMs < answeringDefaults.lateWriteMs)
    const inDoubt = this.#doubts.map(({ set }) => set)
    const verdict = judgeDrift({ actual, desired, settled: this.#settled, inDoubt })
    if (verdict === 'agrees') return { kind: 'agrees' }
    if (verdict === 'behind') return { kind: 'write', because: undefined }
    return this.#edited(actual, desired)
  }

  #edited(actual: RecordSet | undefined, desired: RecordSet): EditVerdict {
    const { policy, isOurs, clock } = this.#options
    const atMs = clock.monotonicMs()
    this.#edit ??= { sinceMs: atMs, told: false }
    // Another node may have seen sooner what we are about to see.
    const graceMs = actual && isOurs(actual) ? answeringDefaults.graceMs - (atMs - this.#edit.sinceMs) : 0
    if (graceMs > 0) return { kind: 'leave', because: 'another has changed it, who may have seen something sooner', lookAgainMs: graceMs }
    this.#tell(actual, desired)
    if (policy === 'report') return { kind: 'leave', because: 'somebody has edited it, and that is to be left', lookAgainMs: undefined }
    const waitMs = this.#waitBeforeRepair(desired, atMs)
    if (waitMs > 0) {
      const inTime = formatDuration(Math.ceil(waitMs / 1_000) * 1_000)
      return { kind: 'leave', because: `somebody edits it again and again: it is put right in ${inTime}`, lookAgainMs: waitMs }
    }
    this.#repair = { set: desired, count: (this.#sameRepair(desired, atMs)?.count ?? 0) + 1, atMs }
    return { kind: 'write', because: 'somebody has edited it' }
  }

  /** The pauses between repairs of the same thing double. */
  #waitBeforeRepair(desired: RecordSet, atMs: number): number {
    const last = this.#sameRepair(desired, atMs)
    if (!last) return 0
    const { repairBaseMs, repairCapMs } = answeringDefaults
    return Math.min(repairCapMs, repairBaseMs * 2 ** Math.min(last.count - 1, 20)) - (atMs - last.atMs)
  }

  /** The last repair, where it made the same of the record, not long ago. */
  #sameRepair(desired: RecordSet, atMs: number): Repair | undefined {
    const last = this.#repair
    return last && sameSet(last.set, desired) && atMs - last.atMs < 2 * answeringDefaults.repairCapMs ? last : undefined
  }

  #tell(actual: RecordSet | undefined, { name, type }: RecordSet): void {
    const { label, policy, tell } = this.#options
    if (!this.#edit || this.#edit.told) return
    this.#edit.told = true
    const [found, expected] = [actual?.values ?? [], this.#settled?.values ?? []]
    const done = policy === 'repair' ? 'it is put right' : 'it is left until people put it right'
    const text = `somebody has edited ${name} ${type} at ${label}: ${shown(actual)} instead of ${shown(this.#settled)}; ${done}`
    tell({ type: 'drift-found', found, expected, policy, text })
  }
}

function shown(set: RecordSet | undefined): string {
  return set ? `${set.values.join(', ')} (${set.ttlSeconds} s)` : 'nothing'
}
