import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Agent, request } from 'undici'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { needOpenssl } from './certificates.fixture.ts'
import { httpOrigin, startProxy, until } from './origins.fixture.ts'
import { agent, startTlsProxy } from './tls.fixture.ts'

/** An origin whose stream says what the test tells it to. */
async function eventOrigin() {
  const streams: ServerResponse[] = []
  const origin = await httpOrigin((_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.flushHeaders()
    streams.push(response)
  })
  return { origin, streams }
}

const paths = {
  'HTTP/1.1': async (origin: Awaited<ReturnType<typeof httpOrigin>>) => {
    const dispatcher = new Agent()
    onTestFinished(() => dispatcher.destroy())
    const { url, of } = await startProxy([origin])
    return { url, of, dispatcher }
  },
  'HTTP/2': async (origin: Awaited<ReturnType<typeof httpOrigin>>) => {
    const { port, of } = await startTlsProxy([origin])
    return { url: `https://127.0.0.1:${port}`, of, dispatcher: agent() }
  },
}

describe.each(Object.entries(paths))('server-sent events by %s', (_name, start) => {
  beforeEach(needOpenssl)

  it('come one by one, as they are sent, and none waits for the next', async () => {
    const { origin, streams } = await eventOrigin()
    const { url, dispatcher } = await start(origin)
    // The head goes before there is an event.
    const { body, headers } = await request(url, { dispatcher })
    expect(headers['content-type']).toBe('text/event-stream')
    let heard = ''
    body.on('error', () => {})
    body.on('data', (piece) => (heard += String(piece)))
    for (let event = 1; event <= 5; event += 1) {
      streams[0]?.write(`id: ${event}\ndata: news\n\n`)
      await until(() => heard.endsWith(`id: ${event}\ndata: news\n\n`), `event ${event}`)
    }
    body.destroy()
  })

  it('end at their origin when the client leaves, and at the client, visibly, when the origin dies', async () => {
    const { origin, streams } = await eventOrigin()
    const { url, of, dispatcher } = await start(origin)
    const left = await request(url, { dispatcher })
    left.body.on('error', () => {}).resume()
    const closed = once(streams[0]!, 'close')
    left.body.destroy()
    await closed
    const cut = await request(url, { dispatcher })
    const broken = once(cut.body, 'error')
    cut.body.resume()
    streams[1]?.write('data: last\n\n')
    streams[1]?.socket?.resetAndDestroy()
    await broken
    await until(() => of('request-finished').length === 2, 'two ends')
    expect(of('request-finished').map(({ outcome }) => outcome)).toEqual(['client-gone', 'cut'])
  })
})
