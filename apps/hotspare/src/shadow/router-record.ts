import { assertNever } from '@hotspare/core'
import { followAdvert, followSilence, initialRouter, type FollowEvent, type FollowStep, type Heard, type RouterState } from '@hotspare/vrrp'
import type { KeepalivedInstance } from '@hotspare/vrrp/keepalived'
import { type HolderEvent, holderSeen, holdersLooked, type HoldersState, type HoldersStep, noHolders } from './holders.ts'
import { IncidentLog } from './incident-log.ts'
import { checked, noOutage, type OutageState } from './outages.ts'
import { Tenures } from './tenures.ts'
import { NO_TOTALS, sumTotals } from './totals.ts'
import type { RouterReport, RouterTotals, Stretch } from './report-types.ts'

/** An instance whose interface and number are known. */
export interface WatchedInstance extends KeepalivedInstance {
  readonly interface: string
  readonly routerId: number
}

export interface RecordRules {
  readonly ttlMs: number
  /** An address that was not claimed for so long has no holder. */
  readonly goneAfterMs: number
  /** Checks in a row that must fail. */
  readonly fall: number
  /** What a monotonic time of this run is since the Unix epoch. */
  readonly toWallMs: (monotonicMs: number) => number
}

/**
 * Everything that is recorded of one virtual router: takes news in, gives its part of the report out. No clock and no I/O; times that come
 * in are monotonic.
 */
export class RouterRecord {
  readonly instance: WatchedInstance
  readonly #rules: RecordRules
  readonly #log: IncidentLog
  readonly #masters: Tenures
  readonly #holders: Tenures
  readonly #earlier: RouterTotals
  readonly #addresses = new Map<string, { holders: HoldersState; outage: OutageState }>()
  #state: RouterState = initialRouter()
  #isOverlapping = false
  /** Stretches of this run, so that the totals do not shrink when incidents are forgotten. */
  readonly #sums = { takeovers: 0, twoMastersMs: 0, twoHoldersMs: 0, outageMs: 0, probes: 0, probesFailed: 0 }
  readonly #common = new Map<string, { fromMs: number; toMs: number }>()

  constructor(instance: WatchedInstance, rules: RecordRules, earlier?: RouterReport, endedAt = 0) {
    this.instance = instance
    this.#rules = rules
    this.#log = new IncidentLog({ ttlMs: rules.ttlMs, advertMs: instance.advertMs }, earlier?.incidents, endedAt)
    this.#masters = new Tenures(earlier?.masters ?? [], endedAt)
    this.#holders = new Tenures(earlier?.holders ?? [], endedAt)
    this.#earlier = earlier?.totals ?? NO_TOTALS
    for (const { address } of instance.addresses) this.#addresses.set(address, { holders: noHolders, outage: noOutage })
  }

