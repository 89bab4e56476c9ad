/** That many at once: whoever leaves a page takes back all that it has asked for. Below the 1,000 at which nghttp2 itself breaks off. */
const BURST = 500
/** And as many a second in the long run; as nghttp2. */
const PER_SECOND = 33

/**
 * How many streams of one connection may end before they were answered. To open and to reset them costs a client next to
 * nothing, and us a request each (CVE-2023-44487, CVE-2025-8671).
 */
export class ResetAllowance {
  #left = BURST
  #atMs: number

  /** @param nowMs monotonic, as in `spend` */
  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  /** @returns false where there is none left: the connection has to go */
  spend(nowMs: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#atMs) * PER_SECOND) / 1_000) - 1
    this.#atMs = nowMs
    return this.#left >= 0
  }
}
