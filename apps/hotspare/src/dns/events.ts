import { assertNever, type EventBase } from '@hotspare/core'
import type { AnsweringEvent } from '@hotspare/dns/answering'
import type { DnsServerEvent } from '@hotspare/dns/server'

/** What the server of this node does. */
export type OwnDnsEvent =
  /** It answers with other targets than before. */
  | (EventBase & {
      readonly type: 'answers-changed'
      readonly name: string
      readonly recordType: string
      readonly from: readonly string[]
      readonly to: readonly string[]
      readonly because: string
      /** Whether too few are up, and all are answered because of that. */
      readonly isOpen: boolean
    })
  | (EventBase & { readonly type: 'dns-listening'; readonly listen: string; readonly zones: readonly string[] })

/** What a worker tells of its DNS server. */
export type WorkerDnsEvent = OwnDnsEvent | Exclude<DnsServerEvent, { readonly type: 'zone-changed' }>

/** Everything about DNS that people read in the timeline. */
export type AppDnsEvent = WorkerDnsEvent | AnsweringEvent

/** How loud each is in the log: while a record is not what it should be, clients are led to the dead. */
export const DNS_EVENT_LEVELS: Readonly<Record<AppDnsEvent['type'], 'info' | 'warn' | 'error'>> = {
  'answers-changed': 'warn',
  'dns-listening': 'info',
  'secondary-notified': 'info',
  'secondary-unreached': 'warn',
  'zone-transferred': 'info',
  'transfer-refused': 'warn',
  'record-changed': 'warn',
  'record-conflict': 'error',
  'record-served': 'info',
  'record-unserved': 'error',
  'drift-found': 'warn',
  'drift-ended': 'info',
  'provider-failed': 'error',
  'provider-recovered': 'info',
  'mass-change-refused': 'error',
}

export function isDnsEvent(event: { readonly type: string }): event is AppDnsEvent {
  return Object.hasOwn(DNS_EVENT_LEVELS, event.type)
}

export function dnsSentence(event: AppDnsEvent): string {
  switch (event.type) {
    case 'answers-changed': {
      const { name, recordType, to, because } = event
      return `the DNS server answers ${name} ${recordType} with ${to.join(', ')}: ${because}`
    }
    case 'dns-listening':
      return `the DNS server listens on ${event.listen} for ${event.zones.join(', ')}`
    case 'secondary-notified':
      return `the name server ${event.secondary} knows of version ${event.serial} of ${event.zone}`
    case 'secondary-unreached':
      return `the name server ${event.secondary} was not told of version ${event.serial} of ${event.zone}: ${event.because}`
    case 'zone-transferred':
      return `${event.to} has got version ${event.serial} of ${event.zone}`
    case 'transfer-refused':
      return `${event.to} did not get ${event.zone}: ${event.because}`
    case 'record-changed':
    case 'record-conflict':
    case 'record-served':
    case 'record-unserved':
    case 'drift-found':
    case 'drift-ended':
    case 'provider-failed':
    case 'provider-recovered':
      return `${event.text} (at ${event.provider})`
    case 'mass-change-refused': {
      const { withdrawn, published, held } = event
      const stay = held === 1 ? '1 record stays' : `${held} records stay`
      return `${withdrawn} of ${published} published values would disappear at once, so ${stay} as before; if that is meant: hotspare dns force`
    }
    default:
      return assertNever(event)
  }
}
