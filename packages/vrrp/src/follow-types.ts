/** A router that speaks as the master of a virtual router. */
export interface Speaker {
  /** By its own address. */
  readonly source: string
  readonly hardware: string
  readonly priority: number
  readonly version: 2 | 3
  readonly intervalMs: number
  readonly firstMs: number
  readonly lastMs: number
  readonly adverts: number
}

/** How a master ended. */
export type Ending =
  /** It said so, with priority 0. */
  | 'resigned'
  /** Another one spoke, and it stopped within an interval or so. */
  | 'yielded'
  /** It was not heard any more. */
  | 'silent'

export interface FormerMaster {
  readonly source: string
  readonly hardware: string
  readonly priority: number
  readonly intervalMs: number
  /** Its last advert. */
  readonly lastMs: number
  readonly how: Ending
}

/** What is known of one virtual router from its adverts alone. Data; all times by one clock, in milliseconds. */
export interface RouterState {
  /** Those who speak as masters now; more than one is a fault, or the moment in which one yields. */
  readonly speakers: readonly Speaker[]
  /** The last one that has ended. */
  readonly former: FormerMaster | undefined
  /** While two have been speaking for certain: since when, and who. */
  readonly overlap: { readonly fromMs: number; readonly toMs: number; readonly sources: readonly string[] } | undefined
  readonly adverts: number
  readonly lost: number
  /** Adverts that a router must drop: with a wrong checksum, or from another network (their time to live says so). */
  readonly refused: number
}

export type FollowEvent =
  /** A router speaks as master for the first time, or again. */
  | {
      readonly type: 'master-appeared'
      readonly atMs: number
      readonly source: string
      readonly hardware: string
      readonly priority: number
      /** Who was it before, if anybody; `preempted` while that one was still speaking. */
      readonly after: (Omit<FormerMaster, 'how'> & { readonly how: Ending | 'preempted' }) | undefined
    }
  | { readonly type: 'master-ended'; readonly atMs: number; readonly source: string; readonly lastMs: number; readonly how: Ending }
  /** Two have each spoken between adverts of the other: from `fromMs` on, both were masters for certain. */
  | { readonly type: 'masters-overlap'; readonly atMs: number; readonly fromMs: number; readonly sources: readonly string[] }
  | {
      readonly type: 'masters-parted'
      readonly atMs: number
      readonly fromMs: number
      readonly toMs: number
      readonly sources: readonly string[]
    }
  | { readonly type: 'adverts-lost'; readonly atMs: number; readonly source: string; readonly count: number; readonly gapMs: number }
  | { readonly type: 'priority-changed'; readonly atMs: number; readonly source: string; readonly from: number; readonly to: number }

export interface FollowStep {
  readonly state: RouterState
  readonly events: readonly FollowEvent[]
}

/** What a follower goes by; all have defaults. */
export interface FollowRules {
  /** keepalived's `down_timer_adverts`. Default: 3 */
  readonly downAdverts?: number | undefined
  /** Of the backup that takes over, for its skew. Default: 100 */
  readonly priority?: number | undefined
}
