import type { Ending } from '@hotspare/vrrp'
import { formatDuration } from '@hotspare/core'
import { shadowLimits } from './limits.ts'
import { type Draft, finished, type IncidentRules } from './incident-draft.ts'
import type { Incident, IncidentEvent, Stretch } from './report-types.ts'

/** What goes on at this moment that keeps an incident open. */
export interface Unrest {
  readonly twoMasters: boolean
  readonly twoHolders: boolean
  readonly outage: boolean
  readonly nobody: boolean
}

/**
 * Puts together what belongs together: from the first thing that was not as it should be to when nothing of it is left and all was quiet
 * for a while. No clock and no I/O: whoever calls says when it was.
 */
export class IncidentLog {
  readonly #rules: IncidentRules
  readonly #closed: Incident[]
  #isUnrest = false
  #open: Draft | undefined
  #nextId: number
  /** A priority that fell: alone it is nothing, and it may be why another one takes over. */
  #demotion: IncidentEvent | undefined

  /** @param earlier what an earlier run has left; what was open then has ended with it */
  constructor(rules: IncidentRules, earlier: readonly Incident[] = [], endedAt = 0) {
    this.#rules = rules
    this.#closed = earlier.map((each) => (each.to === null ? endedWithRun(each, endedAt) : each))
    this.#nextId = Math.max(0, ...earlier.map(({ id }) => id)) + 1
  }

  /** @param left somebody who still speaks as master; null when nobody does */
  masterEnded(at: number, ended: { readonly source: string; readonly lastAt: number; readonly how: Ending }, left: string | null): void {
    const { source, lastAt, how } = ended
    // It began with the silence, and not when that was noticed.
    const draft = this.#draft(how === 'silent' ? lastAt : at, source)
    draft.ending ??= how
    if (left !== null) draft.after = left
    const said = { resigned: 'says that it resigns', yielded: 'yields to another master', silent: 'is not heard any more' }[how]
    this.#tell(draft, at, `${source} ${said}`)
  }

  masterAppeared(
    at: number,
    source: string,
    after: { readonly source: string; readonly at: number; readonly how: Ending | 'preempted' } | undefined,
  ): void {
    // The first one that is ever heard is no incident.
    if (!after && !this.#open) return
    const draft = this.#draft(at, after?.source ?? null)
    draft.after = source
    if (after && after.source !== source) {
      // While the one before still spoke, there was nothing to wait for.
      if (after.how !== 'preempted') draft.takeoverMs ??= Math.max(0, at - after.at)
      draft.ending ??= after.how
    }
    this.#tell(
      draft,
      at,
      `${source} speaks as master${after ? `, ${formatDuration(at - after.at)} after the last advert of ${after.source}` : ''}`,
    )
  }

