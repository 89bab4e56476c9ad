import { expect, it } from 'vitest'
import { type AppDnsEvent, dnsSentence, isDnsEvent } from './events.ts'

const at = 1
const record = { at, name: 'www.example.com', recordType: 'A', provider: 'main', text: 'in its own words' } as const

/** One of each type: a type that is missing here is a compile error. */
const events: { readonly [Type in AppDnsEvent['type']]: readonly [event: AppDnsEvent & { readonly type: Type }, sentence: string] } = {
  'answers-changed': [
    {
      type: 'answers-changed',
      at,
      name: 'www.example.com',
      recordType: 'A',
      from: ['192.0.2.1', '192.0.2.2'],
      to: ['192.0.2.2'],
      because: '1 of 2 targets are up',
      isOpen: false,
    },
    'the DNS server answers www.example.com A with 192.0.2.2: 1 of 2 targets are up',
  ],
  'dns-listening': [
    { type: 'dns-listening', at, listen: '192.0.2.53:53', zones: ['example.com', 'example.org'] },
    'the DNS server listens on 192.0.2.53:53 for example.com, example.org',
  ],
  'secondary-notified': [
    { type: 'secondary-notified', at, zone: 'example.com', serial: 7, secondary: '192.0.2.54' },
    'the name server 192.0.2.54 knows of version 7 of example.com',
  ],
  'secondary-unreached': [
    { type: 'secondary-unreached', at, zone: 'example.com', serial: 7, secondary: '192.0.2.54', because: 'no answer' },
    'the name server 192.0.2.54 was not told of version 7 of example.com: no answer',
  ],
  'zone-transferred': [
    { type: 'zone-transferred', at, zone: 'example.com', serial: 7, to: '192.0.2.54' },
    '192.0.2.54 has got version 7 of example.com',
  ],
  'transfer-refused': [
    { type: 'transfer-refused', at, zone: 'example.com', to: '192.0.2.99', because: 'it is none of the secondaries' },
    '192.0.2.99 did not get example.com: it is none of the secondaries',
  ],
  'record-changed': [
    { ...record, type: 'record-changed', from: [], to: ['192.0.2.1'], ttlSeconds: 30, because: '', tookMs: 1 },
    `${record.text} (at main)`,
  ],
  'record-conflict': [{ ...record, type: 'record-conflict', code: 'conflict', because: '' }, `${record.text} (at main)`],
  'record-served': [{ ...record, type: 'record-served', afterMs: 5 }, `${record.text} (at main)`],
  'record-unserved': [{ ...record, type: 'record-unserved', because: '' }, `${record.text} (at main)`],
  'drift-found': [{ ...record, type: 'drift-found', found: [], expected: [], policy: 'repair' }, `${record.text} (at main)`],
  'drift-ended': [{ ...record, type: 'drift-ended' }, `${record.text} (at main)`],
  'provider-failed': [{ ...record, type: 'provider-failed', because: '', retryInMs: undefined }, `${record.text} (at main)`],
  'provider-recovered': [{ ...record, type: 'provider-recovered', afterMs: 5 }, `${record.text} (at main)`],
  'mass-change-refused': [
    { type: 'mass-change-refused', at, names: ['www.example.com'], held: 1, withdrawn: 6, published: 10, text: record.text },
    '6 of 10 published values would disappear at once, so 1 record stays as before; if that is meant: hotspare dns force',
  ],
}

it.each(Object.values(events))('%o has its sentence', (event, sentence) => {
  expect(isDnsEvent(event)).toBe(true)
  expect(dnsSentence(event)).toBe(sentence)
})

it('what is of others is none of it', () => {
  expect(isDnsEvent({ type: 'target-down' })).toBe(false)
})
