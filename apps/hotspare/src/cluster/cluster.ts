import type { Clock, Logger } from '@hotspare/core'
import type { Failover } from '@hotspare/failover'
import type { VipDriver } from '@hotspare/vip'
import type { Carriers } from './departure.ts'
import type { ClusterEvent } from './events.ts'
import type { ClusterView } from './messages.ts'
import type { PeopleFiles } from './people-files.ts'
import type { SiteDesk } from './sites/desk.ts'
import type { SiteView } from './sites/view.ts'
import type { VotesRelay } from './votes/relay.ts'

/** What a cluster is given. */
export interface ClusterSurroundings {
  readonly clock: Clock
  readonly logger: Logger
  readonly record: (event: ClusterEvent) => void
  /** Told what a peer that is believed holds of targets and checks. */
  readonly votesCame?: ((observer: string, body: unknown) => void) | undefined
  /** How addresses are put on interfaces. Default: by the kernel of this machine */
  readonly vipDriver?: VipDriver | undefined
}

/** One node's part in a cluster, running. */
export interface Cluster {
  readonly failover: Failover
  readonly people: PeopleFiles
  /** Passes on what people say of a whole site. */
  readonly siteDesk: SiteDesk
  /** Nodes and what they carry, as this node knows. */
  carriers(): Carriers
  /** The sites that nodes stand in, as this node sees them. */
  sites(): readonly SiteView[]
  /** Undefined where each node believes itself. */
  readonly votes: VotesRelay | undefined
  view(): ClusterView
  /** Idempotent. @throws HotspareError that says what cannot be opened, and why; nothing stays open then */
  start(): Promise<void>
  /** Hands over what can be handed over, and lets go of the rest as each service's policy says. Idempotent. Never rejects. */
  stop(): Promise<void>
}
