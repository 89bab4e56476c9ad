import { createServer, type Server } from 'node:net'
import { errorText } from '@hotspare/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { composeFrom, startDaemon, startOrigin, startReceiver } from './compose.fixture.ts'

// Probes are frequent and patient: a busy machine makes them late, and not wrong.
const health = '{ type: http, path: /healthz, interval: 50ms, timeout: 5s, fall: 2, rise: 2 }'

const listen = (port = 0) => `127.0.0.1:${port}`
const yamlOf = (targets: string, more = '') => `
node: web-1
api: { listen: "${listen()}" }
pools: { shop: { targets: [${targets}], health: ${health} } }
proxies: [{ name: web, listen: "${listen()}", pool: shop, timeouts: { drain: 5s } }]
${more}`

/** A port that is taken until the test is over. */
async function takenPort(): Promise<number> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address ? address.port : 0
}

/** What keeps this process alive, as far as a daemon could have left it behind. */
function handles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|TLS|Timeout|Pipe(?:Server)?Wrap|GetAddrInfo|ProcessWrap|HTTP/.test(name))
    .toSorted()
}

describe('a daemon', () => {
  it('serves, tells of a death and of the return, in that order, and who was alarmed hears the all-clear', async () => {
    const [a, b, receiver] = [await startOrigin('a'), await startOrigin('b'), await startReceiver()]
    const running = await startDaemon(
      yamlOf(
        `{ name: a, url: "${a.url}" }, { name: b, url: "${b.url}" }`,
        `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } } }`,
      ),
    )
    const { happens, ask, client, told } = running
    await happens('daemon-ready')
    expect(await client.status()).toMatchObject({ ready: true, notReady: [], node: 'web-1', version: '1.2.3' })
    for (let count = 0; count < 20; count++) expect((await ask())[0]).toBe(200)
    expect(a.served() + b.served()).toBe(20)

    await a.kill()
    await happens('target-down', { targetId: 'shop/a' })
    for (let count = 0; count < 5; count++) expect(await ask()).toEqual([200, 'b'])
    await happens('alert-delivered')
    const status = await client.status()
    expect(status.ready).toBe(true)
    expect(status.pools[0]?.targets).toMatchObject([
      { id: 'shop/a', state: 'down', because: expect.stringMatching(/connection refused/) },
      { id: 'shop/b', state: 'up' },
    ])
    expect((await client.explain('shop/a')).text.join('\n')).toMatch(/shop\/a \(http.*\) is down.*connection refused.*would bring it up/s)

    await a.start()
    await happens('target-up', { targetId: 'shop/a', from: 'down' })
    await until(() => receiver.alerts.length === 2, 'the all-clear')
    expect(receiver.alerts).toMatchObject([
      {
        key: 'target/shop/a',
        status: 'firing',
        severity: 'warning',
        type: 'target-down',
        title: 'shop/a is down',
        labels: { node: 'web-1', pool: 'shop' },
      },
      { key: 'target/shop/a', status: 'resolved', severity: 'warning', type: 'target-up', title: 'shop/a is up again' },
    ])
    const lines = told()
    expect(lines.slice(0, 3)).toEqual(['daemon-started', 'proxy-listening web', 'api-listening'])
    expect(lines.filter((line) => line === 'daemon-ready')).toHaveLength(1)
    const story = ['target-down shop/a', 'alert-delivered target/shop/a', 'target-up shop/a']
    // The first start of a target is an `up` too.
    const heard = lines.slice(lines.indexOf('target-down shop/a')).filter((line) => story.includes(line))
    expect([...new Set(heard)]).toEqual(story)
  })

  it('that has no target left says so, alarms gravely, is not ready, and recovers', async () => {
    const [a, receiver] = [await startOrigin('a'), await startReceiver()]
    const { happens, ask, api, told } = await startDaemon(
      yamlOf(
        `{ name: a, url: "${a.url}" }`,
        `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } }, routes: [{ match: { severity: critical }, to: [ops] }] }`,
      ),
    )
    await happens('daemon-ready')
    await a.kill()
    await happens('pool-exhausted')
    const ready = await fetch(`${api}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, notReady: ['pool shop: no target is up'] }])
    expect((await fetch(`${api}/healthz`)).status).toBe(200)
    expect((await ask())[0]).toBeGreaterThanOrEqual(502)
    await until(() => receiver.alerts.length === 1, 'the alarm')
    expect(receiver.alerts[0]).toMatchObject({ severity: 'critical', text: expect.stringContaining('No target of pool shop is up.') })
    await a.start()
    await happens('pool-recovered')
    expect(await ask()).toEqual([200, 'a'])
    await until(() => receiver.alerts.length === 2, 'the all-clear')
    expect(receiver.alerts[1]).toMatchObject({ status: 'resolved', severity: 'critical' })
    await happens('requests-failed', { proxy: 'web' })
    expect(told().filter((line) => line.startsWith('pool-'))).toEqual(['pool-exhausted shop', 'pool-recovered shop'])
  })

  // Once `status` had words of its own, which stayed as they were until the state changed.
  it('says of a target that is not proven yet what the health checks say, and no more than that', async () => {
    const port = await freePort()
    const { client } = await startDaemon(yamlOf(`{ name: a, url: "http://127.0.0.1:${port}" }`).replace('fall: 2', 'fall: 100'))
    await until(async () => (await client.explain('shop/a')).counters.consecutiveFailures > 0, 'a failed probe')
    const { target, text } = await client.explain('shop/a')
    expect(target.state).toBe('unknown')
    expect(text).toContain(`because ${target.because}`)
  })

  it('starts with all its targets down: they are known, nobody is served, and it says so once', async () => {
    const [one, other] = [await freePort(), await freePort()]
    const { happens, told, client } = await startDaemon(yamlOf(`"http://127.0.0.1:${one}", "http://127.0.0.1:${other}"`))
    await happens('daemon-ready')
    await happens('pool-exhausted')
    expect(told().filter((line) => /^(?:pool|daemon-ready)/.test(line))).toEqual(['daemon-ready', 'pool-exhausted shop'])
    expect(await client.status()).toMatchObject({ ready: false, notReady: ['pool shop: no target is up'] })
  })

  it('gives a drained target nothing new, lets it finish what it has, and is silent when it then dies', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const [a, b, receiver] = [await startOrigin('a', () => held), await startOrigin('b', () => held), await startReceiver()]
    const { happens, ask, client } = await startDaemon(
      yamlOf(
        `{ name: a, url: "${a.url}" }, { name: b, url: "${b.url}" }`,
        `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } } }`,
      ),
    )
    await happens('daemon-ready')
    const slow = [ask('/slow'), ask('/slow')]
    await until(() => a.served() === 1 && b.served() === 1, 'each has a request')
    expect(await client.drain('shop/a')).toMatchObject({ state: 'draining', active: 1, because: 'drained through the API' })
    expect(await client.drain('shop/a')).toMatchObject({ state: 'draining' })
    for (let count = 0; count < 10; count++) expect(await ask()).toEqual([200, 'b'])
    expect(a.served()).toBe(1)
    release()
    expect((await Promise.all(slow)).map(([status, body]) => `${status} ${body}`).toSorted()).toEqual(['200 a', '200 b'])
    expect((await client.explain('shop/a')).text[0]).toMatch(/^shop\/a is draining since .*: drained through the API; its health:$/)

    await a.kill()
    await happens('target-down', { targetId: 'shop/a' })
    expect((await client.status()).pools[0]?.targets[0]).toMatchObject({ state: 'draining' })
    await a.start()
    await happens('target-up', { targetId: 'shop/a', from: 'down' })
    expect(await client.undrain('shop/a')).toMatchObject({ state: 'up' })
    await until(async () => (await ask())[1] === 'a', 'it gets requests again')
    expect(receiver.alerts).toEqual([])
  })

  it('that is drained of its last target answers 503 at once', async () => {
    const a = await startOrigin('a')
    const { happens, ask, client, told } = await startDaemon(yamlOf(`{ name: a, url: "${a.url}" }`))
    await happens('daemon-ready')
    await client.drain('shop/a')
    expect((await ask())[0]).toBe(503)
    expect(a.served()).toBe(0)
    expect(told().filter((line) => /^(?:target-drained|pool)/.test(line))).toEqual(['target-drained shop/a', 'pool-exhausted shop'])
    await client.undrain('shop/a')
    expect(await ask()).toEqual([200, 'a'])
  })

  it('knows where it listens and what it did: status, timeline, events and metrics agree', async () => {
    const a = await startOrigin('a')
    const { happens, ask, client, api, site } = await startDaemon(yamlOf(`{ name: a, url: "${a.url}" }`))
    await happens('daemon-ready')
    for (let count = 0; count < 7; count++) await ask()
    const status = await client.status()
    // Once it was the address that the file asked for: port 0.
    expect(status.proxies).toEqual([{ name: 'web', listen: site().replace('http://', ''), pool: 'shop', active: 0 }])
    expect(status.pools[0]?.targets[0]).toMatchObject({ picks: 7, active: 0 })
    const { entries } = await client.timeline()
    const events = client.events({ after: 0 })
    for (const entry of entries) expect((await events.next()).value).toEqual(entry)
    await events.return(undefined)
    const metrics = await (await fetch(`${api}/metrics`)).text()
    expect(metrics).toContain('hotspare_requests_total{proxy="web",pool="shop",outcome="answered",status="2xx"} 7\n')
    expect(metrics).toContain('hotspare_attempts_total{target="shop/a",result="answered"} 7\n')
    expect(metrics).toContain('hotspare_target_state{pool="shop",target="shop/a",state="up"} 1\n')
    expect(metrics).toMatch(/hotspare_probes_total\{target="shop\/a",outcome="pass"\} [1-9]/)
  })

  it('has no secret in any of its answers, where a channel fails that is made of secrets', async () => {
    const a = await startOrigin('a')
    const env = { TOKEN: 'open-sesame-and-more', HOOK: `http://user:hunter22@127.0.0.1:${await freePort()}/hooks/T0/very-secret` }
    const { happens, api } = await startDaemon(
      yamlOf(`{ name: a, url: "${a.url}" }`, 'alerts: { channels: { ops: { type: webhook, url: "${env:HOOK}" } } }').replace(
        '" }\npools',
        '", token: "${env:TOKEN}" }\npools',
      ),
      env,
    )
    await happens('daemon-ready')
    await a.kill()
    await happens('alert-delayed')
    expect((await fetch(`${api}/api/v1/status`)).status).toBe(401)
    const headers = { authorization: `Bearer ${env.TOKEN}` }
    for (const path of ['/api/v1/status', '/api/v1/timeline', '/api/v1/targets/shop%2Fa', '/metrics', '/nothing']) {
      const text = await (await fetch(`${api}${path}`, { headers })).text()
      expect(text.length).toBeGreaterThan(10)
      expect(text).not.toMatch(/sesame|hunter22|very-secret/)
    }
  })
})

