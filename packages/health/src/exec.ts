import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { execDefaults } from './exec/defaults.ts'
import { judgeProgram } from './exec/judge.ts'
import { programRunner } from './exec/program-runner.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { milliseconds } from './milliseconds.ts'
import { runProbe } from './run-probe.ts'

/** Which program is run, and with what. */
export interface ExecProbeOptions {
  /** A path, or a name that is looked up in the program's own PATH. Never given to a shell. */
  readonly file: string
  /** Handed over as they are. They are visible in the list of processes: no secrets. Default: none */
  readonly args?: readonly string[] | undefined
  /** Added to PATH and LC_ALL; nothing else of this process's environment reaches the program. Default: none */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Default: / */
  readonly workingFolder?: string | undefined
  /** One deadline over the whole run, in milliseconds; the process group is sent SIGTERM then. Default: 5,000 */
  readonly timeoutMs?: number | undefined
  /** From SIGTERM to SIGKILL, in milliseconds. Default: 1,000 */
  readonly graceMs?: number | undefined
}

/** {@link ExecProbeOptions} with the defaults filled in. */
export interface ResolvedExecProbeOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workingFolder: string
  readonly timeoutMs: number
  readonly graceMs: number
}

/** What the kernel takes as part of a command: no zero byte. */
const word = z
  .string()
  .max(32_768)
  .refine((text) => !text.includes('\0'), { message: 'must not hold a zero byte' })

export const execProbeOptionsSchema: z.ZodType<ResolvedExecProbeOptions, ExecProbeOptions> = z.strictObject({
  file: word.min(1).describe('The program: a path, or a name that is looked up in its PATH. No shell.'),
  args: z.array(word).max(256).default([]).describe('The arguments, handed over as they are.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/), word)
    .default({})
    .describe('Environment variables, added to PATH and LC_ALL; nothing else is inherited.'),
  workingFolder: word.min(1).default(execDefaults.workingFolder).describe('The folder that the program starts in.'),
  timeoutMs: milliseconds
    .default(execDefaults.timeoutMs)
    .describe('One deadline over the run, in milliseconds; its process group is sent SIGTERM then.'),
  graceMs: milliseconds.default(execDefaults.graceMs).describe('From SIGTERM to SIGKILL, in milliseconds.'),
})

/**
 * Runs a program: exit code 0 passes, 1 is degraded, every other fails. The first line of its output is the detail.
 * Its whole process group ends with it, at the latest `graceMs` after the deadline; a run waits, within its own deadline,
 * for a program of an earlier run that is being ended.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function execProbe(options: ExecProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('execProbe', execProbeOptionsSchema, rest)
  const { file, args, workingFolder, timeoutMs, graceMs } = settings
  const env = { ...execDefaults.env, ...settings.env }
  const runOnce = programRunner({ file, args, env, workingFolder, graceMs, keptBytes: execDefaults.keptBytes, clock })
  return {
    type: 'exec',
    // Without the arguments: there may be a token among them.
    address: file,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `exec probe of ${file}`, timeoutMs, clock, signal }, async (run) =>
        // At the deadline there is time to clean up; whoever cancels wants nothing left.
        judgeProgram(await runOnce(run, { phase: 'the program was running', atOnce: () => signal?.aborted === true })),
      ),
  }
}
