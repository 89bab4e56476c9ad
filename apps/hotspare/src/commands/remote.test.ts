import type { Status } from '@hotspare/api'
import { closedPort } from '@hotspare/health/testing'
import { describe, expect, it } from 'vitest'
import { startApi, targetStatus } from '../api-server.fixture.ts'
import { contextOf } from './commands.fixture.ts'
import { drain } from './drain.ts'
import { explainName } from './explain.ts'
import { report } from './report.ts'
import { formatStatus, status } from './status.ts'

const answer: Status = {
  node: 'web-1',
  version: '1.2.3',
  startedAt: 1_000,
  ready: true,
  notReady: [],
  pools: [
    {
      name: 'shop',
      balance: 'least-request',
      because: 'tier 0 serves',
      targets: [
        targetStatus('shop/a', { since: 61_000, active: 12, picks: 3_456, because: '1 probe passed' }),
        targetStatus('shop/10.0.0.11:8080', {
          state: 'draining',
          tier: 1,
          weight: 100,
          since: 3_661_000,
          because: 'drained through the API',
        }),
      ],
    },
    { name: 'blog', balance: 'round-robin', because: 'the pool has no targets', targets: [] },
  ],
  proxies: [{ name: 'web', listen: '127.0.0.1:8080', pool: 'shop', active: 12 }],
  alerts: { pending: 2 },
}

describe('the status as text', () => {
  it('is a table that lines up', () => {
    expect(formatStatus(answer, 3_662_400)).toBe(
      `web-1: hotspare 1.2.3, up 1h1m1s, ready
pool shop (least-request): tier 0 serves
  shop/a               up        1h1s  tier 0  weight 1    12 active  3456 picks  1 probe passed
  shop/10.0.0.11:8080  draining  1s    tier 1  weight 100  0 active   0 picks     drained through the API
pool blog (round-robin): the pool has no targets
proxy web on 127.0.0.1:8080 -> shop, 12 active
alerts pending: 2`,
    )
  })

  it('says of targets what they ask for, what leans on what, and what is put aside', () => {
    const asks = { admin: { state: 'draining', since: 1, because: 'it asks for it itself: drain' }, weight: 0.5 }
    const unreachable = { because: 'it leans on switch, which does not work', rootCause: ['switch'] }
    const targets = [
      targetStatus('shop/a', { state: 'draining', because: 'drained through the API', asks }),
      targetStatus('shop/b', { state: 'down', unreachable, warning: '12 days left' }),
      targetStatus('shop/c', { ejected: { until: 9_000, because: '5 of 5 requests failed' } }),
    ]
    const text = formatStatus({ ...answer, pools: [{ name: 'shop', balance: 'x', because: 'y', targets }] }, 4_000)
    expect(text).toMatch(/shop\/a +draining .*drained through the API; it asks for draining itself; it asks for 50 % of its weight/)
    expect(text).toMatch(/shop\/b +unreachable .*because of switch: it leans on switch, which does not work; WARNING: 12 days left/)
    expect(text).toMatch(/shop\/c +up .*it answers; put aside for 5s: 5 of 5 requests failed/)
  })

  it('has a table of checks, and says first that a node cannot judge', () => {
    const check = { type: 'tcp', address: '10.0.0.1:22', since: 1_000, because: 'connected' } as const
    const last = { at: 1, outcome: 'pass', detail: 'connected', durationMs: 12.4 }
    const text = formatStatus(
      {
        ...answer,
        observer: { state: 'unwell', since: 1_000, because: 'the machine was suspended' },
        checks: [
          { ...check, name: 'switch', state: 'up', last },
          { ...check, name: 'backup', type: 'push', state: 'degraded', report: { outcome: 'pass', ageMs: 65_400 } },
          { ...check, name: 'new', state: 'unknown', unreachable: { because: 'it leans on switch', rootCause: ['switch'] } },
        ],
      },
      4_000,
    ).split('\n')
    expect(text[1]).toBe('web-1 CANNOT JUDGE for 3s: the machine was suspended')
    expect(text.slice(text.indexOf('checks'), text.indexOf('alerts pending: 2'))).toEqual([
      'checks',
      '  switch  up           3s  tcp   12 ms              connected',
      '  backup  degraded     3s  push  reported 1m5s ago  connected',
      '  new     unreachable  3s  tcp   no look yet        because of switch: it leans on switch',
    ])
  })

  it('says how many requests wait for a target', () => {
    const waiting = (count: number) => formatStatus({ ...answer, pools: [{ ...answer.pools[1]!, waiting: count }] }, 4_000).split('\n')[1]
    expect([0, 1, 2].map(waiting)).toEqual([
      'pool blog (round-robin): the pool has no targets',
      'pool blog (round-robin): the pool has no targets; 1 request waits',
      'pool blog (round-robin): the pool has no targets; 2 requests wait',
    ])
  })

  it('has a line for each process, where the daemon tells of them', () => {
    const processes = [
      { name: 'guard', pid: 70, since: 1_000, restarts: 0 },
      { name: 'control', pid: 93, since: 61_000, restarts: 2, because: 'killed by SIGKILL' },
      { name: 'worker', since: 120_000, restarts: 1, because: 'exit code 1' },
    ]
    expect(
      formatStatus({ ...answer, processes }, 121_000)
        .split('\n')
        .slice(-3),
    ).toEqual([
      'process guard: 70, up 2m',
      'process control: 93, up 1m, started again 2 times (the last one: killed by SIGKILL)',
      'process worker: is started again, down for 1s, started again once (the last one: exit code 1)',
    ])
  })

  it('says why a daemon is not ready, and survives clocks that disagree', () => {
    const text = formatStatus({ ...answer, ready: false, notReady: ['pool shop: no target is up', 'it is stopping'] }, 0)
    expect(text.split('\n')[0]).toBe('web-1: hotspare 1.2.3, up 0ms, not ready: pool shop: no target is up; it is stopping')
  })
})

