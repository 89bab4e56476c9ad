import { type HostileBehaviour, hostileBehaviours, hugeBody, loopbackServer } from '@hotspare/health/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { startDaemon, startHostile, startOrigin } from './compose.fixture.ts'

const { garbage, silence, emptyReply, reset, halfResponse, halfChunk, halfHeader, resetInBody, endlessHeader, twoLengths } =
  hostileBehaviours

/** What an operator reads of each. */
const hostile = {
  garbage: [garbage, /not HTTP/],
  silence: [silence, /nothing more within 1000 ms while waiting for the answer/],
  'empty-reply': [emptyReply, /closed/],
  reset: [reset, /reset/],
  'half-header': [halfHeader, /closed/],
  'endless-header': [endlessHeader, /the header is longer than 16384 bytes/],
  // All in one piece: what pours them one by one would keep this process busy, which the daemon shares.
  'many-interim': [
    (socket) => void socket.resume().write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000)),
    /more than 10 interim answers/,
  ],
} satisfies Record<string, readonly [HostileBehaviour, RegExp]>

describe('targets gone bad', () => {
  it('are down, each with its reason in status and explain, and the good one beside them serves on untouched', async () => {
    const good = await startOrigin('good')
    const targets = [`{ name: good, url: "${good.url}" }`]
    for (const [name, [behave]] of Object.entries(hostile)) targets.push(`{ name: ${name}, url: "${(await startHostile(behave)).url}" }`)
    const { happens, ask, client, told } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools: { shop: { targets: [${targets.join(', ')}], health: { type: http, path: /healthz, interval: 100ms, timeout: 1s, fall: 2 } } }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`)
    await happens('target-up', { targetId: 'shop/good' })
    for (let count = 0; count < 20; count++) expect(await ask()).toEqual([200, 'good'])
    await happens('daemon-ready')
    const { ready, pools } = await client.status()
    expect(ready).toBe(true)
    for (const [name, [, reason]] of Object.entries(hostile)) {
      const target = pools[0]?.targets.find((each) => each.name === name)
      expect([name, target?.state, target?.because]).toEqual([name, 'down', expect.stringMatching(reason)])
      const { text, history } = await client.explain(`shop/${name}`)
      expect([name, text.join('\n')]).toEqual([name, expect.stringMatching(reason)])
      // The hostile ones share this process: what was not read in time while it was busy is doubted, and does not count.
      expect(history.every(({ outcome, detail }) => ['fail', 'inconclusive'].includes(outcome) && detail.length <= 200)).toBe(true)
      expect(history.some(({ outcome }) => outcome === 'fail')).toBe(true)
    }
    for (let count = 0; count < 20; count++) expect(await ask()).toEqual([200, 'good'])
    expect(told().filter((line) => line.endsWith('shop/good'))).toEqual(['target-up shop/good'])
  })

  it('that look healthy to their probes cost retries, and no user sees it', async () => {
    const good = await startOrigin('good')
    const targets = [`{ name: good, url: "${good.url}" }`]
    const faulty = { garbage, emptyReply, reset, halfResponse, halfHeader, resetInBody, endlessHeader, twoLengths }
    for (const [name, behave] of Object.entries(faulty)) targets.push(`{ name: ${name}, url: "${(await startHostile(behave)).url}" }`)
    const { happens, ask, told } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools: { shop: { targets: [${targets.join(', ')}], health: { type: tcp, interval: 1h, timeout: 5s }, balance: round-robin } }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop, attempts: 10 }]`)
    await happens('daemon-ready')
    // Fewer retries than the budget allows in its window.
    for (let count = 0; count < 9; count++) expect(await ask()).toEqual([200, 'good'])
    for (const name of Object.keys(faulty)) await happens('requests-retried', { targetId: `shop/${name}` })
    expect(told().filter((line) => line.startsWith('requests-failed') || line.startsWith('target-down'))).toEqual([])
  })

  it('that refuse connections are found out by the traffic long before a probe looks', async () => {
    const [good, bad] = [await startOrigin('good'), await startOrigin('bad')]
    const { happens, ask, client, told } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: [{ name: good, url: "${good.url}" }, { name: bad, url: "${bad.url}" }]
    health: { type: tcp, interval: 1h, timeout: 5s, trafficFailures: 2 }
    balance: round-robin
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`)
    await happens('daemon-ready')
    await bad.kill()
    for (let count = 0; count < 8; count++) expect(await ask()).toEqual([200, 'good'])
    const down = await happens('target-down', { targetId: 'shop/bad' })
    expect(down.text).toMatch(/2 requests in a row failed: refused: .*ECONNREFUSED/)
    expect((await client.status()).pools[0]?.targets[1]).toMatchObject({ state: 'down', because: down['because'] })
    expect(told().filter((line) => line.startsWith('requests-failed'))).toEqual([])
  })

  it('that break off late, after the head has gone out, cut the client off and are named', async () => {
    const bad = await startHostile(halfChunk)
    const { happens, ask } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools: { shop: { targets: [{ name: bad, url: "${bad.url}" }], health: { type: tcp, interval: 1h, trafficFailures: 0 } } }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`)
    await happens('daemon-ready')
    await expect(ask()).rejects.toThrow()
    expect((await happens('requests-failed', { proxy: 'web' })).text).toMatch(/^1 request of proxy web failed: ./)
  })

  it('that answer a probe with 100 MB are not read to the end, and the reason is clear', async () => {
    const server = await loopbackServer(hugeBody(100 * 1024 * 1024, true))
    onTestFinished(() => server.close())
    const good = await startOrigin('good')
    const { happens, ask, client } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: [{ name: good, url: "${good.url}" }, { name: huge, url: "http://127.0.0.1:${server.port}" }]
    health: { type: http, path: /healthz, interval: 200ms, timeout: 5s, fall: 2, body: ok }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`)
    await happens('target-down', { targetId: 'shop/huge' })
    await happens('target-up', { targetId: 'shop/good' })
    const { history, target } = await client.explain('shop/huge')
    expect(target).toMatchObject({ state: 'down', because: expect.stringMatching(/first 65536 bytes|body/) })
    await until(() => server.openConnections() === 0, 'the probes have hung up')
    // What the kernel took before the probe hung up; the rest stayed where it was.
    expect(server.bytesSent() / history.length).toBeLessThan(20 * 1024 * 1024)
    expect(await ask()).toEqual([200, 'good'])
  })
})
