import { describe, expect, it } from 'vitest'
import type { RecordSet } from '../record-set.ts'
import { awsByHand, consoleByHand, gcloudByHand, nsupdateByHand } from './by-hand.ts'

const set: RecordSet = { name: 'shop.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1', '192.0.2.2'] }
const zone = 'example.com'
const removed = { name: '_hotspare.shop.example.com', type: 'TXT' } as const

describe('what people type', () => {
  it('is one message for nsupdate, so that old and new values never mix', () => {
    const byHand = nsupdateByHand({ server: '192.0.2.53', keyFile: '/etc/hotspare/update.key' })
    expect(byHand({ kind: 'set', zone, set })).toEqual([
      `printf '%s\\n' 'server 192.0.2.53 53' 'zone example.com.' 'update delete shop.example.com. A' 'update add shop.example.com. 30 A 192.0.2.1' 'update add shop.example.com. 30 A 192.0.2.2' send | nsupdate -k /etc/hotspare/update.key`,
    ])
    expect(byHand({ kind: 'remove', zone, what: removed })).toEqual([
      `printf '%s\\n' 'server 192.0.2.53 53' 'zone example.com.' 'update delete _hotspare.shop.example.com. TXT' send | nsupdate -k /etc/hotspare/update.key`,
    ])
  })

  it('keeps a value from being anything but one word of the shell', () => {
    const text: RecordSet = { name: 'shop.example.com', type: 'TXT', ttlSeconds: 30, values: [`it's "$(reboot)"`] }
    const [command] = nsupdateByHand({ server: '192.0.2.53', keyFile: "/etc/o'ne.key" })({ kind: 'set', zone, set: text })
    expect(command).toContain(String.raw`'update add shop.example.com. 30 TXT "it'\''s \"$(reboot)\""'`)
    expect(command).toContain(String.raw`nsupdate -k '/etc/o'\''ne.key'`)
  })

  it('makes names of hosts absolute, which would be within the zone otherwise', () => {
    const alias: RecordSet = { name: 'shop.example.com', type: 'CNAME', ttlSeconds: 30, values: ['web-1.example.net'] }
    expect(nsupdateByHand({ server: '192.0.2.53', keyFile: 'k' })({ kind: 'set', zone, set: alias })[0]).toContain(
      'CNAME web-1.example.net.',
    )
  })

  it('is one change for Route 53', () => {
    const [command = ''] = awsByHand({ zoneId: 'Z123' })({ kind: 'set', zone, set })
    const [, batch = ''] = /--change-batch '(.*)'$/.exec(command) ?? []
    expect(JSON.parse(batch)).toEqual({
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: {
            Name: 'shop.example.com',
            Type: 'A',
            TTL: 30,
            ResourceRecords: [{ Value: '192.0.2.1' }, { Value: '192.0.2.2' }],
          },
        },
      ],
    })
    // Route 53 removes only what is named exactly.
    expect(awsByHand({ zoneId: 'Z123' })({ kind: 'remove', zone, what: removed })).toEqual([
      '# in the console of the hosted zone Z123: remove _hotspare.shop.example.com TXT',
    ])
  })

  it('works with Google whether there is a record or not', () => {
    expect(gcloudByHand({ project: 'p', managedZone: 'z' })({ kind: 'set', zone, set })).toEqual([
      "gcloud dns record-sets update shop.example.com. --type=A --zone=z --project=p --ttl=30 --rrdatas='192.0.2.1,192.0.2.2' || gcloud dns record-sets create shop.example.com. --type=A --zone=z --project=p --ttl=30 --rrdatas='192.0.2.1,192.0.2.2'",
    ])
    expect(gcloudByHand({ project: 'p', managedZone: 'z' })({ kind: 'remove', zone, what: removed })).toEqual([
      'gcloud dns record-sets delete _hotspare.shop.example.com. --type=TXT --zone=z --project=p',
    ])
  })

  it('is a comment of one line where there is only a web page', () => {
    expect(consoleByHand('cloudflare\nzone')({ kind: 'set', zone, set })).toEqual([
      '# in the console of cloudflare zone: set shop.example.com A to 192.0.2.1 and 192.0.2.2, and nothing else, with a TTL of 30 s',
    ])
  })
})
