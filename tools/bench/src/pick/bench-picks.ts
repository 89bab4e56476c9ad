import { fileURLToPath } from 'node:url'
import { errorText } from '@hotspare/core'
import { ask as askChild } from '../linux/ask.ts'
import { type Child, startChild } from '../linux/child.ts'
import type { Cores } from '../machine.ts'
import { packageVersion } from '../package-version.ts'
import type { PickPlan } from '../plans.ts'
import type { PickAnswer, PickTask } from './messages.ts'
import type { PickReport, PickRow } from './report.ts'
import { sizesOf } from './subject.ts'
import { subjects } from './subjects.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const MEASURED_PACKAGES = ['@hotspare/balance', 'hashring', 'consistent-hash', 'load-balancers', 'undici']
const ANSWER_WITHIN_MS = 30_000
/** The young generation at its usual full size from the start, so that a count of bytes fits in. */
const YOUNG_GENERATION_MIB = 16

export interface BenchPicksOptions {
  readonly plan: PickPlan
  readonly cores: Cores
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

/** Goes round: each subject with each size, again and again, one at a time. */
export async function benchPicks(options: BenchPicksOptions): Promise<PickReport> {
  const { plan, cores, progress, signal } = options
  const workers: Child[] = []
  const rows: PickRow[] = []
  const broken = new Map<string, string>()
  try {
    progress('warming the picks up')
    const turns: { readonly worker: Child; readonly row: PickRow; picks: number }[] = []
    for (const { name, kind } of subjects) {
      const worker = await startChild({
        name,
        program: process.execPath,
        arguments: ['--expose-gc', `--min-semi-space-size=${YOUNG_GENERATION_MIB}`, '--conditions=@hotspare/source', WORKER],
        core: cores.proxy,
        ipc: true,
      })
      workers.push(worker)
      for (const size of sizesOf[kind]) turns.push({ worker, row: { subject: name, size, nanosPerPick: [], bytesPerPick: [] }, picks: 0 })
    }
    // The first round finds out how much a batch is, and is not counted.
    for (let round = 0; round <= plan.rounds; round++) {
      if (round > 0) progress(`round ${round} of ${plan.rounds}: picks`)
      for (const turn of turns) {
        const { worker, row } = turn
        if (broken.has(row.subject)) continue
        const task: PickTask = { subject: row.subject, size: row.size, picks: turn.picks, batchMs: plan.batchMs }
        const answer = await ask(worker, task, signal)
        if (!answer.ok) {
          broken.set(row.subject, answer.because)
        } else if (round === 0) {
          turn.picks = answer.picks
          rows.push(row)
        } else {
          row.nanosPerPick.push(answer.nanosPerPick)
          if (answer.bytesPerPick !== undefined) row.bytesPerPick.push(answer.bytesPerPick)
        }
      }
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
  return {
    subjects: subjects.map(({ name, kind, isPeer, setup }) => ({ name, kind, isPeer, setup })),
    versions: MEASURED_PACKAGES.map((name) => ({ name, version: packageVersion(name) ?? 'unknown' })),
    rows,
    broken: [...broken].map(([name, because]) => ({ name, because })),
  }
}

async function ask(worker: Child, task: PickTask, signal: AbortSignal): Promise<PickAnswer> {
  try {
    return await askChild(worker, task, { withinMs: ANSWER_WITHIN_MS, signal })
  } catch (error) {
    signal.throwIfAborted()
    return { ok: false, because: errorText(error) }
  }
}
