import { describe, expect, it } from 'vitest'
import { agentProbe } from './agent.ts'
import { dnsProbe } from './dns.ts'
import { httpProbe } from './http.ts'
import { icmpProbe } from './icmp.ts'
import { smtpProbe } from './smtp.ts'
import { tcpProbe } from './tcp.ts'
import { tlsProbe } from './tls.ts'

const makers: readonly (readonly [string, (host: string) => unknown])[] = [
  ['tcp', (host) => tcpProbe({ host, port: 1 })],
  ['tls', (host) => tlsProbe({ host })],
  ['smtp', (host) => smtpProbe({ host })],
  ['agent', (host) => agentProbe({ host, port: 1 })],
  ['icmp', (host) => icmpProbe({ host })],
  ['dns', (host) => dnsProbe({ server: host, name: 'shop.example' })],
  ['http', (host) => httpProbe({ url: 'http://shop.example/', connectTo: { host } })],
]

describe.each(makers)('the host of %s', (_, make) => {
  it.each(['', 'a\0b', 'a b', 'a\r\nb', '[::1]', 'x'.repeat(256)])('%j is refused before any look', (host) => {
    // A zero byte made the TCP probe throw in each run, and brackets made a name of an address.
    expect(() => make(host)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })

  it.each(['shop.example', '192.0.2.1', '2001:db8::1', 'fe80::1%eth0', '_service.shop.example', 'münchen.example'])(
    '%s is taken',
    (host) => {
      expect(() => make(host)).not.toThrow()
    },
  )
})

describe('certificates to trust', () => {
  it.each(['/etc/ssl/ca.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])('%j is none, and is refused', (ca) => {
    // Node trusts nobody then, without a word, and every target looks as if it had a bad certificate.
    expect(() => tlsProbe({ host: 'shop.example', ca })).toThrow(/ca: must hold a certificate in PEM/)
    expect(() => httpProbe({ url: 'https://shop.example/', tls: { ca } })).toThrow(/tls\.ca: must hold a certificate in PEM/)
  })
})