describe('a daemon that cannot listen', () => {
  it.each([
    ['the second proxy', (taken: number, free: number) => [free, taken, 0], 'HOTSPARE_PROXY_LISTEN'],
    ['the API', (taken: number, free: number) => [free, 0, taken], 'HOTSPARE_APP_LISTEN'],
  ] as const)('because the port of %s is taken says so and lets go of everything', async (_what, ports, code) => {
    const before = handles()
    const [taken, free] = [await takenPort(), await freePort()]
    const [first = 0, second = 0, api = 0] = ports(taken, free)
    const daemon = await composeFrom(`
api: { listen: "${listen(api)}" }
pools: { shop: { targets: ["http://127.0.0.1:1"], health: ${health} } }
proxies:
  - { name: one, listen: "${listen(first)}", pool: shop }
  - { name: two, listen: "${listen(second)}", pool: shop }`)
    const error: unknown = await daemon.start().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(errorText(error)).toContain(`127.0.0.1:${taken}: another process listens there; stop it or`)
    expect(daemon.apiAddress).toBeUndefined()
    await expect(fetch(`http://127.0.0.1:${free}/`)).rejects.toThrow()
    // No probe was sent: nothing had begun.
    expect(daemon.timeline.entries().filter(({ type }) => type.startsWith('target'))).toEqual([])
    await until(() => handles().length <= before.length + 1, `nothing but the test's own listener is left: ${handles().join(', ')}`)
    await daemon.stop('it never ran')
  })
})

