import { type Clock, errorText, type Timer } from '@hotspare/core'
import { type AnnounceSchedule, nextAnnouncementMs } from './announce-schedule.ts'
import type { Wire } from './driver.ts'

export interface AnnouncerOptions {
  readonly clock: Clock
  readonly schedule: AnnounceSchedule
  /** The shortest pause between two defences. */
  readonly defendIntervalMs: number
  /** Asked right before each round: a process that was stopped must not speak for an address that has moved. */
  readonly mayAnnounce: () => boolean
  readonly onFailure: (because: string) => void
}

/** Tells the network who has the address: after a claim, from time to time, and when somebody else claims it. */
export class Announcer {
  readonly #options: AnnouncerOptions
  #wire: Wire | undefined
  #claimedAtMs = 0
  #timer: Timer | undefined
  #defence: Timer | undefined
  #defendedAtMs = -Infinity

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#wire !== undefined
  }

  /** Announces once now, and goes on by the schedule. */
  start(wire: Wire): void {
    this.stop()
    this.#wire = wire
    this.#claimedAtMs = this.#options.clock.monotonicMs()
    this.#announce()
    this.#scheduleNext()
  }

  /**
   * Answers a foreign claim: at once, or at the end of the interval since the last time, so that the last word is ours.
   *
   * @returns false when an answer is due already
   */
  defend(): boolean {
    const { clock, defendIntervalMs } = this.#options
    if (!this.#wire || this.#defence) return false
    const waitMs = Math.max(0, this.#defendedAtMs + defendIntervalMs - clock.monotonicMs())
    const answer = () => {
      this.#defence = undefined
      this.#defendedAtMs = clock.monotonicMs()
      this.#announce()
    }
    if (waitMs === 0) answer()
    else this.#defence = clock.schedule(waitMs, answer)
    return true
  }

  stop(): void {
    this.#timer?.cancel()
    this.#defence?.cancel()
    this.#timer = this.#defence = this.#wire = undefined
  }

  #scheduleNext(): void {
    const { clock, schedule } = this.#options
    const sinceMs = clock.monotonicMs() - this.#claimedAtMs
    this.#timer = clock.schedule(nextAnnouncementMs(schedule, sinceMs) - sinceMs, () => {
      this.#announce()
      this.#scheduleNext()
    })
  }

  #announce(): void {
    if (!this.#wire || !this.#options.mayAnnounce()) return
    try {
      this.#wire.announce()
    } catch (error) {
      // A link that is down for a moment: the schedule goes on.
      this.#options.onFailure(errorText(error))
    }
  }
}
