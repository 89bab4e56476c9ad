// One subject in a process of its own: the compiler's knowledge of one must not spoil the code of another.
import { errorText, HotspareError, systemClock } from '@hotspare/core'
import { bytesPerPick, calibrate, timePicks, type Instruments } from './measure.ts'
import type { PickAnswer, PickTask } from './messages.ts'
import { subjects } from './subjects.ts'
import type { PickSubject, Release } from './subject.ts'

/** Well below what the young generation holds, so that no collection falls into the count. */
const COUNTED_PICKS = 10_000

const prepared = new Map<number, () => Release | undefined>()

const instruments: Instruments = {
  monotonicMs: () => systemClock.monotonicMs(),
  heapBytes: () => process.memoryUsage().heapUsed,
  collectGarbage() {
    if (!globalThis.gc) throw new HotspareError({ code: 'HOTSPARE_BENCH_GC', message: 'bench: the worker needs --expose-gc' })
    globalThis.gc()
  },
}

process.on('message', (task: PickTask) => process.send?.(answer(task)))
// The bench has gone.
process.on('disconnect', () => process.exit())

function answer(task: PickTask): PickAnswer {
  try {
    const subject = subjectOf(task)
    const pick = pickerOf(subject, task.size)
    const picks = task.picks > 0 ? task.picks : calibrate(pick, task.batchMs, instruments)
    const nanosPerPick = (timePicks(pick, picks, instruments) / picks) * 1e6
    // A rebuild allocates more at once than fits between two collections.
    if (subject.kind === 'rebuild') return { ok: true, picks, nanosPerPick }
    return { ok: true, picks, nanosPerPick, bytesPerPick: bytesPerPick(pick, COUNTED_PICKS, instruments) }
  } catch (error) {
    return { ok: false, because: errorText(error) }
  }
}

function subjectOf({ subject: name }: PickTask): PickSubject {
  const subject = subjects.find((candidate) => candidate.name === name)
  if (!subject) throw new HotspareError({ code: 'HOTSPARE_BENCH_SUBJECT', message: `bench: no subject "${name}"` })
  return subject
}

function pickerOf(subject: PickSubject, size: number): () => Release | undefined {
  const known = prepared.get(size)
  if (known) return known
  const pick = subject.prepare(size)
  prepared.set(size, pick)
  return pick
}
