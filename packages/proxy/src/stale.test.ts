import { describe, expect, it } from 'vitest'
import { request } from 'undici'
import type { StaleAnswers } from './index.ts'
import { deadTarget, httpOrigin, rawOrigin, startProxy, until } from './origins.fixture.ts'
import { createStaleStore } from './stale.ts'
import { textTarget } from './wire/raw-client.fixture.ts'

const page = () => httpOrigin((incoming, response) => void response.setHeader('content-type', 'text/plain').end(`page ${incoming.url}`))
const textOf = async (url: string, options?: Parameters<typeof request>[1]) => {
  const answer = await request(url, options)
  return `${answer.statusCode} ${await answer.body.text()}`
}

describe('without a kept answer', () => {
  it('an outage is what it is without a store', async () => {
    const { url, of } = await startProxy([await deadTarget()], { stale: createStaleStore({ forMs: 60_000 }) })
    expect(await textOf(url)).toMatch(/^502 /)
    expect(of('request-finished')).toMatchObject([{ outcome: 'refused', status: 502 }])
  })

  it('an answer that broke off is not kept, however it ends', async () => {
    const broken = [
      'content-length: 10\r\n\r\nhalf',
      'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'connection: close\r\n\r\nall of it?',
    ]
    for (const rest of broken) {
      const origin = await rawOrigin(textTarget((_heard, socket) => void socket.end(`HTTP/1.1 200 OK\r\n${rest}`)))
      const { url } = await startProxy([origin], { stale: createStaleStore({ forMs: 60_000 }), attempts: 1 })
      await textOf(url).catch(() => {})
      await origin.kill()
      expect(await textOf(url)).toMatch(/^502 /)
    }
  })

  it('an answer that is too large is not kept, and goes through whole', async () => {
    const origin = await httpOrigin((_incoming, response) => void response.end('x'.repeat(5_000)))
    const store = createStaleStore({ forMs: 60_000, maxBodyBytes: 4_999 })
    const { url } = await startProxy([origin], { stale: store })
    expect(await textOf(url)).toHaveLength(5_004)
    expect(store.entries).toBe(0)
  })

  it('a store that throws costs nobody anything', async () => {
    const throws = () => {
      throw new Error('broken')
    }
    const stores: StaleAnswers[] = [
      { offer: throws, find: throws },
      { offer: () => ({ maxBytes: 100, keep: throws }), find: () => ({ status: 200, headers: { a: '\r\n' } }) },
    ]
    for (const stale of stores) {
      const origin = await page()
      const { url } = await startProxy([origin], { stale })
      expect(await textOf(url)).toBe('200 page /')
      await origin.kill()
      expect(await textOf(url)).toMatch(/^502 /)
    }
  })

  it('a POST, or a WebSocket, is not answered with one', async () => {
    const origin = await page()
    const store = createStaleStore({ forMs: 60_000 })
    const { url } = await startProxy([origin], { stale: store })
    await textOf(url)
    expect(store.entries).toBe(1)
    await origin.kill()
    expect(await textOf(url, { method: 'POST', body: 'x' })).toMatch(/^502 /)
    expect(await textOf(url)).toMatch(/^200 /)
  })
})

describe('with a kept answer', () => {
  it('a request that no target answers gets it, with its age, and the event says why', async () => {
    const origin = await page()
    const { url, of } = await startProxy([origin], { stale: createStaleStore({ forMs: 60_000 }) })
    expect(await textOf(`${url}/a?b`)).toBe('200 page /a?b')
    await origin.kill()
    const answer = await request(`${url}/a?b`)
    expect(await answer.body.text()).toBe('page /a?b')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      age: '0',
      'cache-status': expect.stringMatching(/^hotspare; hit; ttl=-?\d+; detail=stale-if-error$/),
    })
    const head = await request(`${url}/a?b`, { method: 'HEAD' })
    expect([head.statusCode, head.headers['content-length']]).toEqual([200, '9'])
    expect(await textOf(`${url}/c`)).toMatch(/^502 /)
    expect(of('request-finished').slice(1)).toMatchObject([
      {
        outcome: 'answered-stale',
        status: 200,
        targetId: origin.id,
        because: expect.stringContaining('refused'),
        reason: expect.anything(),
      },
      { outcome: 'answered-stale' },
      { outcome: 'refused', status: 502 },
    ])
  })

  it('so does one for which there is no target to try', async () => {
    const origin = await page()
    const state = { targets: [origin] }
    const pick = () => state.targets[0] && { target: state.targets[0], reason: '', done: () => {} }
    const { url, of } = await startProxy([], { stale: createStaleStore({ forMs: 60_000 }), pick })
    await textOf(url)
    state.targets = []
    expect(await textOf(url)).toBe('200 page /')
    expect(of('request-finished')[1]).toMatchObject({ outcome: 'answered-stale', reason: 'no-target', attempts: 0 })
  })

  it.each([500, 502, 503, 504])(
    'so does one that a target answers with %d, and the target is told of by its own answer',
    async (status) => {
      const state = { status: 200 }
      const outcomes: unknown[] = []
      const origin = await httpOrigin((_incoming, response) => void response.writeHead(state.status).end(`says ${state.status}`))
      const pick = () => ({ target: origin, reason: '', done: (outcome: unknown) => void outcomes.push(outcome) })
      const { url, of } = await startProxy([], { stale: createStaleStore({ forMs: 60_000 }), pick })
      await textOf(url)
      state.status = status
      expect(await textOf(url)).toBe('200 says 200')
      expect(of('attempt-finished')[1]).toMatchObject({ status, failure: undefined })
      expect(outcomes).toMatchObject([{ ok: true }, { ok: false }])
      expect(of('request-finished')[1]).toMatchObject({
        outcome: 'answered-stale',
        status: 200,
        reason: 'error-replaced',
        because: `${origin.id} answered with ${status}`,
      })
      state.status = 200
      expect(await textOf(url)).toBe('200 says 200')
    },
  )

  it('one that a target answers with 501 or 404 gets that', async () => {
    const state = { status: 200 }
    const origin = await httpOrigin((_incoming, response) => void response.writeHead(state.status).end())
    const { url } = await startProxy([origin], { stale: createStaleStore({ forMs: 60_000 }) })
    await textOf(url)
    for (state.status of [501, 404]) expect(await textOf(url)).toBe(`${state.status} `)
  })

  it('what came in chunks goes out whole, to HTTP/1.1 and 1.0, and is kept as its body', async () => {
    const origin = await httpOrigin((_incoming, response) => {
      response.write('one ')
      setImmediate(() => response.end('two'))
    })
    const store = createStaleStore({ forMs: 60_000 })
    const { url } = await startProxy([origin], { stale: store })
    const first = await request(url)
    expect([first.headers['transfer-encoding'], await first.body.text()]).toEqual(['chunked', 'one two'])
    await until(() => store.entries === 1, 'it is kept')
    await origin.kill()
    const second = await request(url)
    expect([second.headers['content-length'], await second.body.text()]).toEqual(['7', 'one two'])
  })
})
