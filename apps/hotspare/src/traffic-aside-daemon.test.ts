import type { RequestListener } from 'node:http'
import { expect, it } from 'vitest'
import { until } from './api-server.fixture.ts'
import { type RunningDaemon, startDaemon } from './compose.fixture.ts'
import { fails, type Scripted, scripted, works } from './worker-outliers.fixture.ts'

/** Health checks pass, whatever the requests of users meet. */
const butHealthy =
  (answer: RequestListener): RequestListener =>
  (incoming, response) =>
    incoming.url === '/healthz' ? works(incoming, response) : answer(incoming, response)

const breaks: RequestListener = (incoming) => incoming.socket.resetAndDestroy()

async function siteOf(targets: readonly Scripted[], outliers: string): Promise<RunningDaemon> {
  const list = targets.map(({ url }, index) => `{ name: "${index}", url: "${url}" }`).join(', ')
  return startDaemon(`
node: web-1
api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: [${list}]
    balance: round-robin
    outliers: ${outliers}
    health: { type: http, path: /healthz, interval: 50ms, timeout: 5s, fall: 100, trafficFailures: 0 }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`)
}

it('a target that fails users while its probes pass is put aside, and people see it in timeline and metrics; its state stays up', async () => {
  const [bad, good] = [await scripted(butHealthy(fails)), await scripted()]
  const { happens, ask, client, api, told } = await siteOf([bad, good], '{ consecutiveErrors: 3, baseEjection: 1h, maxEjection: 1h }')
  await happens('daemon-ready')
  await until(async () => ((await ask())[0], told().includes('target-ejected shop/0')), 'the ejection')
  for (let count = 0; count < 20; count++) expect((await ask())[0]).toBe(200)
  await until(async () => (await client.status()).pools[0]?.targets[0]?.ejected !== undefined, 'the status')
  const status = await client.status()
  expect(status.pools[0]?.targets).toMatchObject([
    { state: 'up', ejected: { until: expect.any(Number), because: '3 requests in a row failed' } },
    { state: 'up' },
  ])
  expect(status.pools[0]?.targets[1]?.ejected).toBeUndefined()
  const { text } = await client.explain('shop/0')
  expect(text[0]).toMatch(/^shop\/0 is put aside since .*, until .*: 3 requests in a row failed; its health:$/)
  expect(status.pools[0]?.because).toBe('tier 0 serves, because it is preferred (1 up, 1 ejected)')
  const metrics = await (await fetch(`${api}/metrics`)).text()
  expect(metrics).toContain('hotspare_ejections_total{target="shop/0",cause="consecutive-errors"} 1')
  expect(metrics).toContain('hotspare_target_ejected{pool="shop",target="shop/0"} 1')
  // Probes of it have passed all the while: they disprove nothing about its answers.
  expect(told()).not.toContain('target-returned shop/0')
})

it('one that was put aside for want of an answer is back with the next probe that passes', async () => {
  const [bad, good] = [await scripted(butHealthy(breaks)), await scripted()]
  const { happens, ask } = await siteOf([bad, good], '{ consecutiveLocalErrors: 3, baseEjection: 1h, maxEjection: 1h }')
  await happens('daemon-ready')
  // What breaks off is repeated at the other one: nobody sees an error.
  for (let count = 0; count < 6; count++) expect((await ask())[0]).toBe(200)
  await happens('target-ejected', { targetId: 'shop/0', cause: 'consecutive-local-errors' })
  bad.answer = works
  await happens('target-returned', { targetId: 'shop/0', because: 'a probe of it has passed' })
  bad.served()
  await until(async () => ((await ask())[0], bad.served() > 0), 'requests there again')
})
