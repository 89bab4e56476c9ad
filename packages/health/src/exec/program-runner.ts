import { abortReason } from '@hotspare/core'
import type { ProbeRun } from '../run-probe.ts'
import { SharedWait } from '../shared-wait.ts'
import type { ProgramEnd } from './program-end.ts'
import { type ProgramOrder, runProgram } from './run-program.ts'

interface RunnerOptions {
  /** What the run waits for while the program runs. */
  readonly phase: string
  /** Whether the program has to be gone at once when the run ends before it, without SIGTERM and grace. */
  readonly atOnce: () => boolean
}

/**
 * Runs one program again and again. A run waits, within its own deadline, for a program of an earlier run that was told to
 * end and has not yet: one that nobody can end (a disk that hangs in the kernel) stays the only one.
 */
export function programRunner(
  order: Omit<ProgramOrder, 'signal' | 'atOnce'>,
): (run: ProbeRun, options: RunnerOptions) => Promise<ProgramEnd> {
  const ending = new Set<SharedWait<void>>()
  return async (run, { phase, atOnce }) => {
    run.phase = 'the program of an earlier run is being ended'
    await Promise.all([...ending].map((one) => one.wait(run.signal)))
    if (run.signal.aborted) throw abortReason(run.signal)
    run.phase = phase
    const { end, gone } = runProgram({ ...order, signal: run.signal, atOnce })
    const onAbort = () => {
      const wait = new SharedWait(gone)
      ending.add(wait)
      void gone.then(() => ending.delete(wait))
    }
    run.signal.addEventListener('abort', onAbort, { once: true })
    return end
  }
}