describe('a daemon that stops', () => {
  it('is not ready any more, finishes what is under way, and leaves nothing open', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const a = await startOrigin('a', () => held)
    const receiver = await startReceiver()
    const before = handles()
    const { daemon, happens, ask, api, client, site, told } = await startDaemon(
      yamlOf(`{ name: a, url: "${a.url}" }`, `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } } }`),
    )
    await happens('daemon-ready')
    await daemon.start()
    expect(told().filter((line) => line === 'daemon-started')).toHaveLength(1)
    const slow = ask('/slow')
    await until(() => a.served() === 1, 'a request is under way')
    const stopping = daemon.stop('SIGTERM')
    const again = daemon.stop('SIGINT')
    await until(async () => (await client.status()).notReady.includes('it is stopping'), 'it says so')
    expect((await fetch(`${api}/readyz`)).status).toBe(503)
    release()
    expect(await slow).toEqual([200, 'a'])
    await Promise.all([stopping, again])
    await daemon.stop('once more')
    await expect(fetch(site())).rejects.toThrow()
    await expect(fetch(`${api}/healthz`)).rejects.toThrow()
    const stops = daemon.timeline.entries().filter(({ type }) => type === 'daemon-stopping')
    expect(stops.map(({ text }) => text)).toEqual(['stopping: SIGTERM'])
    await a.kill()
    await until(() => handles().length <= before.length, `nothing is left beyond ${before.join(', ')}: ${handles().join(', ')}`)
  })

  it('delivers the alerts that wait while requests finish, and tells nobody of what befalls a target meanwhile', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    onTestFinished(() => release())
    const [a, b, receiver] = [await startOrigin('a', () => held), await startOrigin('b', () => held), await startReceiver()]
    const { daemon, happens, ask } = await startDaemon(
      yamlOf(
        `{ name: a, url: "${a.url}" }, { name: b, url: "${b.url}" }`,
        `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } } }`,
      ),
    )
    await happens('daemon-ready')
    const slow = ask('/slow')
    await until(() => a.served() + b.served() === 1, 'a request is under way')
    const [busy, idle] = a.served() === 1 ? [a, b] : [b, a]
    await idle.kill()
    await happens('target-down')
    const stopping = daemon.stop('SIGTERM')
    await until(() => receiver.alerts.length === 1, 'the alarm, though the request is still under way')
    release()
    expect(await slow).toEqual([200, busy === a ? 'a' : 'b'])
    await stopping
    expect(receiver.alerts).toHaveLength(1)
  })

  it('before it was started, leaves nothing either', async () => {
    const before = handles()
    const daemon = await composeFrom(yamlOf('"http://127.0.0.1:1"'))
    await daemon.stop('it never ran')
    expect(handles().length).toBeLessThanOrEqual(before.length)
  })
})

