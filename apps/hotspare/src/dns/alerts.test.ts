import type { AnsweringEvent } from '@hotspare/dns/answering'
import { describe, expect, it } from 'vitest'
import { dnsAlerts, isDnsKey } from './alerts.ts'

const record = { at: 1_000, name: 'www.example.com', recordType: 'A', provider: 'main', text: 'because' } as const
const failed: AnsweringEvent = { ...record, type: 'provider-failed', because: '500', retryInMs: 1_000 }
const recovered: AnsweringEvent = { ...record, type: 'provider-recovered', afterMs: 10 }
const refused: AnsweringEvent = {
  type: 'mass-change-refused',
  at: 1_000,
  names: ['a'],
  held: 1,
  withdrawn: 6,
  published: 10,
  text: 'force it',
}
const changed: AnsweringEvent = { ...record, type: 'record-changed', from: [], to: ['192.0.2.1'], ttlSeconds: 30, because: '', tookMs: 1 }

const none: ReadonlySet<string> = new Set()
const keysOf = (event: AnsweringEvent) => new Set(dnsAlerts(event, 'web-1', none).map(({ key }) => key))

describe('people are told of records', () => {
  it('not of a change that is as it should be, and not twice of what they know', () => {
    expect(dnsAlerts(changed, 'web-1', none)).toEqual([])
    expect(dnsAlerts(failed, 'web-1', keysOf(failed))).toEqual([])
    expect(dnsAlerts(recovered, 'web-1', none)).toEqual([])
  })

  it('by an alarm whose key says that it is of DNS, and which the end of it has too', () => {
    const [alarm] = dnsAlerts(failed, 'web-1', none)
    expect(alarm).toMatchObject({
      status: 'firing',
      severity: 'critical',
      text: 'because (at main)',
      labels: { record: 'www.example.com' },
    })
    expect(isDnsKey(alarm?.key ?? '')).toBe(true)
    expect(dnsAlerts(recovered, 'web-1', keysOf(failed))).toMatchObject([{ key: alarm?.key, status: 'resolved', severity: 'critical' }])
  })

  it('once for a mass change, until something of it is written', () => {
    expect(dnsAlerts(refused, 'web-1', none)).toMatchObject([{ text: expect.stringContaining('hotspare dns force') }])
    expect(dnsAlerts(changed, 'web-1', keysOf(refused))).toMatchObject([{ status: 'resolved' }])
  })

  it('of each failure of one record apart', () => {
    const unserved: AnsweringEvent = { ...record, type: 'record-unserved', because: '1 of 2' }
    expect(keysOf(unserved)).not.toEqual(keysOf(failed))
    const served: AnsweringEvent = { ...record, type: 'record-served', afterMs: 5 }
    expect(dnsAlerts(served, 'web-1', keysOf(failed))).toEqual([])
  })
})
