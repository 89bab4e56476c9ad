import { Readable } from 'node:stream'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { createStaleStore } from './stale.ts'
import { httpOrigin, startProxy, until } from './origins.fixture.ts'

const silent = () => httpOrigin(() => {})

describe('the time that all attempts have together', () => {
  it('ends the request with 504, however much each attempt may still have', async () => {
    const origins = [await silent(), await silent(), await silent(), await silent()]
    const { url, of } = await startProxy(origins, { attempts: 4, firstByteTimeoutMs: 300, answerTimeoutMs: 750 })
    expect((await request(url)).statusCode).toBe(504)
    await until(() => of('request-finished').length === 1, 'the end')
    const [end] = of('request-finished')
    expect(end).toMatchObject({ reason: 'out-of-time', status: 504, because: expect.stringContaining('within 750 ms') })
    expect(end?.attempts).toBeLessThan(4)
    // What was under way has failed too, for the health of its target.
    expect(of('attempt-finished').at(-1)?.failure).toMatchObject({ reason: 'timeout', sent: true })
    expect(of('request-retried').length).toBe((end?.attempts ?? 0) - 1)
  })

  it('counts while a picker is waited for', async () => {
    const { url, of } = await startProxy([], { answerTimeoutMs: 100, pick: () => new Promise(() => {}) })
    expect((await request(url)).statusCode).toBe(504)
    await until(() => of('request-finished').length === 1, 'the end')
    expect(of('request-finished')).toMatchObject([{ reason: 'out-of-time', attempts: 0 }])
  })

  it('ends an answer that is held back and drips, and the connection goes on', async () => {
    const origin = await httpOrigin((incoming, response) => {
      if (incoming.url === '/quick') return void response.end('quick')
      response.writeHead(200, { 'content-length': 1_000 })
      const timer = setInterval(() => response.write('x'), 20)
      response.once('close', () => clearInterval(timer))
    })
    const { url, of } = await startProxy([origin], { answerTimeoutMs: 200 })
    expect((await request(url)).statusCode).toBe(504)
    expect(await (await request(`${url}/quick`)).body.text()).toBe('quick')
    expect(of('request-finished')[0]).toMatchObject({ reason: 'out-of-time' })
  })

  it('does not end an answer that the client has a part of', async () => {
    const origin = await httpOrigin((_incoming, response) => {
      response.write('begun')
      setTimeout(() => response.end(' and ended'), 600)
    })
    const { url } = await startProxy([origin], { answerTimeoutMs: 150 })
    expect(await (await request(url)).body.text()).toBe('begun and ended')
  })

  it('begins when the request is whole: a slow upload has its own time', async () => {
    const origin = await httpOrigin((incoming, response) => {
      let bytes = 0
      incoming.on('data', (piece: Buffer) => (bytes += piece.length)).on('end', () => response.end(String(bytes)))
    })
    const { url } = await startProxy([origin], { answerTimeoutMs: 200 })
    async function* slowly() {
      for (let piece = 0; piece < 6; piece += 1) {
        yield Buffer.alloc(100)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    const { statusCode, body } = await request(url, { method: 'PUT', body: Readable.from(slowly()) })
    expect([statusCode, await body.text()]).toEqual([200, '600'])
  })

  it('gives way to an answer that was kept', async () => {
    let works = true
    const origin = await httpOrigin((_incoming, response) => {
      if (works) response.writeHead(200, { 'cache-control': 'max-age=0', 'content-length': 4 }).end('kept')
    })
    const { url, of } = await startProxy([origin], { answerTimeoutMs: 200, stale: createStaleStore({ forMs: 60_000 }) })
    expect(await (await request(url)).body.text()).toBe('kept')
    works = false
    expect(await (await request(url)).body.text()).toBe('kept')
    await until(() => of('request-finished').length === 2, 'both ends')
    expect(of('request-finished')[1]).toMatchObject({ outcome: 'answered-stale', reason: 'out-of-time' })
  })
})
