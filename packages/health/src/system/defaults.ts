/** Where a number stops being well. */
interface DefaultLevels {
  readonly warnAt: number
  readonly failAt?: number
}

type Measured = 'cpu' | 'memory' | 'disk' | 'load' | 'pressure' | 'network' | 'eventLoop'

/** No `failAt` where a high number alone has never stopped a service. Each number with its reason. */
export const systemDefaults: Readonly<
  Record<'timeoutMs' | 'smartTimeoutMs' | 'sampleMs' | 'maxFileBytes', number> & Record<Measured, DefaultLevels>
> = Object.freeze({
  /** What /proc and /sys give comes within a millisecond; a rate takes `sampleMs` at first. */
  timeoutMs: 2_000,
  /** smartctl asks the disk itself, and a disk that retries takes seconds. */
  smartTimeoutMs: 10_000,
  /** The first rate is taken over this; some 25 of the kernel's ticks. */
  sampleMs: 250,
  /** More than any file of /proc that is read here has, on a machine with a thousand processors. */
  maxFileBytes: 1_048_576,
  /** Nothing left for a peak. */
  cpu: { warnAt: 0.95 },
  /** Of what is not cache; beyond it the kernel begins to look for victims. */
  memory: { warnAt: 0.9 },
  /** Time to act before ext4's reserve of 5 % is reached; databases stop at a full disk. */
  disk: { warnAt: 0.85, failAt: 0.98 },
  /** Twice as many tasks as there are processors, over five minutes. */
  load: { warnAt: 2 },
  /** A quarter of the time some task stood waiting. */
  pressure: { warnAt: 0.25 },
  /** One packet in a thousand: a bad cable shows ten times that, a good one none. */
  network: { warnAt: 0.001 },
  /** A fifth of the default timeout of a probe: later, this process is itself what is slow. */
  eventLoop: { warnAt: 100 },
})
