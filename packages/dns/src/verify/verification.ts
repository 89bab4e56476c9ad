import { abortReason, Emitter, sleep } from '@hotspare/core'
import type { Ask, Asked } from './answer.ts'
import { beginBoard, type Board, observe, type Place, placeText, reportOf, standingOf, tally, type Tally } from './board.ts'
import { verifyDefaults } from './defaults.ts'
import type { VerifyEvent } from './events.ts'
import { type Delegation, findNameServers } from './name-servers.ts'
import type { ResolvedVerifyOptions } from './options.ts'
import { makeReport, missingOf, type ServedReport } from './report.ts'

/** One verification: owns the questions under way, and the board. */
export class Verification {
  readonly #options: ResolvedVerifyOptions
  readonly #appliedAtMs: number
  /** Ends everything: the budget is over, or the caller has given up. */
  readonly #signal: AbortSignal
  readonly #events: Emitter<VerifyEvent>
  #delegation: Delegation | undefined
  #places: readonly Place[] = []
  #board: Board
  readonly #told = new Set<Place>()

  constructor(options: ResolvedVerifyOptions, appliedAtMs: number, signal: AbortSignal) {
    this.#options = options
    this.#appliedAtMs = appliedAtMs
    this.#signal = signal
    this.#board = beginBoard(options, [])
    this.#events = new Emitter({ logger: options.logger })
    if (options.onEvent) this.#events.subscribe(options.onEvent)
  }

  /** Returns when all serve it; rejects with the reason of the signal. */
  async run(): Promise<void> {
    this.#places = await this.#findPlaces()
    this.#board = beginBoard(this.#options, this.#places)
    const asked = await Promise.all(this.#places.map((place) => this.#follow(place)))
    if (asked.every((times) => times === 1)) return
    // Who served it first may have turned away while the last was waited for: the end is one round in which all do.
    for (const pauseMs of growingPauses()) {
      await Promise.all(this.#places.map((place) => this.#askOnce(place)))
      const lapsed = this.#places.filter((place) => this.#isAwaited(place))
      if (lapsed.length === 0) return
      await sleep(pauseMs, { clock: this.#options.clock, signal: this.#signal })
      await Promise.all(lapsed.map((place) => this.#follow(place)))
    }
  }

  finish(tookMs: number): ServedReport {
    const report = makeReport(this.#board, this.#delegation, this.#appliedAtMs, tookMs)
    const { stage, servers } = report
    if (stage === 'converged') this.#events.emit({ type: 'dns-converged', ...this.#base(report), tookMs })
    else this.#events.emit({ type: 'dns-overdue', ...this.#base(report), budgetMs: this.#options.budgetMs, missing: missingOf(servers) })
    return report
  }

  async #findPlaces(): Promise<readonly Place[]> {
    const { servers, zone, ask, resolvers, parent, port } = this.#options
    if (servers) return servers.map((server) => ({ ...server, from: 'option' as const }))
    this.#delegation = await findNameServers({ zone, ask, resolvers, parent, port }, { signal: this.#signal })
    return this.#delegation.places
  }

  /** Asks one place until it serves the set. @returns how often it was asked */
  async #follow(place: Place): Promise<number> {
    let asked = 0
    for (const pauseMs of growingPauses()) {
      await this.#askOnce(place)
      asked++
      if (!this.#isAwaited(place)) break
      await sleep(pauseMs, { clock: this.#options.clock, signal: this.#signal })
    }
    return asked
  }

  async #askOnce(place: Place): Promise<void> {
    const { zone, set, ask, clock } = this.#options
    const sentAtMs = clock.monotonicMs()
    const [answer, soa] = await Promise.all([this.#put(ask, place, set.name, set.type), this.#put(ask, place, zone, 'SOA')])
    // An answer that comes after the end is nobody's any more.
    if (this.#signal.aborted) throw abortReason(this.#signal)
    this.#board = observe(this.#board, place, { set: answer, soa, sentAtMs, atMs: clock.monotonicMs() })
    this.#tell(place)
  }

  #put(ask: Ask, server: Place, name: string, type: string): Promise<Asked> {
    return ask({ server, name, type }, { signal: this.#signal })
  }

  #serves(place: Place): boolean {
    return standingOf(this.#board, place).state === 'serves'
  }

  /** Who cannot be reached from here, and need not be, is not waited for. */
  #isAwaited(place: Place): boolean {
    return !this.#serves(place) && (reportOf(this.#board, this.#appliedAtMs)[this.#places.indexOf(place)]?.counted ?? true)
  }

  /** Each server once, however often it turns away and comes back. */
  #tell(place: Place): void {
    if (!this.#serves(place) || this.#told.has(place)) return
    this.#told.add(place)
    const servers = reportOf(this.#board, this.#appliedAtMs)
    const lagMs = servers[this.#places.indexOf(place)]?.lagMs ?? 0
    this.#events.emit({ type: 'dns-served', ...this.#base(tally(servers)), server: placeText(place), lagMs })
  }

  #base({ serving, of }: Tally) {
    const { zone, set, clock } = this.#options
    return { at: clock.wallMs(), zone, name: set.name, recordType: set.type, serving, of }
  }
}

/** Without an end: the budget is one. */
function* growingPauses(): Generator<number> {
  const { firstPauseMs, pauseGrowth, longestPauseMs } = verifyDefaults
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * pauseGrowth)) yield pauseMs
}
