import { type Clock, errorText, type Timer } from '@hotspare/core'
import type { Probe } from '@hotspare/health'
import type { Capture, CaptureOptions } from '@hotspare/vrrp/capture'
import type { AddressCheck } from './checks.ts'
import { shadowLimits } from './limits.ts'
import type { RouterReport, ShadowReport } from './report-types.ts'
import { RouterRecord, type WatchedInstance } from './router-record.ts'

export interface WatchOptions {
  readonly instances: readonly WatchedInstance[]
  readonly check: AddressCheck
  readonly probeEveryMs: number
  readonly ttlMs: number
  readonly clock: Clock
  readonly openCapture: (options: CaptureOptions) => Capture
  /** The addresses of this machine, which answers none of its own questions. */
  readonly ownAddresses: () => ReadonlySet<string>
  /** What an earlier run has found of a router. */
  readonly earlier: (instance: WatchedInstance) => RouterReport | undefined
  /** When that one ended, in milliseconds since the Unix epoch. */
  readonly earlierEnded: number
}

/** Asked about an address that nobody answers for, two such questions in a row are believed: one may be lost. */
const QUESTIONS = 2
/** Somebody who has answered none of so many questions has the address no more. */
const GONE_AFTER_QUESTIONS = 2.5
/** Nothing that is looked at changes faster, and routers are many. */
const LOOK_EVERY_MS = 50
/** Messages of other routers that are told of. */
const MAX_STRANGERS = 32

/** Runs the capture and the probes, and hands what they find to the records. It sends probes, and nothing else. */
export class ShadowWatch {
  readonly #options: WatchOptions
  readonly #records: readonly RouterRecord[]
  readonly #captures: readonly Capture[]
  readonly #probes: ReadonlyMap<string, Probe>
  readonly #running = new Set<string>()
  readonly #strangers = new Map<string, string>()
  readonly #lookedMs = new Map<string, number>()
  readonly #abort = new AbortController()
  #timer: Timer | undefined
  /** When the last questions went out, for each interface. */
  readonly #askedMs = new Map<string, number>()
  #pauseMs = 0
  #blindMs = 0
  /** Before that not everybody was asked often enough for silence to mean something. */
  #askedFromMs = 0
  /** Interfaces that are down, and since when. */
  readonly #blind = new Map<string, number>()
  #failure: string | undefined

