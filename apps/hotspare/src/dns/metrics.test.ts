import type { AnsweringEvent, AnsweringSnapshot } from '@hotspare/dns/answering'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMetrics, type Metrics } from '../metrics.ts'
import { createTrafficMetrics, type TrafficGauges, type TrafficMetrics } from '../traffic-metrics.ts'
import { dnsRecordGauges } from './metrics.ts'

/** The lines about DNS, as Prometheus gets them. */
async function shown(control: Metrics, worker?: TrafficMetrics): Promise<string[]> {
  const text = await control.scrape(structuredClone(await worker?.collect()))
  return text.split('\n').filter((line) => line.startsWith('hotspare_dns_'))
}

function controlOf(engines: () => readonly AnsweringSnapshot[] | undefined = () => undefined): Metrics {
  const none = () => []
  const lists = { targets: none, proxies: none, watched: none, engines: none, engineServers: none, processes: none }
  const metrics = createMetrics({
    ...lists,
    ...dnsRecordGauges(engines),
    alertsPending: () => 0,
    observerIsWell: () => true,
    checks: new Set<string>(),
  })
  onTestFinished(() => metrics.stop())
  return metrics
}

function workerOf(dns?: TrafficGauges['dns']): TrafficMetrics {
  const traffic = createTrafficMetrics({ passive: () => [], dns })
  onTestFinished(() => traffic.stop())
  return traffic
}

const record = { at: 1, name: 'www.example.com', recordType: 'A', provider: 'main', text: 'x' } as const

describe('of records at providers', () => {
  it('nothing is shown while another node writes, and nothing has happened', async () => {
    expect(await shown(controlOf())).toEqual([])
  })

  it('what becomes of a record is counted by its provider and the event', async () => {
    const control = controlOf()
    const failed: AnsweringEvent = { ...record, type: 'provider-failed', because: 'timeout', retryInMs: 1 }
    const events: readonly AnsweringEvent[] = [failed, failed, { ...record, type: 'record-served', afterMs: 1 }]
    for (const event of events) control.countRecordEvent(event)
    expect(await shown(control)).toEqual([
      'hotspare_dns_record_events_total{provider="main",record="www.example.com",type="A",event="provider-failed"} 2',
      'hotspare_dns_record_events_total{provider="main",record="www.example.com",type="A",event="record-served"} 1',
    ])
  })

  it('a change of too much at once is of no record', async () => {
    const control = controlOf()
    control.countRecordEvent({ type: 'mass-change-refused', at: 1, names: [], held: 1, withdrawn: 6, published: 10, text: 'x' })
    expect(await shown(control)).toEqual(['hotspare_dns_record_events_total{event="mass-change-refused"} 1'])
  })

  it('a gauge shows for each provider whether the record is as it should be', async () => {
    const control = controlOf(() => [snapshotOf({ first: 'agrees', second: 'failing' })])
    expect(await shown(control)).toEqual([
      'hotspare_dns_record_synced{provider="first",record="www.example.com",type="A"} 1',
      'hotspare_dns_record_synced{provider="second",record="www.example.com",type="A"} 0',
    ])
  })
})

describe('of the server of this node', () => {
  it('nothing is shown where there is none', async () => {
    expect(await shown(controlOf(), workerOf())).toEqual([])
  })

  it('questions, answers and what was dropped are as the server has counted them', async () => {
    const stats = { udpQuestions: 9, tcpQuestions: 2, truncated: 1, limited: 3, overrun: 4, ignored: 5, connections: 6, transfers: 7 }
    const worker = workerOf(() => ({ ...stats, answers: { NOERROR: 8, NXDOMAIN: 3 } }))
    expect(await shown(controlOf(), worker)).toEqual([
      'hotspare_dns_questions_total{transport="udp"} 9',
      'hotspare_dns_questions_total{transport="tcp"} 2',
      'hotspare_dns_answers_total{rcode="NOERROR"} 8',
      'hotspare_dns_answers_total{rcode="NXDOMAIN"} 3',
      'hotspare_dns_truncated_total 1',
      'hotspare_dns_limited_total 3',
      'hotspare_dns_dropped_total{reason="no-question"} 5',
      'hotspare_dns_dropped_total{reason="overrun"} 4',
      'hotspare_dns_transfers_total 7',
      'hotspare_dns_connections 6',
    ])
  })

  it('names are counted when they begin to answer with other targets, and listening is no such change', async () => {
    const worker = workerOf()
    worker.countDnsEvent({ type: 'dns-listening', at: 1, listen: '127.0.0.1:53', zones: [] })
    const changed = { type: 'answers-changed', at: 1, name: 'www.example.com', recordType: 'A', from: [], to: [], because: 'x' } as const
    worker.countDnsEvent({ ...changed, isOpen: false })
    expect(await shown(controlOf(), worker)).toEqual(['hotspare_dns_answer_changes_total{record="www.example.com",type="A"} 1'])
  })
})

function snapshotOf(states: Readonly<Record<string, 'agrees' | 'failing'>>): AnsweringSnapshot {
  const providers = Object.entries(states).map(([provider, state]) => {
    const times = { since: 1, failures: 0, seen: undefined, settled: undefined, retryInMs: undefined }
    return { provider, id: provider, state, because: 'x', served: 'x', ...times }
  })
  const one = {
    name: 'www.example.com',
    type: 'A',
    ttlSeconds: 30,
    targets: [],
    desired: undefined,
    because: 'x',
    held: undefined,
  } as const
  return {
    records: [{ ...one, providers, isSameEverywhere: undefined }],
    healthFailure: undefined,
    massChange: undefined,
    forcedMs: undefined,
  }
}
