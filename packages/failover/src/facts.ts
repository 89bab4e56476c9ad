import type { HealthState, Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'

/** How the right to be active stands, as this node knows. */
export type LeaseStanding =
  /** Ours. */
  | 'held'
  /** Ours when we last looked; nothing may be done under it before it is confirmed. */
  | 'unconfirmed'
  /** Somebody else's, or it may still be. */
  | 'elsewhere'
  /** Nobody's: it can be taken now. */
  | 'free'
  /** The arbiter does not answer, or has no record that could be trusted yet. */
  | 'unknown'

/** People have switched automation off. */
export interface Hold {
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
}

/** What a node is doing for a service. */
export type Role =
  /** It has the right and every resource. */
  | 'active'
  /** It has the right, or is getting it, and brings the resources. */
  | 'taking'
  /** It hands the service over. */
  | 'leaving'
  /** It has resources and no right: the arbiter is silent, or people put them there. */
  | 'keeping'
  | 'standby'

/** What a node tells its peers about one service. */
export interface ServiceReport {
  readonly role: Role
  /** Of its right, where it has one. */
  readonly token?: number | undefined
  readonly check: { readonly state: HealthState; readonly because: string }
  /** Whether the service answers at its address, as seen from there. */
  readonly served?: 'yes' | 'no' | 'unknown' | undefined
  /** It has looked, and has neither the right nor any of the resources. Left out where nobody needs to know. */
  readonly clear?: boolean | undefined
  /** Why it could not be active whatever its check says: its own clock or loop is not to be trusted, resources failed. */
  readonly unfit?: string | undefined
}

/** What a node tells its peers about itself. */
export interface NodeReport {
  readonly hold?: Hold | undefined
  /** Why people want no service here. */
  readonly maintenance?: string | undefined
  /** How its resources would show up from outside, such as hardware addresses. */
  readonly identities: readonly string[]
  readonly services: Readonly<Record<string, ServiceReport>>
}

/** What is known of another member. */
export interface PeerFact {
  readonly node: string
  /** By the heartbeat. */
  readonly alive: Verdict<HealthState>
  /** Whether its configuration and protocol are ours; undefined before it has said so. */
  readonly agrees: boolean | undefined
  /** The last that it told, unless that is too old. */
  readonly report: NodeReport | undefined
  /** When it was heard, by the monotonic clock; undefined where that is of no account. */
  readonly toldMs?: number | undefined
}

export interface ResourceFact {
  readonly id: string
  readonly verdict: Verdict<ResourceState>
  /** Why it could not be had here; undefined where nothing is known to stand in the way. */
  readonly obstacle?: string | undefined
}

/** How another service stands. */
export interface OtherService {
  /** `coming`: it is active nowhere, and somebody could take it. `nobody`: nobody could. */
  readonly state: 'active' | 'coming' | 'nobody'
  /** Whether it is on this node, or on its way from it or to it. */
  readonly here: boolean
  readonly because: string
}

/** The service that one goes with. */
export interface LeaderFact {
  readonly name: string
  /** The node that it is active on; undefined where it is active nowhere, as far as is known. */
  readonly at: string | undefined
  /** One clause for people: `which is active on b`. */
  readonly because: string
}

type NamedService = OtherService & { readonly name: string }

/** Services that one has to do with. */
export interface OtherFacts {
  /** It is taken only once these are active. */
  readonly after: readonly NamedService[]
  /** These need it. */
  readonly dependents: readonly NamedService[]
  /** These go first. */
  readonly higher: readonly NamedService[]
}

/** All that one node knows about one service at one moment. Data: the same facts give the same decision. */
export interface Facts {
  readonly node: string
  readonly lease: Verdict<LeaseStanding>
  /** Who has it by the arbiter's last word; undefined before that, null for nobody. */
  readonly leaseHolder: string | null | undefined
  /** Of the last right that the arbiter has shown; 0 before that. */
  readonly leaseToken: number
  /** False while the arbiter does not answer. */
  readonly arbiterAnswers: boolean
  /** In the order in which they are acquired. */
  readonly resources: readonly ResourceFact[]
  /** The service's own check on this node; `up` where there is none. */
  readonly check: Verdict<HealthState>
  /** Whether the service answers at its address, as seen from this node. */
  readonly served: Verdict<'yes' | 'no' | 'unknown'>
  /** Why this node does not trust what it sees; undefined while it does. */
  readonly sick: string | undefined
  readonly hold: Hold | undefined
  readonly maintenance: string | undefined
  readonly peers: readonly PeerFact[]
  /** Nodes that are certain to be off, and were not heard since. Default: none is */
  readonly off?: readonly string[] | undefined
  /** Members that the service had better not be on, each with why, as a clause: no room, or one that it keeps apart from. Default: none */
  readonly reluctant?: Readonly<Record<string, string>> | undefined
  /** The service that it goes with: it can be active there and nowhere else. Default: it goes by itself */
  readonly leader?: LeaderFact | undefined
  /** Services that this one has to do with; left out where it is of no account at the moment. */
  readonly others?: OtherFacts | undefined
  /** Whether it is certain, for the right that we have, that no other member has anything of the service. */
  readonly cleared?: boolean | undefined
}
