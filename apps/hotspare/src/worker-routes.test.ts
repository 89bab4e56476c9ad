import { TestClock } from '@hotspare/core/testing'
import type { PickContext, Picked } from '@hotspare/proxy'
import { describe, expect, it } from 'vitest'
import { parseConfig } from './config/load.ts'
import { WorkerMaintenance } from './worker-maintenance.ts'
import { createFront } from './worker-routes.ts'

async function frontOf(proxy: string, pools = 'shop: { targets: [http://10.0.0.1] }, api: { targets: [http://10.0.0.2] }') {
  const readFile = () => Promise.resolve(Buffer.from('<h1>page</h1>'))
  const text = `pools: { ${pools} }\nproxies: [{ listen: ":8080", ${proxy} }]`
  const { config } = await parseConfig(text, { file: 'f', env: {}, hostname: 'h', readFile })
  const clock = new TestClock()
  const maintenance = new WorkerMaintenance(config.pools, clock)
  const pickIn = (pool: string): Picked => ({ refused: `to ${pool}` })
  const front = createFront({ proxy: config.proxies[0]!, pools: config.pools, pickIn, maintenance, clock })
  const asked = (host: string, path: string, remoteAddress = '192.0.2.1') => ({
    method: 'GET',
    url: path,
    host,
    path,
    headers: { host },
    remoteAddress,
  })
  const pick = (host: string, path: string, remoteAddress?: string): Picked => {
    const context: PickContext = { request: asked(host, path, remoteAddress), exclude: new Set(), signal: new AbortController().signal }
    const picked = front.pick(context)
    if (picked instanceof Promise) throw new Error('expected a pick at once')
    return picked
  }
  return { front, clock, maintenance, pick, asked }
}

describe('a request that no pool gets', () => {
  it('is answered 404 where no route is for it, and 400 where nobody can tell which one', async () => {
    const { pick } = await frontOf('routes: [{ host: a.example, path: /api, pool: api }]')
    expect(pick('b.example', '/api')).toMatchObject({
      answer: { status: 404, body: 'hotspare: 404 Not Found\n', reason: 'no route is for it' },
    })
    expect(pick('a.example', '//api')).toMatchObject({
      answer: { status: 400, reason: 'servers may read its path as that of another route' },
    })
    expect(pick('a.example', '/api/x')).toEqual({ refused: 'to api' })
  })

  it('gets the page for that status, if there is one', async () => {
    const { pick, front } = await frontOf('errorPages: { 404: a.html, 503: b.html }, routes: [{ path: /api, pool: api }]')
    expect(pick('a', '/')).toMatchObject({
      answer: { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<h1>page</h1>' },
    })
    expect(Object.keys(front.errorPages)).toEqual(['404', '503'])
  })

  it('is sent elsewhere, or answered, as its route says', async () => {
    const { pick } = await frontOf(
      'pool: shop, routes: [{ host: old.example, redirect: { https: true } }, { path: /robots.txt, answer: { status: 200, body: no } }]',
    )
    expect(pick('old.example:8080', '/a?b')).toMatchObject({ answer: { status: 308, headers: { location: 'https://old.example/a?b' } } })
    expect(pick('', '/robots.txt')).toMatchObject({
      answer: { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'no' },
    })
    expect(pick('', '/')).toEqual({ refused: 'to shop' })
  })
})

describe('in maintenance', () => {
  const page = expect.objectContaining({ status: 503, reason: 'pool shop is in maintenance' }) as object

  it('a pool of the file answers with a page, but to those who try what was done', async () => {
    const { pick } = await frontOf(
      'pool: shop, errorPages: { maintenance: m.html }',
      'shop: { targets: [http://10.0.0.1], maintenance: { on: true, allow: [10.0.0.0/8, "fd00::/8"], retryAfter: 90s } }',
    )
    const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'retry-after': '90' }
    expect(pick('', '/')).toEqual({ answer: { status: 503, headers, body: '<h1>page</h1>', reason: 'pool shop is in maintenance' } })
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1']) expect(pick('', '/', address)).toEqual({ refused: 'to shop' })
    for (const address of ['11.0.0.1', '::ffff:11.0.0.1', 'fe80::1', '']) expect(pick('', '/', address)).toEqual({ answer: page })
  })

  it('a route alone is, and the rest of its pool is not', async () => {
    const { pick } = await frontOf('pool: shop, routes: [{ path: /cart, pool: shop, maintenance: true }]')
    expect(pick('', '/cart/1')).toEqual({ answer: page })
    expect(pick('', '/')).toEqual({ refused: 'to shop' })
  })

  it('by a word of people a pool is until they take it back, or until its time is over, though nobody says so', async () => {
    const { pick, maintenance, clock } = await frontOf('pool: shop')
    maintenance.set('shop', { since: 0, because: 'x' })
    expect(pick('', '/')).toMatchObject({ answer: { headers: { 'retry-after': '300' } } })
    maintenance.set('shop', undefined)
    expect(pick('', '/')).toEqual({ refused: 'to shop' })
    maintenance.set('shop', { since: 0, because: 'x', until: clock.wallMs() + 20_000 })
    maintenance.set('stranger', { since: 0, because: 'x' })
    await clock.advance(5_500)
    expect(pick('', '/')).toMatchObject({ answer: { headers: { 'retry-after': '15' } } })
    await clock.advance(14_500)
    expect(pick('', '/')).toEqual({ refused: 'to shop' })
  })
})

describe('kept answers', () => {
  it('cost nothing where no pool wants them', async () => {
    expect((await frontOf('pool: shop')).front.stale).toBeUndefined()
    // Nor where only a pool of another proxy does.
    expect(
      (await frontOf('pool: shop', 'shop: { targets: [http://a] }, api: { targets: [http://b], staleIfError: { for: 1h } }')).front.stale,
    ).toBeUndefined()
  })

  it('are kept of the pool that wants them, and of no other', async () => {
    const { front, asked } = await frontOf(
      'pool: shop, routes: [{ path: /api, pool: api }, { path: /old, redirect: { to: / } }]',
      'shop: { targets: [http://a] }, api: { targets: [http://b], staleIfError: { for: 1h } }',
    )
    const answer = { status: 200, headers: {} }
    for (const path of ['/', '/api', '/old']) front.stale?.offer(asked('a', path), answer)?.keep(Buffer.from(path))
    expect(['/', '/api', '/old', '//api'].map((path) => front.stale?.find(asked('a', path))?.body?.toString())).toEqual([
      undefined,
      '/api',
      undefined,
      undefined,
    ])
  })

  it('are forgotten when somebody writes to their address, also by a route to another pool', async () => {
    const { front, asked } = await frontOf(
      'pool: shop, routes: [{ path: /cart, methods: [POST], pool: api }]',
      'shop: { targets: [http://a], staleIfError: { for: 1h } }, api: { targets: [http://b] }',
    )
    const answer = { status: 200, headers: {} }
    for (const path of ['/cart', '/other']) front.stale?.offer(asked('a', path), answer)?.keep(Buffer.from(path))
    expect(front.stale?.offer({ ...asked('a', '/cart'), method: 'POST' }, answer)).toBeUndefined()
    expect(['/cart', '/other'].map((path) => front.stale?.find(asked('a', path))?.body?.toString())).toEqual([undefined, '/other'])
  })
})
