import type { CommandResult } from '@hotspare/api'
import { createClient } from '@hotspare/api/client'
import { HotspareError } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { rawExchange, rawRequest, type RunningApi, startApi } from '../../api-server.fixture.ts'
import type { ClusterBackend } from './api-routes.ts'

const done: CommandResult = { ok: true, because: 'done', steps: [] }

/** A cluster that remembers what it was asked, and fails where it is told to. */
class FakeCluster implements ClusterBackend {
  readonly services = ['shop entry', 'db']
  readonly calls: string[] = []
  failure: Error | undefined

  command(...[service, { type, to }, { force } = {}]: Parameters<ClusterBackend['command']>): Promise<CommandResult> {
    return this.#answer(`${type} ${service} to ${to ?? 'anybody'}${type === 'switchover' && force ? ', forced' : ''}`, done)
  }

  plan(service: string, to: string | undefined): ReturnType<ClusterBackend['plan']> {
    return this.#answer(`plan ${service} to ${to ?? 'anybody'}`, { because: 'nobody could take it', candidates: [] })
  }

  setWord(...[word, because, { force } = {}]: Parameters<ClusterBackend['setWord']>): ReturnType<ClusterBackend['setWord']> {
    return this.#answer(`${word}: ${because ?? 'taken back'}${because !== undefined && force ? ', forced' : ''}`, { was: false })
  }

  setSite(...[site, because, { force }]: Parameters<ClusterBackend['setSite']>): ReturnType<ClusterBackend['setSite']> {
    const call = `site ${site}: ${because ?? 'taken back'}${force ? ', forced' : ''}`
    return this.#answer(call, { site, ok: true, because: 'told', nodes: [] })
  }

  #answer<Answer>(call: string, answer: Answer): Promise<Answer> {
    this.calls.push(call)
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(answer)
  }
}

async function start(token?: string): Promise<RunningApi & { readonly cluster: FakeCluster }> {
  const cluster = new FakeCluster()
  return { ...(await startApi({ cluster, token })), cluster }
}

async function send(url: string, method: string, init: RequestInit = {}): Promise<readonly [number, unknown]> {
  const answer = await fetch(url, { method, ...init })
  return [answer.status, await answer.json()]
}

const routes = [
  ['POST', '/api/v1/services/db/switchover'],
  ['POST', '/api/v1/services/db/failover'],
  ['GET', '/api/v1/services/db/plan'],
  ['PUT', '/api/v1/hold?because=x'],
  ['DELETE', '/api/v1/hold'],
  ['PUT', '/api/v1/maintenance?because=x'],
  ['DELETE', '/api/v1/maintenance'],
  ['PUT', '/api/v1/sites/fra/maintenance?because=x'],
  ['DELETE', '/api/v1/sites/fra/maintenance'],
] as const

describe('who may move a service', () => {
  it.each(routes)('%s %s is for those who hold the token, where there is one', async (method, path) => {
    const { url, cluster } = await start('a long enough token')
    expect((await send(url + path, method))[0]).toBe(401)
    expect((await send(url + path, method, { headers: { authorization: 'Bearer another' } }))[0]).toBe(401)
    expect(cluster.calls).toEqual([])
    expect((await send(url + path, method, { headers: { authorization: 'Bearer a long enough token' } }))[0]).toBe(200)
  })

  // A page in a browser of this machine can send a POST without asking, and a PUT or DELETE to a name that was rebound.
  it.each(routes)('%s %s is nothing for pages of other origins, nor for a name that was bound to loopback', async (method, path) => {
    const { port, cluster } = await start()
    for (const header of ['origin: https://evil.example', 'origin: null', `origin: http://127.0.0.1:${port + 1}`])
      expect(await rawRequest(port, `${method} ${path}`, header)).toMatch(/^HTTP\/1\.1 403 /)
    const rebound = `${method} ${path} HTTP/1.1\r\nhost: evil.example:${port}\r\nconnection: close\r\n\r\n`
    expect(await rawExchange(port, rebound)).toMatch(/^HTTP\/1\.1 403 /)
    expect(cluster.calls).toEqual([])
  })

  it('no browser is told that it may send one across origins', async () => {
    const { port } = await start()
    const answer = await rawRequest(port, 'OPTIONS /api/v1/hold', 'origin: https://evil.example', 'access-control-request-method: PUT')
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer.toLowerCase()).not.toContain('access-control-allow')
  })
})

