import { expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { formatDns, summarizeDns } from './summary-dns.ts'

const FILE = `
pools: { shop: { targets: ["http://192.0.2.11:8080", "http://192.0.2.12:8080"] } }
dns:
  providers:
    main: { type: rfc2136, server: 192.0.2.53, key: { name: hotspare, algorithm: hmac-sha256, secret: "\${env:TSIG}" } }
  server:
    listen: 127.0.0.1:5353
    zones:
      gslb.example.com:
        nameServers: [ns1.gslb.example.com]
        records: [{ name: ns1, type: A, values: [192.0.2.1] }]
        secondaries: ["192.0.2.54:53"]
  records:
    - { provider: [embedded], zone: gslb.example.com, name: shop, answers: shop, ttl: 1m }
    - { provider: main, zone: example.com, name: www, answers: shop }
`

it('says who answers for what, and shows no secret', async () => {
  const TSIG = 'c2VudGluZWwtb2YtdGhlLXRzaWcta2V5'
  const { config } = await parseConfig(FILE, { file: 'h.yaml', env: { TSIG }, hostname: 'web-1' })
  const summary = config.dns && summarizeDns(config.dns)
  expect(JSON.stringify(summary)).not.toContain(TSIG)
  expect(summary && formatDns(summary)).toEqual([
    'dns server 127.0.0.1:5353',
    '  zone gslb.example.com: name servers ns1.gslb.example.com; 1 record of its own; followed by 192.0.2.54:53',
    'dns provider main: rfc2136',
    'dns shop.gslb.example.com A at embedded: answers with what is up of pool shop (2 targets), for 1m',
    'dns www.example.com A at main: answers with what is up of pool shop (2 targets), for 30s',
  ])
})
