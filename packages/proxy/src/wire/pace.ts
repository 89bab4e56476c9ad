/**
 * How long a client may still be waited for within one body, all waits together: a grace, and a share for each byte that
 * has come. With a limit on silence alone, a byte now and then would hold a request for days.
 *
 * (As `MinRate` of Apache's mod_reqtimeout, and the data rates of Kestrel.)
 */
export class Pace {
  readonly #msPerByte: number
  #leftMs: number

  /** @param bytesPerSecond 0 lets the client take any time */
  constructor(graceMs: number, bytesPerSecond: number) {
    this.#msPerByte = 1_000 / bytesPerSecond
    this.#leftMs = graceMs
  }

  /** The client was waited for, and then so much of the body came. */
  came(bytes: number, waitedMs: number): void {
    this.#leftMs += bytes * this.#msPerByte - waitedMs
  }

  get leftMs(): number {
    return this.#msPerByte === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(0, this.#leftMs)
  }
}
