/** What the requests to one target have met within one interval. */
export interface WindowCounts {
  /** Answered well. */
  readonly successes: number
  /** Answered with a failure. */
  readonly failures: number
  /** Not answered at all: refused, torn down, timed out. */
  readonly localFailures: number
  /** Asked to come later (429): neither good nor bad. */
  readonly throttled: number
  /** How many good answers came with their time. */
  readonly timed: number
  /** The median time of those, in milliseconds. */
  readonly medianMs: number
}

/** From 0.1 ms on, eight steps to the doubling: a median is told to within 5 %, and 184 counters reach past ten minutes. */
const FINEST_MS = 0.1
const STEPS_PER_DOUBLING = 8
const STEPS = 184

/** The counters of one target: a fixed size, whatever the traffic. */
export class RequestWindow {
  successes = 0
  failures = 0
  localFailures = 0
  throttled = 0
  #timed = 0
  readonly #times = new Uint32Array(STEPS)

  /** Notes how long a good answer took. What is no time is left out. */
  timed(latencyMs: number): void {
    if (!(latencyMs >= 0 && latencyMs < Number.POSITIVE_INFINITY)) return
    const step = Math.round(STEPS_PER_DOUBLING * Math.log2(Math.max(latencyMs, FINEST_MS) / FINEST_MS))
    this.#times[Math.min(STEPS - 1, step)]! += 1
    this.#timed++
  }

  /** What has been counted; the counters then start anew. */
  take(): WindowCounts {
    const { successes, failures, localFailures, throttled } = this
    const counts = { successes, failures, localFailures, throttled, timed: this.#timed, medianMs: this.#medianMs() }
    this.successes = this.failures = this.localFailures = this.throttled = this.#timed = 0
    this.#times.fill(0)
    return counts
  }

  #medianMs(): number {
    let left = this.#timed / 2
    if (left === 0) return 0
    const step = this.#times.findIndex((count) => (left -= count) <= 0)
    return FINEST_MS * 2 ** (step / STEPS_PER_DOUBLING)
  }
}
