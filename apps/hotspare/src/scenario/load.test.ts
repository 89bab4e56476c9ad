import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { systemClock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { closedPort, loopbackServer } from '@hotspare/health/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { Load, type LoadOptions } from './load.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

async function origin(listener: Listener | ((socket: Socket) => void), raw = false): Promise<string> {
  const server = await loopbackServer(raw ? (listener as (socket: Socket) => void) : createServer(listener as Listener))
  onTestFinished(() => server.close())
  return `http://127.0.0.1:${server.port}`
}

function loadOf(options: Partial<LoadOptions> & { readonly origin: string }): { load: Load; clock: TestClock } {
  const clock = new TestClock()
  const load = new Load({ paths: ['/'], ratePerSecond: 100, timeoutMs: 10_000, clock, ...options })
  onTestFinished(() => load.stop())
  return { load, clock }
}

describe('the load', () => {
  it('asks for its paths in turn, at its rate, and counts what is answered', async () => {
    const asked: string[] = []
    const url = await origin((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.end('x')
    })
    const { load, clock } = loadOf({ origin: url, paths: ['/', '/page'], ratePerSecond: 10 })
    load.start()
    load.start()
    expect(load.sent).toBe(1)
    await clock.advance(950)
    expect(load.sent).toBe(10)
    await load.stop()
    expect(load.samples.map(({ dueMs }) => dueMs).toSorted((a, b) => a - b)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
    expect([load.failed, asked.filter((line) => line === 'GET /').length, asked.filter((line) => line === 'GET /page').length]).toEqual([
      0, 5, 5,
    ])
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(1_000)
    expect(load.sent).toBe(10)
  })

  it('does not slow down for a slow server, and counts each late answer from when it was due', async () => {
    const held: ServerResponse[] = []
    const url = await origin((_request, response) => held.push(response))
    const { load, clock } = loadOf({ origin: url })
    load.start()
    await clock.advance(999)
    expect(load.sent).toBe(100)
    await until(() => held.length === 100, 'every request is with the server, though none was answered')
    expect(load.samples).toEqual([])
    await clock.advance(4_001)
    await until(() => held.length === load.sent, 'the later ones too')
    const stopped = load.stop()
    for (const response of held) response.end('late')
    await stopped
    expect(load.sent).toBe(501)
    for (const { dueMs, endMs, failure } of load.samples) expect([endMs - dueMs, failure]).toEqual([5_000 - dueMs, undefined])
  })

  it('sends at once what a busy moment held up, each due when it was due', async () => {
    const clock = new TestClock()
    let timer: (() => void) | undefined
    let nowMs = 0
    const url = await origin((_request, response) => response.end('x'))
    const stuck = {
      monotonicMs: () => nowMs,
      wallMs: () => clock.wallMs(),
      schedule: (_delayMs: number, callback: () => void) => ((timer = callback), { cancel: () => {} }),
    }
    const load = new Load({ origin: url, paths: ['/'], ratePerSecond: 100, timeoutMs: 10_000, clock: stuck })
    load.start()
    nowMs = 35
    timer?.()
    expect(load.sent).toBe(4)
    nowMs = 36
    await load.stop()
    expect(load.samples.map(({ dueMs }) => dueMs).toSorted((a, b) => a - b)).toEqual([0, 10, 20, 30])
    expect(load.samples.every(({ endMs }) => endMs === 36)).toBe(true)
  })

  it('keeps its rate by the clock of the machine too', async () => {
    const url = await origin((_request, response) => response.end('x'))
    const load = new Load({ origin: url, paths: ['/'], ratePerSecond: 200, timeoutMs: 10_000, clock: systemClock })
    const startedMs = systemClock.monotonicMs()
    load.start()
    await until(() => load.sent >= 100, 'half a second of load')
    const tookMs = systemClock.monotonicMs() - startedMs
    await load.stop()
    // Never faster than the schedule, however late the machine was.
    expect(load.sent).toBeLessThanOrEqual(Math.floor(tookMs / 5) + 2)
    expect(load.failed).toBe(0)
  })
})

describe('a request has failed', () => {
  const failureOf = async (url: string, options: Partial<LoadOptions> = {}): Promise<string | undefined> => {
    const { load } = loadOf({ origin: url, ...options })
    load.start()
    await load.stop()
    expect([load.sent, load.failed, load.samples.length]).toEqual([1, load.samples[0]?.failure === undefined ? 0 : 1, 1])
    return load.samples[0]?.failure
  }

  it.each([200, 204, 299])('not with status %i', async (status) => {
    expect(await failureOf(await origin((_request, response) => response.writeHead(status).end()))).toBeUndefined()
  })

  it.each([302, 404, 500, 503])('with status %i', async (status) => {
    expect(await failureOf(await origin((_request, response) => response.writeHead(status).end('x')))).toBe(`status ${status}`)
  })

  it('when nobody listens', async () => {
    expect(await failureOf(`http://127.0.0.1:${await closedPort()}`)).toMatch(/ECONNREFUSED/)
  })

  it('when the server never answers', async () => {
    expect(await failureOf(await origin(() => {}), { timeoutMs: 50 })).toMatch(/timeout/i)
  })

  // Once half an answer passed for a whole one.
  it.each([
    ['breaks off in a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['breaks off in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf'],
    ['breaks off in the head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['talks nonsense', 'nonsense\r\n\r\n'],
  ])('when the answer %s', async (_what, bytes) => {
    expect(await failureOf(await origin((socket: Socket) => void socket.once('data', () => socket.end(bytes)), true))).toEqual(
      expect.any(String),
    )
  })

  it('when the answer begins and never ends', async () => {
    const url = await origin((_request, response) => void response.writeHead(200).write('half'))
    expect(await failureOf(url, { timeoutMs: 100 })).toEqual(expect.any(String))
  })

  it('not when the answer is large', async () => {
    expect(await failureOf(await origin((_request, response) => response.end('x'.repeat(5_000_000))))).toBeUndefined()
  })
})
