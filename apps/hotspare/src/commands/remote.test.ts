import type { Status } from '@hotspare/api'
import { closedPort } from '@hotspare/health/testing'
import { describe, expect, it } from 'vitest'
import { startApi, targetStatus } from '../api-server.fixture.ts'
import { contextOf } from './commands.fixture.ts'
import { drain } from './drain.ts'
import { explainTarget } from './explain.ts'
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
    expect(await explainTarget('shop/a', { url }, text)).toBe(0)
    expect(text.out()).toBe('shop/a is up\nit answers\n')
    const data = contextOf()
    expect(await explainTarget('shop/a', { url, json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toEqual(backend.explain('shop/a'))
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
    const asked = [explainTarget('shop/b', { url }, contextOf()), drain('shop/b', { url }, contextOf())]
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
      explainTarget('shop/a', { url }, contextOf({ signal })),
      drain('shop/a', { url }, contextOf({ signal })),
    ])
      await expect(command).rejects.toThrow('SIGINT')
  })
})
