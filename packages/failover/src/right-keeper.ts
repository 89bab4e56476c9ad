import { type Clock, errorText, type Verdict } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import type { LeaseStanding } from './facts.ts'
import { engineDefaults } from './defaults.ts'
import type { GrantedRight, LeaseNews, LeasePort } from './ports.ts'

export interface RightKeeperOptions {
  /** This node, as the arbiter has it for a holder. */
  readonly node: string
  readonly lease: LeasePort
  readonly clock: Clock
  readonly changed: () => void
}

/** The node that is to have the right next, and has said that it could. */
export interface Heir {
  readonly node: string
  readonly invitation: unknown
  /** How old the invitation may be, in milliseconds. */
  readonly ageMs: number
}

/** Keeps the right of one service while there is one, and what is known about the others'. */
export class RightKeeper {
  readonly #options: RightKeeperOptions
  #right: GrantedRight | undefined
  #holder: string | null | undefined
  #token = 0
  #arbiterAnswers = true
  #handedTo: { readonly node: string; readonly untilMs: number } | undefined
  /** What the heir has to be given. */
  #handover: unknown
  #unsubscribe: (() => void) | undefined
  /** Called when somebody else turns out to have it. */
  #lostRace: (() => void) | undefined

  constructor(options: RightKeeperOptions) {
    this.#options = options
  }

  get right(): GrantedRight | undefined {
    return this.#right
  }

  /** By the arbiter's last word; undefined before that. */
  get holder(): string | null | undefined {
    return this.#holder
  }

  /** Of the last right that the arbiter has shown; 0 before that. */
  get token(): number {
    return this.#token
  }

  get arbiterAnswers(): boolean {
    return this.#arbiterAnswers
  }

  verdict(): Verdict<LeaseStanding> {
    const verdict = this.#options.lease.verdict()
    const handedTo = this.#handedTo
    // The register shows it within a poll; until then, "free" is what was true before.
    if (!handedTo || verdict.state !== 'free' || this.#options.clock.monotonicMs() >= handedTo.untilMs) return verdict
    return { state: 'elsewhere', since: verdict.since, because: `${handedTo.node} has just taken it over` }
  }

  /** Another node has told us that it took the lease over, in a plan of ours. */
  handedTo(node: string): void {
    const { clock, lease } = this.#options
    this.#holder = node
    this.#handedTo = { node, untilMs: clock.monotonicMs() + engineDefaults.handedOverMs }
    lease.look()
  }

  start(): void {
    this.#unsubscribe ??= this.#options.lease.subscribe((news) => this.#hear(news))
    this.#options.lease.start()
  }

  async stop(): Promise<void> {
    await this.#options.lease.stop()
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  /**
   * Waits until the lease is ours, or somebody else's, or `signal` aborts.
   *
   * @param handover what the former holder has handed over, if it has
   */
  async take(signal: AbortSignal, handover?: unknown): Promise<Outcome> {
    const { lease } = this.#options
    if (this.#right) return { ok: true, detail: `token ${this.#right.token}, held already` }
    const race = new AbortController()
    try {
      const granted = lease.acquire({ signal: AbortSignal.any([signal, race.signal]), handover })
      this.#lostRace = () => race.abort(new Error(`${this.#holder ?? 'somebody'} has it`))
      lease.look()
      const right = await granted
      this.#keep(right)
      return { ok: true, detail: `token ${right.token}` }
    } catch (error) {
      return { ok: false, because: `the lease could not be had: ${errorText(error)}`, retryable: true }
    } finally {
      this.#lostRace = undefined
    }
  }

  /** For a successor's `take`, once; undefined when there is nothing of the kind. */
  takeHandover(): unknown {
    const handover = this.#handover
    this.#handover = undefined
    return handover
  }

  /** Hands it over to the heir, or gives it back to the arbiter; there is nothing to give where there is no right. */
  async give(signal: AbortSignal, heir?: Heir): Promise<Outcome> {
    const right = this.#right
    if (!right) return { ok: true, detail: 'there was no right to give back' }
    this.#handover = heir && (await right.handOver?.(heir.invitation, heir))
    this.#right = undefined
    if (heir && this.#handover !== undefined) return { ok: true, detail: `it is handed over to ${heir.node} directly` }
    const confirmed = await right.release({ signal }).catch(() => false)
    if (confirmed) return { ok: true, detail: 'the arbiter has confirmed it' }
    return { ok: false, because: 'the arbiter has not confirmed it: others wait until it has run out', retryable: true }
  }

  /** For whoever has the right now; undefined where the lease knows no invitations. */
  invite(): unknown {
    return this.#right ? undefined : this.#options.lease.invite?.()
  }

  #keep(right: GrantedRight): void {
    this.#right = right
    const gone = () => {
      if (this.#right === right) this.#right = undefined
      this.#options.changed()
    }
    right.signal.addEventListener('abort', gone, { once: true })
    if (right.signal.aborted) gone()
  }

  #hear(news: LeaseNews): void {
    if (news.type === 'register-unreachable') this.#arbiterAnswers = false
    if (news.type === 'register-reachable') this.#arbiterAnswers = true
    if (news.type === 'lease-holder-changed') {
      this.#holder = news.holder ?? null
      this.#token = Math.max(this.#token, news.token ?? 0)
      // The arbiter's own word, and a later one.
      this.#handedTo = undefined
      if (news.holder && news.holder !== this.#options.node) this.#lostRace?.()
    }
    this.#options.changed()
  }
}
