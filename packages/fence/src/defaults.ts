/** How fence agents are run. Each number with its reason. */
export const agentDefaults: Readonly<
  Record<
    | 'offTimeoutMs'
    | 'askTimeoutMs'
    | 'attempts'
    | 'retryMs'
    | 'graceMs'
    | 'leftPipeMs'
    | 'keptCharacters'
    | 'maxOutputBytes'
    | 'metadataCharacters',
    number
  >
> = Object.freeze({
  /** Pacemaker's default for an action of a device: management controllers take several seconds, and cloud calls longer. */
  offTimeoutMs: 60_000,
  /** A question: log in, ask, log out. */
  askTimeoutMs: 20_000,
  /** A management controller drops a session now and then; whoever needs more is asked again by the engine. */
  attempts: 2,
  /** Some controllers allow one session at a time, and take a moment to end the last one. */
  retryMs: 1_000,
  /** Enough to log out of a management controller after SIGTERM; some have four sessions in all. */
  graceMs: 500,
  /** How long output is waited for after the end of an agent: only a process that has left its group still holds the pipe then. */
  leftPipeMs: 100,
  /** Kept of the end of each of stdout and stderr: the last line says what went wrong. */
  keptCharacters: 4_096,
  /** An agent that writes more is broken, and is ended. */
  maxOutputBytes: 1_048_576,
  /** The largest metadata in Debian 12 has some 40,000. */
  metadataCharacters: 262_144,
})

/** How a watchdog is petted. Each number with its reason; all in milliseconds. */
export const watchdogDefaults: Readonly<Record<'timeoutMs' | 'petMs' | 'marginMs', number>> = Object.freeze({
  /** SBD's default: short enough for a lease of ten seconds, and long enough for a machine that swaps. */
  timeoutMs: 5_000,
  /** A write to a device: it costs nothing. Five of them may be late or fail before a timeout of five seconds. */
  petMs: 1_000,
  /** How late the device may reset the machine: its own timer counts in seconds on many boards. */
  marginMs: 1_000,
})
