import { type Meter, ValueType } from '@opentelemetry/api'
import type { AnsweringEvent, AnsweringSnapshot } from '@hotspare/dns/answering'
import type { DnsServerStats } from '@hotspare/dns/server'
import { observedMetrics } from '../observed-metrics.ts'
import type { WorkerDnsEvent } from './events.ts'

/** Read at the moment of a scrape. */
export interface DnsRecordGauges {
  /** The records that this node keeps as the health of pools wants them; none while another node writes. */
  readonly dnsRecords: () => readonly {
    readonly provider: string
    readonly record: string
    readonly type: string
    readonly isSynced: boolean
  }[]
}

/** What answers by health, as a scrape shows it. @param engines what each engine tells; undefined while another node writes */
export function dnsRecordGauges(engines: () => readonly AnsweringSnapshot[] | undefined): DnsRecordGauges {
  return {
    dnsRecords: () =>
      (engines() ?? []).flatMap(({ records }) =>
        records.flatMap(({ name: record, type, providers }) =>
          providers.map(({ provider, state }) => ({ provider, record, type, isSynced: state === 'agrees' })),
        ),
      ),
  }
}

/** Of records that others keep. @returns what counts an event of one */
export function addDnsRecordMetrics(meter: Meter, { dnsRecords }: DnsRecordGauges): (event: AnsweringEvent) => void {
  observedMetrics(meter).gauge(
    'dns_record_synced',
    'Whether a record that answers was as its pool wants it, when its provider was last looked at; where this node writes it',
    () => dnsRecords().map(({ isSynced, ...labels }) => [isSynced ? 1 : 0, labels]),
  )
  const counter = (name: string, description: string) => meter.createCounter(`hotspare_${name}`, { description, valueType: ValueType.INT })
  const events = counter('dns_record_events_total', 'What became of records at providers, by provider, record and event of the timeline')
  return (event) => {
    const labels = 'provider' in event ? { provider: event.provider, record: event.name, type: event.recordType } : {}
    events.add(1, { ...labels, event: event.type })
  }
}

/**
 * Of the server of this node.
 *
 * @param stats what it has counted since it was made; undefined where there is none
 * @returns what counts an event of it
 */
export function addDnsServerMetrics(meter: Meter, stats: () => DnsServerStats | undefined): (event: WorkerDnsEvent) => void {
  const { gauge, tally } = observedMetrics(meter)
  const counter = (name: string, description: string) => meter.createCounter(`hotspare_${name}`, { description, valueType: ValueType.INT })
  tally('dns_questions_total', 'Questions that the DNS server was asked, by transport', () => {
    const counts = stats()
    return [
      [counts?.udpQuestions, { transport: 'udp' }],
      [counts?.tcpQuestions, { transport: 'tcp' }],
    ]
  })
  tally('dns_answers_total', 'Answers of the DNS server, by rcode', () =>
    Object.entries(stats()?.answers ?? {}).map(([rcode, count]) => [count, { rcode }]),
  )
  tally('dns_truncated_total', 'Answers of the DNS server by UDP that said: ask by TCP', () => [[stats()?.truncated]])
  tally('dns_limited_total', 'Answers of the DNS server that its rate limit held back or cut short', () => [[stats()?.limited]])
  tally('dns_dropped_total', 'What the DNS server did not answer: no question, or more than the kernel takes (overrun)', () => {
    const counts = stats()
    return [
      [counts?.ignored, { reason: 'no-question' }],
      [counts?.overrun, { reason: 'overrun' }],
    ]
  })
  tally('dns_transfers_total', 'Copies of zones that secondaries of the DNS server have got', () => [[stats()?.transfers]])
  gauge('dns_connections', 'Open TCP connections of the DNS server', () => [[stats()?.connections]])
  const changes = counter('dns_answer_changes_total', 'Times that a name of the DNS server began to answer with other targets')
  return (event) => {
    if (event.type === 'answers-changed') changes.add(1, { record: event.name, type: event.recordType })
  }
}