describe('a file at its limits', () => {
  it.each([
    [
      'least',
      'weight: 0, tier: 0',
      'type: http, interval: 50ms, timeout: 10ms, rise: 1, fall: 1, trafficFailures: 0',
      'attempts: 1, timeouts: { connect: 1ms, firstByte: 1ms, idle: 1ms, drain: 0s }',
    ],
    [
      'most',
      'weight: 1000, tier: 100',
      'type: http, interval: 1h, timeout: 1m, rise: 100, fall: 100, trafficFailures: 1000, status: " 100-599 , 200", body: x, host: "ü", headers: { "x!": "" }',
      'attempts: 10, timeouts: { connect: 1m, firstByte: 1h, idle: 1d, drain: 1h }, forwarded: append',
    ],
  ])('can be run with the %s of everything', async (_what, target, probe, proxy) => {
    const key = Buffer.alloc(64, 1).toString('base64')
    const daemon = await composeFrom(`
pools:
  shop:
    targets: [{ url: "http://10.0.0.1", ${target} }, "http://[::1]:65535", "https://a_b.example.:1"]
    health: { ${probe} }
    balance: round-robin
  tcp: { targets: ["https://10.0.0.1"], health: { type: tcp } }
proxies: [{ listen: ":65535", pool: tcp, ${proxy} }]
alerts:
  channels:
    ${'n'.repeat(63)}: { type: webhook, url: "HTTP://user:p%C3%BCpp@[::1]:1/x?y#z", secret: "whsec_${key}", headers: { a: "ü\\t" } }
    mail: { type: smtp, url: "SMTPS://u:pppp@[::1]/", from: "Jürgen Ü <j+x@ü.example>", to: ["o'x@a-b.example"] }
timeline: { keep: 1 }`)
    expect(daemon.timeline.entries()).toEqual([])
  })
})
