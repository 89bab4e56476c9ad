import type { EventBase } from '@hotspare/core'

/** What happens at the embedded server; the time is the wall clock's. */
export type DnsServerEvent =
  /** A new version of a zone is served; one without other sets where a secondary had a newer serial than ours. */
  | (EventBase & { readonly type: 'zone-changed'; readonly zone: string; readonly serial: number; readonly sets: readonly string[] })
  /** A secondary has confirmed that it was told of a version. */
  | (EventBase & { readonly type: 'secondary-notified'; readonly zone: string; readonly serial: number; readonly secondary: string })
  /** A secondary did not confirm it, or refused to hear of it. It will find out by its refresh. */
  | (EventBase & {
      readonly type: 'secondary-unreached'
      readonly zone: string
      readonly serial: number
      readonly secondary: string
      readonly because: string
    })
  /** The zone was given to somebody who may have it. */
  | (EventBase & { readonly type: 'zone-transferred'; readonly zone: string; readonly serial: number; readonly to: string })
  /** Somebody asked for the zone who may not have it, or while too many had it. */
  | (EventBase & { readonly type: 'transfer-refused'; readonly zone: string; readonly to: string; readonly because: string })
