import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '@hotspare/core'
import { execDefaults } from './defaults.ts'
import { KeptOutput } from './kept-output.ts'
import type { ProgramEnd } from './program-end.ts'

/** What is run, and for how long. */
export interface ProgramOrder {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  readonly workingFolder: string
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly graceMs: number
  /** Kept of each of stdout and stderr. */
  readonly keptBytes: number
  readonly clock: Clock
  /** Aborts when it is time to end the program. */
  readonly signal: AbortSignal
  /** Whether it has to be gone at once when `signal` aborts, without SIGTERM and grace. */
  readonly atOnce: () => boolean
}

/** A program in its own process group, so that what it starts ends with it. */
interface RunningProgram {
  /** How it ended. */
  readonly end: Promise<ProgramEnd>
  /** Resolves when its process is gone, however long that takes. */
  readonly gone: Promise<void>
}

/** Starts a program without a shell. Never throws and never rejects: how it went is a value. */
export function runProgram(order: ProgramOrder): RunningProgram {
  const { file, args, env, workingFolder, keptBytes, clock, signal } = order
  let child: ChildProcess
  try {
    child = spawn(file, args, { cwd: workingFolder, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  } catch (error) {
    return { end: Promise.resolve({ kind: 'not-started', error }), gone: Promise.resolve() }
  }
  let flooded = false
  const onFlood = () => {
    flooded = true
    killGroup(child, 'SIGKILL')
  }
  const maxBytes = execDefaults.maxOutputBytes
  const limits = { keptBytes, maxBytes }
  const stdout = new KeptOutput(child.stdout, limits, onFlood)
  const stderr = new KeptOutput(child.stderr, limits, onFlood)
  const letGo = endWhenAborted(child, order)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const end = new Promise<ProgramEnd>((resolve) => {
    // Stays for good: a later failure to signal it is an 'error' too.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ kind: 'not-started', error })
    })
    child.once('exit', () => {
      letGo()
      // What it left behind in its group. In the same turn as the news of its end, so that the number cannot belong to others yet.
      killGroup(child, 'SIGKILL')
      closeLeftPipes(child, clock)
    })
    child.once('close', (code, by) => {
      const output = { stdout: stdout.text, stderr: stderr.text }
      if (flooded) resolve({ kind: 'flooded', maxBytes })
      else if (code === null) resolve({ kind: 'killed', by: by ?? 'a signal', ...output })
      else resolve({ kind: 'exited', code, ...output })
    })
  })
  if (signal.aborted) killGroup(child, 'SIGKILL')
  return { end, gone }
}

/** @returns a function that takes the watch off again */
function endWhenAborted(child: ChildProcess, { clock, signal, graceMs, atOnce }: ProgramOrder): () => void {
  let grace: { cancel(): void } | undefined
  const onAbort = () => {
    if (atOnce()) return killGroup(child, 'SIGKILL')
    killGroup(child, 'SIGTERM')
    // Keeps the process alive: a program that ignores SIGTERM must not outlive us.
    grace = clock.schedule(graceMs, () => killGroup(child, 'SIGKILL'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    grace?.cancel()
    signal.removeEventListener('abort', onAbort)
  }
}

/** A process that has left the group may hold the pipe open for days: its output is not waited for. */
function closeLeftPipes(child: ChildProcess, clock: Clock): void {
  const timer = clock.schedule(execDefaults.leftPipeMs, () => {
    child.stdout?.destroy()
    child.stderr?.destroy()
  })
  child.once('close', () => timer.cancel())
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody of the group is left.
  }
}