describe('a command that asks the daemon', () => {
  it('prints the status, and fails where the daemon is not ready', async () => {
    const { url, backend } = await startApi()
    const ready = contextOf()
    expect(await status({ url }, ready)).toBe(0)
    expect(ready.out()).toMatch(/^web-1: hotspare 0\.0\.0, up .*, ready\npool shop/)
    backend.ready = false
    const notReady = contextOf()
    expect(await status({ url, json: true }, notReady)).toBe(1)
    expect(JSON.parse(notReady.out())).toEqual(backend.status())
  })

  it('explains a target', async () => {
    const { url, backend } = await startApi()
    const text = contextOf()
    expect(await explainName('shop/a', { url }, text)).toBe(0)
    expect(text.out()).toBe('shop/a is up\nit answers\n')
    const data = contextOf()
    expect(await explainName('shop/a', { url, json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toEqual(backend.explain('shop/a'))
  })

  it('explains a check, and a service where no check has its name', async () => {
    const { url, backend } = await startApi()
    const check = contextOf()
    expect(await explainName('switch', { url }, check)).toBe(0)
    expect(check.out()).toBe('switch is up\n')
    await expect(explainName('swich', { url }, contextOf())).rejects.toThrow('there is no check "swich": did you mean "switch"?')
    backend.services = ['shop-entry']
    const service = contextOf()
    expect(await explainName('shop-entry', { url, json: true }, service)).toBe(0)
    expect(JSON.parse(service.out())).toMatchObject({ service: 'shop-entry' })
  })

  it.each([
    ['a key of a target', 'shop/a', { key: 'alice' }],
    ['a target as a pool', 'shop/a', { pool: true }],
    ['an empty key', 'shop', { key: '' }],
  ])('asks nobody for %s', async (_what, name, asked) => {
    const { url, backend } = await startApi()
    await expect(explainName(name, { url, ...asked }, contextOf())).rejects.toMatchObject({ code: 'HOTSPARE_APP_USAGE' })
    expect(backend.calls).toEqual([])
  })

  it('explains where a pool sends requests, and where a key of it goes', async () => {
    const { url, backend } = await startApi()
    const spread = contextOf()
    expect(await explainName('shop', { url }, spread)).toBe(0)
    expect(spread.out()).toBe('the spread\nit answers\n')
    const key = contextOf()
    expect(await explainName('shop', { url, key: 'alice & bob/?ü' }, key)).toBe(0)
    expect(key.out()).toBe('alice & bob/?ü goes to shop/a\nit answers\n')
    const data = contextOf()
    expect(await explainName('shop', { url, key: '7', json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toMatchObject({ pool: 'shop', balance: 'maglev', key: '7' })
    expect(backend.calls).toEqual(['explain shop undefined', 'explain shop alice & bob/?ü', 'explain shop 7'])
    await expect(explainName('shoop', { url, key: '7' }, contextOf())).rejects.toThrow('there is no pool "shoop": did you mean "shop"?')
    await expect(explainName('mail', { url, pool: true }, contextOf())).rejects.toThrow('the worker has not answered yet')
  })

  it('takes a name for a check before it takes it for a service, and for a pool last; --key and --pool are for a pool', async () => {
    const { url, backend, watch } = await startApi()
    backend.services = ['shop']
    // The node looks at no service of that name, and says so: it was asked for one.
    await expect(explainName('shop', { url }, contextOf())).rejects.toThrow('this node looks at no service "shop"')
    backend.checks = [{ ...watch.checks()[0]!, name: 'shop' }]
    await expect(explainName('shop', { url }, contextOf())).rejects.toThrow('there is no check "shop"')
    for (const asked of [{ pool: true }, { key: 'alice' }]) expect(await explainName('shop', { url, ...asked }, contextOf())).toBe(0)
  })

  it.each([
    ['nothing', {}],
    ['two things at once', { ok: true, fail: true }],
    ['a measure without a number', { ok: true, measure: ['rows-count='] }],
    ['a measure without a name', { ok: true, measure: ['=3'] }],
  ])('reports nothing where a job says %s', async (_what, said) => {
    const { url, watch } = await startApi()
    await expect(report('backup', { url, ...said }, contextOf())).rejects.toMatchObject({ code: 'HOTSPARE_APP_USAGE' })
    expect(watch.reports).toEqual([])
  })

  it('reports how a job went', async () => {
    const { url, watch } = await startApi()
    const text = contextOf()
    expect(await report('backup', { url, degraded: true, detail: 'two files skipped', measure: ['files-count=2'] }, text)).toBe(0)
    expect(text.out()).toBe('backup was told: degraded, two files skipped; it was up before\n')
    expect(watch.reports).toEqual([['backup', { outcome: 'degraded', detail: 'two files skipped', measures: { 'files-count': 2 } }]])
    const data = contextOf()
    expect(await report('backup', { url, fail: true, json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toMatchObject({ name: 'backup' })
  })

  it('drains a target and takes it back', async () => {
    const { url, backend } = await startApi()
    const text = contextOf()
    expect(await drain('shop/a', { url }, text)).toBe(0)
    expect(text.out()).toBe('shop/a is draining: it answers; 0 requests under way\n')
    const data = contextOf()
    expect(await drain('shop/a', { url, undo: true, json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toMatchObject({ id: 'shop/a', state: 'up' })
    expect(backend.calls).toEqual(['drain shop/a', 'undrain shop/a'])
  })

  it('passes on what the daemon says of a target that is not there', async () => {
    const { url } = await startApi()
    const asked = [explainName('shop/b', { url }, contextOf()), drain('shop/b', { url }, contextOf())]
    for (const command of asked)
      await expect(command).rejects.toMatchObject({
        code: 'HOTSPARE_API_REFUSED',
        message: expect.stringMatching(/shop\/b.*did you mean "shop\/a"\?/),
      })
  })

  it('says that no daemon answers, or that it wants a token', async () => {
    const nobody = `http://127.0.0.1:${await closedPort()}`
    const { url } = await startApi({ token: 'open-sesame-and-more' })
    for (const command of [
      status,
      (options: { url: string; token?: string }, context: ReturnType<typeof contextOf>) => drain('shop/a', options, context),
    ]) {
      await expect(command({ url: nobody }, contextOf())).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
      await expect(command({ url }, contextOf())).rejects.toMatchObject({ message: expect.stringContaining('a token is needed') })
      expect(await command({ url, token: 'open-sesame-and-more' }, contextOf())).toBe(0)
    }
  })

  it('gives up when the process is asked to end', async () => {
    const { url } = await startApi()
    const signal = AbortSignal.abort(new Error('SIGINT'))
    for (const command of [
      status({ url }, contextOf({ signal })),
      explainName('shop/a', { url }, contextOf({ signal })),
      drain('shop/a', { url }, contextOf({ signal })),
    ])
      await expect(command).rejects.toThrow('SIGINT')
  })
})

it('a drain that the rest of its pool has no room for is refused with figures, and done when it is forced', async () => {
  const { url, backend } = await startApi()
  backend.full = 'the rest of its pool has room for 14, and 15 requests are under way'
  const failure = await drain('shop/a', { url }, contextOf()).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'HOTSPARE_API_REFUSED',
    message: expect.stringMatching(/shop\/a is not drained: .* room for 14, .*--force/),
  })
  const context = contextOf()
  expect(await drain('shop/a', { url, force: true }, context)).toBe(0)
  expect(context.out()).toContain('shop/a is draining')
})
