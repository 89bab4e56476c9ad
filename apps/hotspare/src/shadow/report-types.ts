/** A stretch of time, in milliseconds since the Unix epoch; `to` is null while it goes on. */
export interface Stretch {
  readonly from: number
  readonly to: number | null
}

/** What an incident was, by what was seen; the worst of it where it was several things. */
export type IncidentKind =
  /** Two routers spoke as masters at the same time. */
  | 'two-masters'
  /** Another router took over, and the one before it still answered for the address. */
  | 'orphaned-address'
  /** Two hardware addresses answered for the address, for another reason. */
  | 'two-holders'
  /** Nobody spoke for so long that a backup should have taken over, and none did. */
  | 'no-master'
  /** A master fell silent, and a backup took over. */
  | 'takeover'
  /** The check failed while a master spoke. */
  | 'outage'
  /** A master resigned, and a backup took over. */
  | 'hand-over'
  /** A router that counts more took over from one that was well. */
  | 'preemption'
  /** Adverts were lost, and nothing followed. */
  | 'adverts-lost'

/** Something that is known of an incident at a time. */
export interface IncidentEvent {
  readonly at: number
  readonly text: string
}

/** What Hotspare would have done; computed, with its own code where that decides. */
export interface Promised {
  /** How the service would be configured. */
  readonly onControlLoss: 'release' | 'keep'
  /** `nothing` where it would have stayed as it was. */
  readonly action: 'take' | 'hand-over' | 'wait' | 'nothing'
  /** In the words of its decision. */
  readonly because: string
  /** From the last sign of life of the master to the other node having the address, in milliseconds. */
  readonly takeoverMs: { readonly least: number; readonly most: number } | null
  /** What can be said of the holders. */
  readonly holders: string
  /** What it rests on. */
  readonly assuming: string
}

export interface Incident {
  readonly id: number
  readonly kind: IncidentKind
  readonly from: number
  readonly to: number | null
  /** Who was master when it began, and who was when it ended; null where nobody was known. */
  readonly before: string | null
  readonly after: string | null
  /** From the last advert of the master before to the first of the one after, in milliseconds. */
  readonly takeoverMs: number | null
  readonly advertsLost: number
  readonly twoMasters: readonly Stretch[]
  readonly twoHolders: readonly Stretch[]
  readonly outages: readonly Stretch[]
  readonly events: readonly IncidentEvent[]
  /** Events beyond the bound. */
  readonly moreEvents: number
  readonly promised: readonly Promised[]
}

/** Somebody did something for a while: spoke as master, answered for an address. */
export interface Tenure extends Stretch {
  readonly who: string
  /** The address, where it is about one. */
  readonly what: string
}

export interface RouterTotals {
  readonly adverts: number
  readonly advertsLost: number
  readonly advertsRefused: number
  readonly takeovers: number
  readonly incidents: number
  readonly twoMastersMs: number
  readonly twoHoldersMs: number
  readonly outageMs: number
  readonly probes: number
  readonly probesFailed: number
}

export interface RouterReport {
  readonly name: string
  readonly interface: string
  readonly routerId: number
  readonly family: 4 | 6
  readonly version: 2 | 3
  readonly priority: number
  readonly advertMs: number
  readonly downAdverts: number
  readonly addresses: readonly string[]
  readonly totals: RouterTotals
  /** Who spoke as master. */
  readonly masters: readonly Tenure[]
  /** Who answered for an address. */
  readonly holders: readonly Tenure[]
  readonly incidents: readonly Incident[]
}

/** What `hotspare shadow` keeps and writes. */
export interface ShadowReport {
  readonly format: 1
  readonly version: string
  readonly host: string
  readonly file: string
  readonly updatedAt: number
  /** When it ran: what happened in between is not in here. */
  readonly runs: readonly Stretch[]
  readonly settings: {
    readonly check: string
    readonly probeEveryMs: number
    readonly ttlMs: number
  }
  /** Frames that the kernel could not keep for us, and the longest that this process itself did not run. */
  readonly observer: {
    readonly framesDropped: number
    readonly longestPauseMs: number
    /** For how long an interface of this machine was down: what happened then is not in here. */
    readonly blindMs: number
  }
  readonly notes: readonly string[]
  readonly routers: readonly RouterReport[]
}