  constructor(options: WatchOptions) {
    this.#options = options
    const { instances, check, clock, probeEveryMs, ttlMs, earlier, earlierEnded, openCapture } = options
    const offsetMs = clock.wallMs() - clock.monotonicMs()
    const rules = {
      ttlMs,
      goneAfterMs: GONE_AFTER_QUESTIONS * probeEveryMs,
      fall: check.probeFor ? 1 : QUESTIONS,
      // One offset for all of a run: durations stay what they were when the clock is set.
      toWallMs: (monotonicMs: number) => monotonicMs + offsetMs,
    }
    this.#records = instances.map((instance) => new RouterRecord(instance, rules, earlier(instance), earlierEnded))
    const addresses = this.#records.flatMap((record) => record.addresses)
    const { probeFor } = check
    this.#probes = new Map(probeFor ? addresses.map((address) => [address, probeFor(address)]) : [])
    const links = [...new Set(instances.map((instance) => instance.interface))]
    this.#captures = links.map((link) => {
      const here = this.#records.filter(({ instance }) => instance.interface === link)
      return openCapture({
        interface: link,
        addresses: here.flatMap((record) => record.addresses),
        clock,
        onHeard: ({ heard, atMs }) => {
          if (heard.type === 'claim') for (const record of here) record.heard(heard, atMs)
          else if (heard.type === 'advert') this.#advert(link, here, heard, atMs)
        },
        onRead: (untilMs) => this.#look(link, here, untilMs),
      })
    })
  }

  /** @throws what the capture throws: `HOTSPARE_VRRP_PERMISSION` above all */
  async start(): Promise<void> {
    for (const capture of this.#captures) await capture.start()
    this.#ask()
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#abort.abort('the watch ends')
    for (const capture of this.#captures) await capture.stop()
  }

  routers(): readonly RouterReport[] {
    const nowMs = this.#options.clock.monotonicMs()
    return this.#records.map((record) => record.report(nowMs))
  }

  observer(): ShadowReport['observer'] {
    const drops = this.#captures.reduce((all, capture) => all + capture.drops(), 0)
    return { framesDropped: drops, longestPauseMs: Math.round(this.#pauseMs), blindMs: Math.round(this.#blindMs) }
  }

  /** What is worth knowing of the watch itself. */
  notes(): readonly string[] {
    const failure = this.#failure === undefined ? [] : [`An address could not be asked for: ${this.#failure}`]
    return [...this.#strangers.values(), ...failure]
  }

  #advert(
    link: string,
    here: readonly RouterRecord[],
    heard: Parameters<RouterRecord['heard']>[0] & { readonly type: 'advert' },
    atMs: number,
  ): void {
    const { routerId, family, source } = heard.advert
    const own = here.filter(({ instance }) => instance.routerId === routerId && instance.family === family)
    for (const record of own) record.heard(heard, atMs)
    if (own.length > 0 || this.#strangers.size >= MAX_STRANGERS) return
    this.#strangers.set(
      `${link} ${routerId} ${family}`,
      `${source} speaks for virtual router ${routerId} on ${link}, which the file does not have.`,
    )
  }

  #look(link: string, here: readonly RouterRecord[], untilMs: number): void {
    const before = this.#lookedMs.get(link)
    if (before !== undefined && untilMs - before < LOOK_EVERY_MS) return
    if (before !== undefined && untilMs - before > shadowLimits.pauseMs) {
      this.#pauseMs = Math.max(this.#pauseMs, untilMs - before)
      this.#askedFromMs = untilMs + GONE_AFTER_QUESTIONS * this.#options.probeEveryMs
    }
    this.#lookedMs.set(link, untilMs)
    if (this.#isBlind(link, here, untilMs)) return
    for (const record of here) record.looked(untilMs, untilMs >= this.#askedFromMs)
  }

  /** I may be the sick one: without a link, nobody else is silent. */
  #isBlind(link: string, here: readonly RouterRecord[], atMs: number): boolean {
    const capture = this.#captures.find((each) => each.interface === link)
    const since = this.#blind.get(link)
    if (capture?.isUp() === false) {
      if (since === undefined) {
        this.#blind.set(link, atMs)
        for (const record of here) record.lostSight(atMs)
      }
      return true
    }
    if (since === undefined) return false
    this.#blind.delete(link)
    this.#blindMs += atMs - since
    return false
  }

  /** Asks who has each address, again and again, and judges what the question before was answered with. */
  #ask(): void {
    const { clock, probeEveryMs, ownAddresses } = this.#options
    const nowMs = clock.monotonicMs()
    const own = ownAddresses()
    for (const record of this.#records) {
      const link = record.instance.interface
      const capture = this.#captures.find((each) => each.interface === link)
      if (this.#blind.has(link)) continue
      const askedMs = this.#askedMs.get(link)
      for (const address of record.addresses) {
        if (own.has(address) && capture) record.claimed(address, capture.hardware, nowMs)
        const probe = this.#probes.get(address)
        if (probe) void this.#probe(record, address, probe, nowMs)
        else if (askedMs !== undefined) record.checked(address, record.isHeldSince(address, askedMs), askedMs)
        this.#question(capture, address)
      }
    }
    for (const link of this.#captures.map((capture) => capture.interface)) {
      if (this.#blind.has(link)) this.#askedMs.delete(link)
      else this.#askedMs.set(link, nowMs)
    }
    this.#timer = clock.schedule(Math.max(1, probeEveryMs - (clock.monotonicMs() - nowMs)), () => this.#ask())
  }

  #question(capture: Capture | undefined, address: string): void {
    try {
      capture?.ask(address)
      this.#failure = undefined
    } catch (error) {
      // The link is down, say: it is tried again with the next question.
      this.#failure = errorText(error)
    }
  }

  async #probe(record: RouterRecord, address: string, probe: Probe, startMs: number): Promise<void> {
    if (this.#running.has(address)) return
    this.#running.add(address)
    try {
      const result = await probe.run({ signal: this.#abort.signal })
      // What says nothing of the address says nothing at all.
      if (this.#abort.signal.aborted || result.outcome === 'inconclusive' || this.#blind.has(record.instance.interface)) return
      record.checked(address, result.outcome !== 'fail', startMs)
    } catch {
      // A probe throws for misuse alone; the options were checked when it was made.
    } finally {
      this.#running.delete(address)
    }
  }
}
