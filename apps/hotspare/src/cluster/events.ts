import type { EventBase } from '@hotspare/core'
import type { FailoverEvent } from '@hotspare/failover'
import type { HeartbeatEvent } from '@hotspare/heartbeat'
import type { PeerChannelEvent } from '@hotspare/heartbeat/channel'
import type { LeaseEvent } from '@hotspare/lease'
import type { WatchdogEvent } from '@hotspare/fence/watchdog'
import type { DnsRecordEvent } from '@hotspare/dns/resource'
import type { VipEvent } from '@hotspare/vip'
import type { FenceEvent } from './fencing/desk.ts'
import type { SiteEvent } from './sites/watch.ts'

/** What the packages of a cluster tell. */
export type ToldEvent =
  | FailoverEvent
  | HeartbeatEvent
  | HeartbeatPromiseEvent
  | PeerChannelEvent
  | LeaseEvent
  | VipEvent
  | PeopleEvent
  | FenceEvent
  | SiteEvent
  | WatchdogEvent
  | DnsRecordEvent

/** People have spoken, or taken a word back, on this node. */
export type PeopleEvent =
  | (EventBase & { readonly type: 'hold-set'; readonly because: string })
  | (EventBase & { readonly type: 'hold-lifted' })
  | (EventBase & { readonly type: 'maintenance-set'; readonly because: string })
  | (EventBase & { readonly type: 'maintenance-lifted' })

/** Whether what the heartbeat measures bears out what the file promises, in false alarms a year. */
export type HeartbeatPromiseEvent = EventBase & {
  readonly type: 'heartbeat-promise-broken' | 'heartbeat-promise-kept'
  /** In the whole cluster, by what was seen since the start. */
  readonly falseAlarmsPerYear: number
  readonly promised: number
}

/** What is told in more detail than a timeline needs. */
type DetailedType = 'packets-dropped' | 'connections-refused' | 'vip-claimed'

/** What happens to a cluster, as one node sees it: what each package tells, united. */
export type ClusterEvent =
  | Exclude<ToldEvent, { readonly type: DetailedType }>
  | (EventBase & { readonly type: 'packets-dropped' | 'connections-refused'; readonly count: number; readonly because: string })
  | (EventBase & {
      readonly type: 'vip-claimed'
      readonly address: string
      readonly interface: string
      /** Whether it was here already. */
      readonly adopted: boolean
      /** From the call to the first announcement. */
      readonly tookMs: number
    })

/** Without what is told of DNS wherever it happens. */
export type OwnClusterEvent = Exclude<ClusterEvent, DnsRecordEvent>

/** An event of a package as the timeline has it. */
export function clusterEvent(event: ToldEvent): ClusterEvent {
  if (event.type === 'vip-claimed') return { ...event, tookMs: event.tookMs.total }
  if (event.type === 'packets-dropped' || event.type === 'connections-refused') {
    const reasons = Object.entries(event.counts).filter(([, count]) => count > 0)
    const count = reasons.reduce((sum, [, each]) => sum + each, 0)
    return { type: event.type, at: event.at, count, because: reasons.map(([reason, each]) => `${reason}: ${each}`).join(', ') }
  }
  return event
}
