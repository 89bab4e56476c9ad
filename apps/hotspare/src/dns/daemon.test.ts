import { Resolver } from 'node:dns/promises'
import { hasBind, startBind } from '@hotspare/dns-wire/testing'
import { expect, it, onTestFinished } from 'vitest'
import { startDaemon, startOrigin, startReceiver } from '../compose.fixture.ts'
import { until } from '../e2e/processes.fixture.ts'

const ZONE = 'example.test'
const SECRET = 'c2VudGluZWwtb2YtdGhlLXRzaWcta2V5LTUxZDA='
const KEY = { name: 'hotspare', algorithm: 'hmac-sha256', secret: SECRET } as const

const pool = (a: string, b: string) => `
api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: [{ name: a, url: "${a}" }, { name: b, url: "${b}" }]
    health: { type: http, path: /healthz, interval: 50ms, timeout: 5s, fall: 2, rise: 1 }
`
const ADDRESSES = '{ a: 192.0.2.11, b: 192.0.2.12 }'

function resolverAt(server: string): () => Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 1_000, tries: 3 })
  resolver.setServers([server])
  return async () => (await resolver.resolve4(`www.${ZONE}`)).toSorted()
}

it('the server of a daemon answers with the targets that are up, and with all of them when none is', async () => {
  const [a, b] = [await startOrigin('a'), await startOrigin('b')]
  const { happens } = await startDaemon(`${pool(a.url, b.url)}
dns:
  server: { listen: "127.0.0.1:0", zones: { ${ZONE}: { nameServers: [ns1.${ZONE}] } } }
  records: [{ provider: embedded, zone: ${ZONE}, name: www, answers: shop, addresses: ${ADDRESSES}, ttl: 1s, holdDown: 0s }]
`)
  const { listen } = await happens('dns-listening', {})
  const ask = resolverAt(String(listen))
  expect(await ask()).toEqual(['192.0.2.11', '192.0.2.12'])
  await happens('daemon-ready', {})

  await b.kill()
  await happens('answers-changed', { because: '1 of 2 targets are up' })
  expect(await ask()).toEqual(['192.0.2.11'])

  await a.kill()
  await happens('answers-changed', { isOpen: true })
  expect(await ask()).toEqual(['192.0.2.11', '192.0.2.12'])
})

it.skipIf(!hasBind())(
  'a record at BIND answers with the targets that are up, and people hear when it cannot be changed',
  { timeout: 60_000 },
  async () => {
    const bind = await startBind({ zones: [{ name: ZONE }], keys: [KEY] })
    onTestFinished(() => bind.stop())
    const [a, b] = [await startOrigin('a'), await startOrigin('b')]
    const receiver = await startReceiver()
    const { happens, daemon } = await startDaemon(`${pool(a.url, b.url)}
alerts: { channels: { hook: { type: webhook, url: "${receiver.url}" } } }
dns:
  providers: { main: { type: rfc2136, server: { address: 127.0.0.1, port: ${bind.port} }, key: { name: hotspare, algorithm: hmac-sha256, secret: "${SECRET}" } } }
  records: [{ provider: main, zone: ${ZONE}, name: www, answers: shop, addresses: ${ADDRESSES}, ttl: 1s, holdDown: 0s, verify: { servers: ["127.0.0.1:${bind.port}"] } }]
`)
    const ask = resolverAt(`127.0.0.1:${bind.port}`)
    await happens('record-served', { name: `www.${ZONE}`, provider: 'main' })
    expect(await ask()).toEqual(['192.0.2.11', '192.0.2.12'])

    await b.kill()
    await until(async () => (await ask()).join() === '192.0.2.11', 'it does not lead to the dead one')

    await bind.stop()
    await b.start()
    await happens('provider-failed', {})
    await until(
      () => receiver.alerts.some((alert) => JSON.stringify(alert).includes('provider-failed')),
      'people know that it cannot be changed',
    )
    expect(JSON.stringify(daemon.timeline.entries()) + JSON.stringify(receiver.alerts)).not.toContain(SECRET)
  },
)
