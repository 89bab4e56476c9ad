import { assertNever } from '@hotspare/core'
import type { Ending } from '@hotspare/vrrp'
import { shadowLimits } from './limits.ts'
import { type Happening, promise } from './promise.ts'
import type { Incident, IncidentEvent, IncidentKind, Stretch } from './report-types.ts'

/** What the log of one router goes by. */
export interface IncidentRules {
  readonly ttlMs: number
  readonly advertMs: number
}

/** What has come together of an incident. Times in milliseconds since the Unix epoch. */
export interface Draft {
  readonly id: number
  readonly from: number
  lastAt: number
  readonly before: string | null
  after: string | null
  takeoverMs: number | null
  advertsLost: number
  longestGapMs: number
  readonly twoMasters: Stretch[]
  readonly twoHolders: Stretch[]
  readonly outages: Stretch[]
  readonly events: IncidentEvent[]
  moreEvents: number
  /** How the master before ended, once that is known. */
  ending: Ending | 'preempted' | undefined
  wasDemoted: boolean
}

/**
 * The incident as the report has it.
 *
 * @param isOver false while something of it goes on
 */
export function finished(draft: Draft, rules: IncidentRules, isOver: boolean): Incident {
  const kind = kindOf(draft, rules.advertMs)
  return {
    id: draft.id,
    kind,
    from: Math.min(draft.from, ...draft.events.map(({ at }) => at)),
    // What is quiet is over, unless more follows soon.
    to: isOver ? draft.lastAt : null,
    before: draft.before,
    after: draft.after,
    takeoverMs: draft.takeoverMs,
    advertsLost: draft.advertsLost,
    twoMasters: [...draft.twoMasters],
    twoHolders: [...draft.twoHolders],
    outages: [...draft.outages],
    events: draft.events.toSorted((a, b) => a.at - b.at),
    moreEvents: draft.moreEvents,
    promised: promise(happeningOf(draft, kind), rules),
  }
}

/** Two masters for less than an interval are how VRRP hands over, and no fault: an advert was on its way. */
function kindOf(draft: Draft, advertMs: number): IncidentKind {
  const lastingMasters = draft.twoMasters.some(({ from, to }) => to === null || to - from > advertMs)
  const lastingHolders = draft.twoHolders.some(({ from, to }) => to === null || to - from > shadowLimits.momentMs)
  if (draft.ending === 'silent' && lastingHolders) return 'orphaned-address'
  if (lastingMasters) return 'two-masters'
  if (lastingHolders) return 'two-holders'
  if (draft.after === null && (draft.ending === 'silent' || draft.ending === 'resigned')) return 'no-master'
  if (draft.ending === 'silent') return 'takeover'
  if (draft.ending === 'resigned') return 'hand-over'
  if (draft.ending === 'preempted' || draft.ending === 'yielded') return 'preemption'
  return draft.outages.length > 0 ? 'outage' : 'adverts-lost'
}

function happeningOf(draft: Draft, kind: IncidentKind): Happening {
  switch (kind) {
    case 'two-masters':
    case 'two-holders':
      return { type: 'parted' }
    case 'orphaned-address':
      return { type: 'silent', stillHeld: true, served: draft.outages.length === 0 }
    case 'takeover':
      return { type: 'silent', stillHeld: false, served: false }
    case 'no-master':
      return draft.ending === 'resigned' ? { type: 'resigned' } : { type: 'silent', stillHeld: false, served: false }
    case 'hand-over':
      return { type: 'resigned' }
    case 'preemption':
      return draft.wasDemoted ? { type: 'demoted' } : { type: 'preempted' }
    case 'outage':
      return { type: 'failing' }
    case 'adverts-lost':
      return { type: 'gap', gapMs: draft.longestGapMs }
    default:
      return assertNever(kind)
  }
}
