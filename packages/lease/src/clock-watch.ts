import type { Clock } from '@hotspare/core'
import { leaseDefaults } from './defaults.ts'
import { type ClockFindings, type ClockMarks, type ClockReading, type GapLimits, lookAtClocks, startMarks } from './gap.ts'

export interface ClockWatchOptions {
  readonly clock: Clock
  readonly bootMs: () => number
  readonly limits: GapLimits
}

/** Reads the clocks of this machine, and keeps what they are compared with. */
export class ClockWatch {
  readonly #options: ClockWatchOptions
  #marks: ClockMarks

  constructor(options: ClockWatchOptions) {
    this.#options = options
    this.#marks = startMarks(this.#read())
  }

  /** The reading that was looked at last. */
  get last(): ClockReading {
    return this.#marks.last
  }

  /** Begins anew: what lies before does not matter. */
  restart(): void {
    this.#marks = startMarks(this.#read())
  }

  look(): ClockFindings {
    const findings = this.peek()
    this.#marks = findings.marks
    return findings
  }

  /** What a look would find. */
  peek(): ClockFindings {
    return lookAtClocks(this.#marks, this.#read(), this.#options.limits)
  }

  /** What began at that reading has proven our right: jumps count from there on. */
  proves(reading: ClockReading): void {
    this.#marks = { ...this.#marks, proven: reading }
  }

  /** All clocks at one moment, as well as that can be had: being interrupted in between would look like a jump. */
  #read(): ClockReading {
    const { clock, bootMs } = this.#options
    for (let reading = 1; ; reading++) {
      const beganMs = clock.monotonicMs()
      const [wall, boot] = [clock.wallMs(), bootMs()]
      const monotonicMs = clock.monotonicMs()
      if (monotonicMs - beganMs <= leaseDefaults.readingMs || reading >= leaseDefaults.readings) {
        return { monotonicMs, wallMs: wall, bootMs: boot }
      }
    }
  }
}
