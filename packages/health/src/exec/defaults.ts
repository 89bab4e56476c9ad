/** The limits of a program that is run as a check. Each number with its reason. */
export const execDefaults: {
  readonly timeoutMs: number
  readonly graceMs: number
  readonly env: Readonly<Record<string, string>>
  readonly workingFolder: string
  readonly keptBytes: number
  readonly maxOutputBytes: number
  readonly leftPipeMs: number
} = Object.freeze({
  /** A script starts an interpreter and often asks a server: more than a probe over the network, and less than anybody wants to wait. */
  timeoutMs: 5_000,
  /** Enough to remove a temporary file after SIGTERM. */
  graceMs: 1_000,
  /** Nothing is inherited: the daemon's environment holds secrets that a check has no business with. One language, so that outputs can be compared. */
  env: Object.freeze({ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }),
  /** A check must not depend on the folder that the daemon was started in. */
  workingFolder: '/',
  /** Kept of each of stdout and stderr, as Consul does: its first line is what people see. */
  keptBytes: 4_096,
  /** A program that writes more is broken, and is ended: reading and dropping its output would cost more than the check is worth. */
  maxOutputBytes: 1_048_576,
  /** How long output is waited for after the end of a program: only a process that left its group still holds the pipe then. */
  leftPipeMs: 100,
})
