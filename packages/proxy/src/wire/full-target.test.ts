import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exchangeRaw, httpOrigin, type Origin, rawOrigin, startProxy, until } from '../origins.fixture.ts'
import { countingOrigin } from './counting-origin.fixture.ts'
import { rawClient } from './raw-client.fixture.ts'

/** A target that answers when it is told to. */
async function holding(): Promise<Origin & { readonly held: ServerResponse[] }> {
  const held: ServerResponse[] = []
  const origin = await httpOrigin((incoming, response) => {
    incoming.resume()
    held.push(response)
  })
  onTestFinished(() => {
    for (const response of held) response.destroy()
  })
  return { ...origin, held }
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const post = (fields: string) => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`

describe('a target that has as many requests as may be', () => {
  const limits = { maxConnectionsPerTarget: 1, maxWaitingPerTarget: 1, drainTimeoutMs: 0 }

  it('lets no more wait than the limit says: who comes then is answered 503 at once, and no retry is charged', async () => {
    const origin = await holding()
    const { port, of, proxy } = await startProxy([origin], { ...limits, attempts: 2, retryRatio: 0, minimumRetriesPerSecond: 0 })
    const clients = [rawClient(port), rawClient(port)]
    for (const client of clients) client.send(get)
    await until(() => origin.held.length === 1 && proxy.active === 2, 'the first requests')
    expect(await exchangeRaw(port, get)).toMatch(/^HTTP\/1\.1 503 /)
    expect(of('request-finished')).toMatchObject([{ status: 503, reason: 'attempts-used-up', attempts: 2 }])
    expect(of('attempt-finished').map(({ failure }) => failure)).toMatchObject([{ reason: 'full', sent: false }, { reason: 'full' }])
    // Who waits gets its turn.
    origin.held[0]?.end('first')
    await until(() => origin.held.length === 2, 'the second request')
    origin.held[1]?.end('second')
    for (const client of clients) await client.hears(/(?:first|second)$/)
  })

  it('sends the next one to another target, without a wait', async () => {
    const busy = await holding()
    const free = await httpOrigin((_incoming, response) => response.end('free'))
    const { port, of, proxy } = await startProxy([busy, free], limits)
    for (const client of [rawClient(port), rawClient(port)]) client.send(get)
    await until(() => busy.held.length === 1 && proxy.active === 2, 'the first requests')
    for (let turn = 0; turn < 3; turn += 1) expect(await exchangeRaw(port, get)).toMatch(/free$/)
    expect(of('request-retried').map(({ failure }) => failure.reason)).toEqual(['full', 'full', 'full'])
  })

  it('also sends a POST there, whose body is not lost', async () => {
    const busy = await holding()
    const free = await countingOrigin()
    const { port } = await startProxy([busy, free], { ...limits, maxWaitingPerTarget: 0 })
    rawClient(port).send(get)
    await until(() => busy.held.length === 1, 'the first request')
    expect(await exchangeRaw(port, `${post('Content-Length: 5\r\nConnection: close')}hello`)).toMatch(/taken$/)
    const chunked = `${post('Transfer-Encoding: chunked\r\nConnection: close')}5\r\nworld\r\n0\r\n\r\n`
    expect(await exchangeRaw(port, chunked)).toMatch(/taken$/)
    expect(free.bodies).toEqual(['hello', 'world'])
  })

  it('does not count a request that has left its place in the queue', async () => {
    const origin = await holding()
    const { port, proxy } = await startProxy([origin], limits)
    rawClient(port).send(get)
    await until(() => origin.held.length === 1, 'the first request')
    for (let turn = 0; turn < 3; turn += 1) {
      const leaving = rawClient(port)
      leaving.send(get)
      await until(() => proxy.active === 2, 'a second request')
      leaving.socket.destroy()
      await until(() => proxy.active === 1, 'its end')
    }
    const last = rawClient(port)
    last.send(get)
    await until(() => proxy.active === 2, 'the one that waits')
    origin.held[0]?.end()
    await until(() => origin.held.length === 2, 'its turn')
    expect(proxy.active).toBe(1)
  })
})

it('a target that breaks its connections frees the places of those that wait', async () => {
  const origin = await rawOrigin((socket) => socket.once('data', () => setImmediate(() => socket.destroy())))
  const { port, of } = await startProxy([origin], { maxConnectionsPerTarget: 1, maxWaitingPerTarget: 100, attempts: 1 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => exchangeRaw(port, get)))
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 502 /)
  expect(of('request-finished')).toHaveLength(20)
})
