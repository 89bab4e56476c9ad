import { systemClock } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { deadTarget, exchangeRaw, httpOrigin, rawOrigin, startProxy, until } from './origins.fixture.ts'

describe('what an attempt tells of its target', () => {
  it('is the failure alone where no answer came', async () => {
    const { url, of } = await startProxy([await deadTarget()], { attempts: 1 })
    await fetch(url)
    expect(of('attempt-finished')).toMatchObject([{ failure: { reason: 'refused' } }])
    expect(of('attempt-finished')[0]).toMatchObject({ status: undefined, firstByteMs: undefined, retryAfterMs: undefined })
  })

  it('is the failure beside the status where the answer broke after its head', async () => {
    const broken = await rawOrigin((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    const { url, of } = await startProxy([broken], { attempts: 1 })
    expect((await fetch(url)).status).toBe(502)
    expect(of('attempt-finished')).toMatchObject([{ failure: { reason: 'closed', sent: true }, status: 200 }])
  })

  it.each([200, 404, 500, 503])('is the status %i, without a failure', async (status) => {
    const origin = await httpOrigin((_incoming, response) => response.writeHead(status).end())
    const { url, of } = await startProxy([origin])
    await fetch(url)
    expect(of('attempt-finished')).toMatchObject([{ failure: undefined, status, retryAfterMs: undefined }])
  })

  it('is the time that a 429 or a 503 asks for, and not the one of another status', async () => {
    const origin = await httpOrigin(({ url }, response) => response.writeHead(Number(url?.slice(1)), { 'retry-after': '7' }).end())
    const { url, of } = await startProxy([origin])
    for (const status of [429, 503, 200, 500]) await fetch(`${url}/${status}`)
    expect(of('attempt-finished').map(({ retryAfterMs }) => retryAfterMs)).toEqual([7_000, 7_000, undefined, undefined])
  })

  it('counts the time to the head of the answer, and not how long the client takes to read the rest', async () => {
    const time = { nowMs: 0 }
    const client = { headSeen: false }
    const origin = await httpOrigin((_incoming, response) => {
      time.nowMs += 30
      response.writeHead(200, { 'content-length': '2' })
      response.write('1')
      void until(() => client.headSeen, 'the head is there').then(() => {
        time.nowMs += 500
        response.end('2')
      })
    })
    const clock = { ...systemClock, monotonicMs: () => time.nowMs }
    const { url, of } = await startProxy([origin], { clock, bufferBytes: 0 })
    const answer = await fetch(url)
    client.headSeen = true
    expect(await answer.text()).toBe('12')
    await until(() => of('attempt-finished').length === 1, 'the end')
    expect(of('attempt-finished')).toMatchObject([{ status: 200, firstByteMs: 30, durationMs: 530 }])
  })

  it('is the status of an upgrade too, agreed or declined', async () => {
    const head = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
    const agreeing = await rawOrigin((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')),
    )
    const declining = await httpOrigin((_incoming, response) => response.writeHead(503, { 'retry-after': '2' }).end())
    for (const [target, expected] of [
      [agreeing, { status: 101, retryAfterMs: undefined }],
      [declining, { status: 503, retryAfterMs: 2_000 }],
    ] as const) {
      const { port, of } = await startProxy([target])
      await exchangeRaw(port, head)
      expect(of('attempt-finished')).toMatchObject([{ failure: undefined, firstByteMs: expect.any(Number), ...expected }])
    }
  })
})