describe('what cannot be done', () => {
  it.each(routes)('%s %s says so where there is no cluster', async (method, path) => {
    const { url } = await startApi()
    expect(await send(url + path, method)).toEqual([409, { error: expect.stringContaining('no node of a cluster') }])
  })

  it.each(['switchover', 'failover', 'plan'])('%s of a service that is not here names those that are', async (verb) => {
    const { url, cluster } = await start()
    const method = verb === 'plan' ? 'GET' : 'POST'
    expect(await send(`${url}/api/v1/services/shop-entri/${verb}`, method)).toEqual([
      404,
      { error: 'this node has no part in a service "shop-entri"', hint: 'did you mean "shop entry"?' },
    ])
    expect(await send(`${url}/api/v1/services/mail/${verb}`, method)).toEqual([
      404,
      expect.objectContaining({ hint: 'services: shop entry, db' }),
    ])
    expect(cluster.calls).toEqual([])
  })

  it.each(['', '?because=', '?because=%20%09', `?because=${'x'.repeat(501)}`, '?because=a&because=b', '?reason=new%20switch'])(
    'a hold needs a reason, and "%s" is none',
    async (query) => {
      const { url, cluster } = await start()
      expect(await send(`${url}/api/v1/hold${query}`, 'PUT')).toEqual([400, { error: expect.stringContaining('a reason is needed') }])
      expect(cluster.calls).toEqual([])
    },
  )

  it.each(['', '?because=', '?because=a&force=yes', '?because=a&force=', `?because=${'x'.repeat(401)}`])(
    'a word for a site with "%s" is told to nobody',
    async (query) => {
      const { url, cluster } = await start()
      expect((await send(`${url}/api/v1/sites/fra/maintenance${query}`, 'PUT'))[0]).toBe(400)
      expect(cluster.calls).toEqual([])
    },
  )

  // Once `?too=web-2`, and a body with the node in it, moved the service to whoever came first.
  it.each(['?too=web-2', '?force=yes', '?to=', '?to=a&to=b', `?to=${'x'.repeat(257)}`])('a move with %s goes nowhere', async (query) => {
    const { url, cluster } = await start()
    for (const [method, verb] of [
      ['POST', 'switchover'],
      ['POST', 'failover'],
      ['GET', 'plan'],
    ] as const)
      expect((await send(`${url}/api/v1/services/db/${verb}${query}`, method))[0]).toBe(400)
    expect(cluster.calls).toEqual([])
  })

  it('a move or a word with a body goes nowhere, and says where the wish belongs', async () => {
    const { url, port, cluster } = await start()
    const init = { body: JSON.stringify({ to: 'web-2' }), headers: { 'content-type': 'application/json' } }
    const refused = [400, { error: 'a body is not read here', hint: expect.stringContaining('?to=') }]
    expect(await send(`${url}/api/v1/services/db/switchover`, 'POST', init)).toEqual(refused)
    expect(await send(`${url}/api/v1/hold?because=x`, 'PUT', init)).toEqual(refused)
    expect(await rawRequest(port, 'POST /api/v1/services/db/failover', 'transfer-encoding: chunked\r\n\r\n0')).toMatch(/^HTTP\/1\.1 400 /)
    expect(cluster.calls).toEqual([])
  })

  it.each([
    ['people can mend', new HotspareError({ code: 'HOTSPARE_APP_STATE', message: 'the disk is full' }), 409, 'the disk is full'],
    ['may pass', new HotspareError({ code: 'HOTSPARE_CORE_TIMEOUT', message: 'no answer', retryable: true }), 503, 'no answer'],
    ['nobody foresaw', new TypeError('x is not a function'), 500, 'something went wrong inside; the log says what'],
  ])('a failure that %s has a status of its own', async (_what, failure, status, error) => {
    const { url, cluster } = await start()
    cluster.failure = failure
    expect(await send(`${url}/api/v1/services/db/switchover`, 'POST')).toEqual([status, { error }])
    expect(await send(`${url}/api/v1/hold`, 'DELETE')).toEqual([status, { error }])
  })

  it('no answer shows a secret, not even one that an error brings along', async () => {
    const { url, cluster, redactor } = await start()
    redactor.add('sentinel-7f3a')
    cluster.failure = new HotspareError({ code: 'HOTSPARE_APP_STATE', message: 'postgres://u:sentinel-7f3a@h refused' })
    expect(JSON.stringify(await send(`${url}/api/v1/services/db/switchover`, 'POST'))).not.toContain('sentinel')
    expect(JSON.stringify(await send(`${url}/api/v1/services/sentinel-7f3a/switchover`, 'POST'))).not.toContain('sentinel')
  })
})

it('the client of the API asks for what was meant, with names as they are', async () => {
  const { url, cluster } = await start()
  const client = createClient({ url })
  expect(await client.switchover('shop entry', { to: 'web-2' })).toEqual(done)
  expect(await client.failover('db')).toEqual(done)
  expect(await client.plan('db', { to: 'web-3' })).toEqual({ because: 'nobody could take it', candidates: [] })
  expect(await client.setWord('hold', 'new switch & cable')).toEqual({ was: false })
  await client.liftWord('maintenance')
  await client.switchover('db', { force: true })
  await client.setWord('maintenance', 'kernel', { force: true })
  expect(await client.setSiteMaintenance('fra', { because: 'power works', force: true })).toMatchObject({ site: 'fra', ok: true })
  await client.liftSiteMaintenance('fra')
  expect(cluster.calls).toEqual([
    'switchover shop entry to web-2',
    'failover db to anybody',
    'plan db to web-3',
    'hold: new switch & cable',
    'maintenance: taken back',
    'switchover db to anybody, forced',
    'maintenance: kernel, forced',
    'site fra: power works, forced',
    'site fra: taken back',
  ])
})
