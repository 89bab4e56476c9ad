import type { HealthState, Verdict } from '@hotspare/core'
import type { Command, CommandResult, ServiceSnapshot } from '@hotspare/failover'
import type { Plan } from '@hotspare/core/plan'
import type { BeatTimings } from '@hotspare/heartbeat'
import type { Watchdog } from '@hotspare/fence/watchdog'
import type { DepartureAnswer } from './departure.ts'
import type { ClusterEvent } from './events.ts'
import type { OffNode } from './fencing/desk.ts'
import type { PeopleWord, SpokenWord } from './people-files.ts'
import type { SiteWordResult } from './sites/desk.ts'
import type { SiteView } from './sites/view.ts'
import type { OwnVote } from './votes/message.ts'

// What control and the guard's cluster part tell each other; plain data, by structured clone.

/** Control to guard. */
export type ClusterOrder =
  /** What the service's own check says about this node; said at least every second. */
  | { readonly type: 'check'; readonly service: string; readonly verdict: Verdict<HealthState> }
  /** Whether the service answers at its address, as seen from here. */
  | { readonly type: 'served'; readonly service: string; readonly verdict: Verdict<'yes' | 'no' | 'unknown'> }
  | { readonly type: 'question'; readonly id: QuestionId; readonly question: ClusterQuestion }
  /** This node's own views, for the peers: changes at once, all of them every second. */
  | { readonly type: 'votes'; readonly votes: readonly OwnVote[] }

/** Never used twice: an answer may reach the control after the one that asked. */
export type QuestionId = string

/** What people want to know or have done. */
export type ClusterQuestion =
  | { readonly type: 'command'; readonly service: string; readonly command: Command; readonly force: boolean }
  | { readonly type: 'plan'; readonly service: string; readonly command: Command }
  /** `because` undefined takes the word back. */
  | { readonly type: 'people'; readonly word: PeopleWord; readonly because: string | undefined; readonly force: boolean }
  /** `because` undefined takes the word back. */
  | { readonly type: 'site'; readonly site: string; readonly because: string | undefined; readonly force: boolean }

/** Guard to control. */
export type ClusterNews =
  | { readonly type: 'view'; readonly view: ClusterView }
  | { readonly type: 'event'; readonly event: ClusterEvent }
  | { readonly type: 'answer'; readonly id: QuestionId; readonly answer: ClusterAnswer }
  /** What a peer that is believed has sent; nobody has looked at it yet. */
  | { readonly type: 'votes'; readonly observer: string; readonly body: unknown }

export type ClusterAnswer =
  | { readonly type: 'command'; readonly result: CommandResult }
  | { readonly type: 'plan'; readonly plan: Plan | undefined; readonly because: string; readonly departure?: DepartureAnswer | undefined }
  /** `was`: whether the word stood before. */
  | { readonly type: 'people'; readonly was: boolean }
  | { readonly type: 'site'; readonly result: SiteWordResult }
  | { readonly type: 'failed'; readonly code: `HOTSPARE_${string}`; readonly message: string; readonly retryable: boolean }

/** The cluster as this node sees it. */
export interface ClusterView {
  readonly node: string
  readonly arbiter: string
  readonly hold: SpokenWord | undefined
  readonly maintenance: SpokenWord | undefined
  readonly peers: readonly PeerView[]
  readonly services: readonly ServiceSnapshot[]
  /** Empty where no node stands in a site. */
  readonly sites: readonly SiteView[]
  /** Other nodes that are certain to be off; undefined where no service asks for it. */
  readonly off?: readonly OffNode[] | undefined
  /** What resets this machine; undefined where the file has none. */
  readonly watchdog?: ReturnType<Watchdog['snapshot']> | undefined
}

export interface PeerView {
  readonly name: string
  readonly site: string | undefined
  readonly address: string
  /** By the heartbeat. */
  readonly alive: Verdict<HealthState>
  readonly connected: boolean
  /** Whether its configuration and protocol are ours; undefined before it has said so. */
  readonly agrees: boolean | undefined
  readonly hold: SpokenWord | undefined
  readonly maintenance: string | undefined
  /** How late its heartbeats come and how many are lost, on each path. */
  readonly beats: readonly BeatTimings[]
}
