import type { Clock } from '@hotspare/core'

/** The time of day as messages have it (RFC 9110, 5.6.7); its text is made once a second. */
export class HttpDate {
  readonly #clock: Clock
  #second = Number.NaN
  #text = ''

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): string {
    const second = Math.floor(this.#clock.wallMs() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = new Date(second * 1_000).toUTCString()
    }
    return this.#text
  }
}
