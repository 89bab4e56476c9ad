import type { Alert, Severity } from '@hotspare/alert'
import { assertNever } from '@hotspare/core'
import type { AnsweringEvent } from '@hotspare/dns/answering'
import { dnsSentence } from './events.ts'

/** What the alarm of a record, or of all of them at once, goes by. */
const RECORD = 'dns/'
const MASS_CHANGE = 'dns-mass-change'

/** Whether an alarm is of DNS, by its key. */
export function isDnsKey(key: string): boolean {
  return key.startsWith(RECORD) || key === MASS_CHANGE
}

/** How grave each is; what is not here alarms nobody. */
const FIRING: Readonly<Partial<Record<AnsweringEvent['type'], Severity>>> = {
  'record-conflict': 'critical',
  'record-unserved': 'critical',
  'provider-failed': 'critical',
  'drift-found': 'warning',
  'mass-change-refused': 'critical',
}

/** What ends which alarm. */
const ENDING: Readonly<Partial<Record<AnsweringEvent['type'], readonly AnsweringEvent['type'][]>>> = {
  'record-served': ['record-unserved'],
  'record-changed': ['record-conflict', 'mass-change-refused'],
  'provider-recovered': ['provider-failed'],
  'drift-ended': ['drift-found'],
}

/** Whether it is about records, and may concern people. */
export function isRecordEvent(event: { readonly type: string }): event is AnsweringEvent {
  return Object.hasOwn(FIRING, event.type) || Object.hasOwn(ENDING, event.type)
}

/**
 * What people are told of records: each alarm once, and its end.
 *
 * @param firing the keys of alarms that people know of
 */
export function dnsAlerts(event: AnsweringEvent, node: string, firing: ReadonlySet<string>): readonly Alert[] {
  const severity = FIRING[event.type]
  if (severity !== undefined) {
    const key = keyOf(event.type, event)
    return firing.has(key) ? [] : [alertOf(event, { key, severity, node, status: 'firing', title: `${titleOf(event)}, says ${node}` })]
  }
  return (ENDING[event.type] ?? []).flatMap((type) => {
    const key = keyOf(type, event)
    const ended = { key, severity: FIRING[type] ?? 'info', node, status: 'resolved', title: `${titleOf(event)}, says ${node}` } as const
    return firing.has(key) ? [alertOf(event, ended)] : []
  })
}

function keyOf(type: AnsweringEvent['type'], event: AnsweringEvent): string {
  if (type === 'mass-change-refused' || !('provider' in event)) return MASS_CHANGE
  return `${RECORD}${type}/${event.provider}/${event.name}/${event.recordType}`
}

function titleOf(event: AnsweringEvent): string {
  if (!('provider' in event)) return 'too many DNS records would change at once'
  const record = `${event.name} ${event.recordType} at ${event.provider}`
  switch (event.type) {
    case 'record-conflict':
      return `${record} is changed by somebody else`
    case 'record-unserved':
      return `${record} is not served by all name servers`
    case 'record-served':
      return `${record} is served`
    case 'provider-failed':
      return `${record} cannot be changed`
    case 'provider-recovered':
      return `${record} can be changed again`
    case 'drift-found':
      return `${record} was edited`
    case 'drift-ended':
      return `${record} is as it should be`
    case 'record-changed':
      return `${record} was changed`
    default:
      return assertNever(event)
  }
}

function alertOf(
  event: AnsweringEvent,
  { key, severity, node, status, title }: Pick<Alert, 'key' | 'severity' | 'status' | 'title'> & { readonly node: string },
): Alert {
  const { type, at } = event
  const labels = 'provider' in event ? { node, record: event.name, provider: event.provider } : { node }
  return { id: `${key}/${type}/${at}`, key, status, type, severity, title, text: dnsSentence(event), at, labels }
}