  get addresses(): readonly string[] {
    return [...this.#addresses.keys()]
  }

  /** @param atMs when it was heard; in the order of time */
  heard(heard: Heard, atMs: number): void {
    if (heard.type === 'advert') this.#follow(followAdvert(this.#state, heard, atMs, this.#followRules()))
    else if (heard.type === 'claim') this.claimed(heard.address, heard.hardware, atMs)
  }

  /** Somebody has the address: a claim was heard, or it is on this machine. */
  claimed(address: string, hardware: string, atMs: number): void {
    const known = this.#addresses.get(address)
    if (known) this.#hold(address, holderSeen(known.holders, hardware, atMs))
  }

  /** Whether anybody has claimed the address since then. */
  isHeldSince(address: string, sinceMs: number): boolean {
    return this.#addresses.get(address)?.holders.holders.some(({ lastMs }) => lastMs >= sinceMs) ?? false
  }

  checked(address: string, ok: boolean, startMs: number): void {
    const known = this.#addresses.get(address)
    if (!known) return
    this.#sums.probes++
    if (!ok) this.#sums.probesFailed++
    const { state, event } = checked(known.outage, ok, startMs, this.#rules.fall)
    this.#addresses.set(address, { ...known, outage: state })
    if (!event) return
    const from = this.#wall(event.fromMs)
    if (event.type === 'outage-ended') this.#sums.outageMs += event.atMs - event.fromMs
    this.#log.outage(this.#wall(event.atMs), { from, to: event.type === 'outage-ended' ? this.#wall(event.atMs) : null }, address)
  }

  /**
   * This machine hears nothing any more, through no fault of others: what was known is known no longer, and what follows begins anew.
   *
   * @param atMs up to when it heard
   */
  lostSight(atMs: number): void {
    const at = this.#wall(atMs)
    for (const { source } of this.#state.speakers) this.#masters.end(source, '', at)
    if (this.#state.overlap) this.#sums.twoMastersMs += this.#state.overlap.toMs - this.#state.overlap.fromMs
    const { adverts, lost, refused } = this.#state
    this.#state = { ...initialRouter(), adverts, lost, refused }
    this.#isOverlapping = false
    for (const [address, { holders, outage }] of this.#addresses) {
      for (const { hardware } of holders.holders) this.#holders.end(hardware, address, at)
      const common = this.#common.get(address)
      if (common) this.#sums.twoHoldersMs += common.toMs - common.fromMs
      this.#common.delete(address)
      if (outage.sinceMs !== undefined) this.#sums.outageMs += atMs - outage.sinceMs
      this.#addresses.set(address, { holders: noHolders, outage: noOutage })
    }
    this.#log.lostSight(at)
  }

  /**
   * Everything up to then was heard: looks who has fallen silent, and what is over.
   *
   * @param wereAsked whether those who have an address were asked all the time, so that silence means that they have it no longer
   */
  looked(untilMs: number, wereAsked: boolean): void {
    this.#follow(followSilence(this.#state, untilMs, this.#followRules()))
    if (wereAsked) this.#lookAtHolders(untilMs)
    const states = [...this.#addresses.values()]
    this.#log.look(this.#wall(untilMs), {
      twoMasters: this.#isOverlapping,
      twoHolders: states.some(({ holders }) => holders.holders.length > 1),
      outage: states.some(({ outage }) => outage.sinceMs !== undefined),
      nobody: this.#state.speakers.length === 0 && this.#state.former !== undefined,
    })
  }

  report(nowMs: number): RouterReport {
    const { name, routerId, family, version, priority, advertMs, downAdverts } = this.instance
    const ongoing = [...this.#addresses.values()].reduce(
      (all, { outage }) => all + (outage.sinceMs === undefined ? 0 : nowMs - outage.sinceMs),
      0,
    )
    const common = [...this.#common.values()].reduce((all, { fromMs, toMs }) => all + toMs - fromMs, 0)
    const overlap = this.#state.overlap
    const masters = overlap ? overlap.toMs - overlap.fromMs : 0
    const { takeovers, twoMastersMs, twoHoldersMs, outageMs, probes, probesFailed } = this.#sums
    const totals = sumTotals(this.#earlier, {
      adverts: this.#state.adverts,
      advertsLost: this.#state.lost,
      advertsRefused: this.#state.refused,
      takeovers,
      incidents: 0,
      twoMastersMs: twoMastersMs + masters,
      twoHoldersMs: twoHoldersMs + common,
      outageMs: outageMs + ongoing,
      probes,
      probesFailed,
    })
    return {
      name,
      interface: this.instance.interface,
      routerId,
      family,
      version,
      priority,
      advertMs,
      downAdverts,
      addresses: this.addresses,
      totals: { ...totals, incidents: this.#log.count() },
      masters: this.#masters.all(),
      holders: this.#holders.all(),
      incidents: this.#log.incidents(),
    }
  }

  #lookAtHolders(untilMs: number): void {
    for (const [address, { holders }] of this.#addresses) this.#hold(address, holdersLooked(holders, untilMs, this.#rules.goneAfterMs))
  }

  #followRules(): { readonly downAdverts: number } {
    return { downAdverts: this.instance.downAdverts }
  }

  #follow(step: FollowStep): void {
    this.#state = step.state
    for (const event of step.events) this.#note(event)
  }

  #note(event: FollowEvent): void {
    const at = this.#wall(event.atMs)
    switch (event.type) {
      case 'master-appeared': {
        const { after, source } = event
        if (after && after.source !== source) this.#sums.takeovers++
        this.#masters.begin(source, '', at)
        return this.#log.masterAppeared(at, source, after && { source: after.source, at: this.#wall(after.lastMs), how: after.how })
      }
      case 'master-ended':
        this.#masters.end(event.source, '', this.#wall(event.lastMs))
        return this.#log.masterEnded(
          at,
          { source: event.source, lastAt: this.#wall(event.lastMs), how: event.how },
          this.#state.speakers[0]?.source ?? null,
        )
      case 'masters-overlap':
        this.#isOverlapping = true
        return this.#log.twoMasters(at, { from: this.#wall(event.fromMs), to: null }, event.sources)
      case 'masters-parted':
        this.#isOverlapping = false
        this.#sums.twoMastersMs += event.toMs - event.fromMs
        return this.#log.twoMasters(at, { from: this.#wall(event.fromMs), to: this.#wall(event.toMs) }, event.sources)
      case 'adverts-lost':
        return this.#log.advertsLost(at, event.source, event.count, event.gapMs)
      case 'priority-changed':
        return this.#log.priorityChanged(at, event.source, event.from, event.to)
      default:
        return assertNever(event)
    }
  }

  #hold(address: string, { state, events }: HoldersStep): void {
    const known = this.#addresses.get(address)
    if (known) this.#addresses.set(address, { ...known, holders: state })
    for (const event of events) this.#noteHolder(address, event)
  }

  #noteHolder(address: string, event: HolderEvent): void {
    switch (event.type) {
      case 'holder-appeared':
        return this.#holders.begin(event.hardware, address, this.#wall(event.atMs))
      case 'holder-gone': {
        this.#holders.end(event.hardware, address, this.#wall(event.lastMs))
        const common = this.#common.get(address)
        if (common) this.#sums.twoHoldersMs += common.toMs - common.fromMs
        this.#common.delete(address)
        return this.#log.holdersParted(this.#wall(event.lastMs), address, event.hardware)
      }
      case 'two-holders': {
        const fromMs = this.#common.get(address)?.fromMs ?? event.fromMs
        this.#common.set(address, { fromMs, toMs: event.toMs })
        const stretch: Stretch = { from: this.#wall(fromMs), to: this.#wall(event.toMs) }
        return this.#log.twoHolders(stretch.to ?? stretch.from, stretch, address, event.hardwares)
      }
      default:
        return assertNever(event)
    }
  }

  #wall(monotonicMs: number): number {
    return Math.round(this.#rules.toWallMs(monotonicMs))
  }
}