  priorityChanged(at: number, source: string, from: number, to: number): void {
    const text = `${source} changes its priority from ${from} to ${to}`
    if (to < from) this.#demotion = { at, text }
    if (!this.#open) return
    this.#open.wasDemoted ||= to < from
    this.#tell(this.#open, at, text)
  }

  advertsLost(at: number, source: string, count: number, gapMs: number): void {
    const draft = this.#draft(at - gapMs, source)
    draft.advertsLost += count
    draft.longestGapMs = Math.max(draft.longestGapMs, gapMs)
    this.#tell(draft, at, `${count} ${count === 1 ? 'advert' : 'adverts'} of ${source} did not come: a gap of ${formatDuration(gapMs)}`)
  }

  /** Two masters spoke: told again as it lasts, and at its end. */
  twoMasters(at: number, stretch: Stretch, sources: readonly string[]): void {
    const draft = this.#draft(stretch.from, sources[0] ?? null)
    const isNew = grow(draft.twoMasters, stretch)
    draft.lastAt = Math.max(draft.lastAt, at)
    if (isNew) this.#tell(draft, at, `${sources.join(' and ')} speak as masters at the same time`)
    else if (stretch.to !== null) this.#tell(draft, at, `one master is left, after ${formatDuration(stretch.to - stretch.from)}`)
  }

  twoHolders(at: number, stretch: Stretch, address: string, hardwares: readonly string[]): void {
    const draft = this.#draft(stretch.from, null)
    const isNew = grow(draft.twoHolders, stretch)
    draft.lastAt = Math.max(draft.lastAt, at)
    if (isNew) this.#tell(draft, at, `${hardwares.join(' and ')} both answer for ${address}`)
  }

  holdersParted(at: number, address: string, hardware: string): void {
    if (this.#open && this.#open.twoHolders.length > 0) this.#tell(this.#open, at, `${hardware} answers no longer for ${address}`)
  }

  outage(at: number, stretch: Stretch, address: string): void {
    const draft = this.#draft(stretch.from, null)
    grow(draft.outages, stretch)
    const span = stretch.to === null ? 'fails' : `passes again, ${formatDuration(stretch.to - stretch.from)} after it last passed`
    this.#tell(draft, at, `the check of ${address} ${span}`)
  }

  /** What goes on is not known any more: the incident ends with what was seen of it. */
  lostSight(at: number): void {
    const open = this.#open
    this.#isUnrest = false
    if (!open) return
    for (const stretches of [open.twoMasters, open.twoHolders, open.outages]) {
      for (const [index, { from, to }] of stretches.entries()) stretches[index] = { from, to: to ?? Math.max(from, at) }
    }
    this.#tell(open, at, 'the interface of this machine is down: nothing more was seen of it')
    this.#close(open)
  }

  /** Closes what is over. */
  look(at: number, unrest: Unrest): void {
    const open = this.#open
    this.#isUnrest = unrest.twoHolders || unrest.twoMasters || unrest.outage || unrest.nobody
    if (!open) return
    if (this.#isUnrest) {
      open.lastAt = Math.max(open.lastAt, at)
      return
    }
    if (at - open.lastAt >= shadowLimits.settleMs) this.#close(open)
  }

  /** Everything up to now, the oldest first; the last one may go on. */
  incidents(): readonly Incident[] {
    return this.#open ? [...this.#closed, finished(this.#open, this.#rules, !this.#isUnrest)] : [...this.#closed]
  }

  /** How many there have been, with those that were forgotten. */
  count(): number {
    return this.#nextId - 1
  }

  #close(open: Draft): void {
    this.#closed.push(finished(open, this.#rules, !this.#isUnrest))
    while (this.#closed.length > shadowLimits.incidents - 1) this.#closed.shift()
    this.#open = undefined
  }

  #draft(from: number, before: string | null): Draft {
    if (this.#open) return this.#open
    const demotion = this.#demotion && from - this.#demotion.at <= shadowLimits.settleMs ? this.#demotion : undefined
    this.#open = {
      id: this.#nextId++,
      from,
      lastAt: from,
      before,
      after: null,
      takeoverMs: null,
      advertsLost: 0,
      longestGapMs: 0,
      twoMasters: [],
      twoHolders: [],
      outages: [],
      events: demotion ? [demotion] : [],
      moreEvents: 0,
      ending: undefined,
      wasDemoted: demotion !== undefined,
    }
    return this.#open
  }

  #tell(draft: Draft, at: number, text: string): void {
    draft.lastAt = Math.max(draft.lastAt, at)
    if (draft.events.length < shadowLimits.events) draft.events.push({ at, text })
    else draft.moreEvents++
  }
}

/** Adds a stretch, or makes the one longer that begins where it does, or that it meets. @returns whether it is a new one */
function grow(stretches: Stretch[], stretch: Stretch): boolean {
  const index = stretches.findIndex(
    ({ from, to }) => from === stretch.from || (to !== null && stretch.from <= to && from <= stretch.from) || to === null,
  )
  const known = stretches[index]
  if (known) {
    stretches[index] = {
      from: Math.min(known.from, stretch.from),
      to: stretch.to === null || known.to === null ? stretch.to : Math.max(known.to, stretch.to),
    }
    return false
  }
  if (stretches.length >= shadowLimits.stretches) return false
  stretches.push(stretch)
  return true
}

/** What was open when a run ended: it has ended with it. */
export function endedWithRun(incident: Incident, endedAt: number): Incident {
  const close = (stretches: readonly Stretch[]) => stretches.map(({ from, to }) => ({ from, to: to ?? Math.max(from, endedAt) }))
  return {
    ...incident,
    to: Math.max(incident.from, endedAt),
    twoMasters: close(incident.twoMasters),
    twoHolders: close(incident.twoHolders),
    outages: close(incident.outages),
    events: [
      ...incident.events.slice(0, shadowLimits.events - 1),
      { at: Math.max(incident.from, endedAt), text: 'the watch ended here, and began anew later' },
    ],
  }
}
