import { mix, prefixHash } from './client-prefix.ts'

export interface ResolvedRateLimit {
  /** Answers of one account to one network, a second. */
  readonly perSecond: number
  /** Of the answers above the limit, one in so many says "ask by TCP", and the others are not sent; 0: none is. */
  readonly slip: number
  /** How many networks and accounts are remembered. */
  readonly entries: number
}

/** What becomes of an answer. */
export type Admission = 'send' | 'slip' | 'drop'

/** Entries that are looked through for one: more than one network may fall into the same place. */
const WAYS = 4

/**
 * Response rate limiting: whoever is made to look like the sender of many questions gets few answers, and a real client that is behind
 * the limit gets through by TCP. Counted for a network (/24, /56) and what the answer is about, as Paul Vixie and Vernon Schryver
 * describe it and NSD and BIND do it. It takes a fixed amount of memory: what was not seen for longest is forgotten.
 */
export class RateLimit {
  readonly #options: ResolvedRateLimit
  readonly #seed: number
  readonly #mask: number
  readonly #keys: Int32Array
  readonly #tokens: Float64Array
  readonly #seenMs: Float64Array
  #limited = 0

  /** @param seed any number, hard to guess */
  constructor(options: ResolvedRateLimit, seed: number) {
    this.#options = options
    this.#seed = seed | 0
    const entries = 2 ** Math.ceil(Math.log2(Math.max(WAYS, options.entries)))
    this.#mask = entries - WAYS
    this.#keys = new Int32Array(entries)
    this.#tokens = new Float64Array(entries)
    this.#seenMs = new Float64Array(entries).fill(-Infinity)
  }

  /**
   * Counts an answer.
   *
   * @param address of the client, as the kernel writes it
   * @param account what the answer is about
   */
  admit(address: string, account: number, nowMs: number): Admission {
    const { perSecond, slip } = this.#options
    const key = mix(prefixHash(address, this.#seed), account)
    const place = this.#placeOf(key)
    const idleMs = nowMs - this.#seenMs[place]!
    const isKnown = this.#keys[place] === key && idleMs !== Infinity
    // A second's worth at once.
    const tokens = isKnown ? Math.min(perSecond, this.#tokens[place]! + (idleMs * perSecond) / 1_000) : perSecond
    this.#keys[place] = key
    this.#seenMs[place] = nowMs
    if (tokens >= 1) {
      this.#tokens[place] = tokens - 1
      return 'send'
    }
    this.#tokens[place] = tokens
    if (slip === 0) return 'drop'
    this.#limited = (this.#limited + 1) % slip
    return this.#limited === 0 ? 'slip' : 'drop'
  }

  #placeOf(key: number): number {
    const first = (key ^ (key >>> 16)) & this.#mask & ~(WAYS - 1)
    let oldest = first
    for (let place = first; place < first + WAYS; place++) {
      if (this.#keys[place] === key) return place
      if (this.#seenMs[place]! < this.#seenMs[oldest]!) oldest = place
    }
    return oldest
  }
}
