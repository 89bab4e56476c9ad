import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { TestClock } from '@hotspare/core/testing'
import { Agent, MockAgent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createAlerter } from './alerter.ts'
import type { AlertEvent } from './events.ts'
import { readSecret, signWebhook } from './standard-webhooks.ts'
import { describeChannelContract, type ReceiverBehaviour } from './testing/channel-contract.ts'
import { sampleAlert } from './testing/sample-alert.ts'
import { webhookChannel } from './webhook.ts'

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

const PATH = '/services/T00000000/B00000000/T0K3NT0K3NT0K3N?key=T0K3NT00'
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  if (server.listening) await new Promise((resolve) => server.close(resolve))
}

/** A receiver on loopback that keeps what it gets and answers as it is told. */
async function receiver(answer: (response: ServerResponse, number: number) => void) {
  const requests: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      answer(response, requests.length)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => close(server))
  const { port } = server.address() as AddressInfo
  return { requests, server, url: `http://127.0.0.1:${port}${PATH}`, origin: `http://127.0.0.1:${port}` }
}

/** A receiver that speaks in bytes. */
async function rawReceiver(onRequest: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => onRequest(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function channelTo(url: string, options: Partial<Parameters<typeof webhookChannel>[0]> = {}) {
  const channel = webhookChannel({ name: 'ops', url, ...options })
  cleanups.push(async () => channel.close?.())
  return channel
}

const reply =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end('ok')

describe('the options of webhookChannel', () => {
  it.each([
    ['a URL of another kind', { url: 'ftp://example.com/T0K3N' }, /url: write an http:\/\/ or https:\/\/ URL/],
    ['no URL', { url: 'T0K3N' }, /url: write an http:\/\/ or https:\/\/ URL/],
    ['a password that cannot be decoded', { url: 'https://me:T0K3N%zz@example.com' }, /url: write a % in user and password as %25/],
    ['a bad secret', { secret: 'whsec_T0K3N' }, /secret: expected/],
    ['a header that the channel sets', { headers: { 'Webhook-Id': 'T0K3N' } }, /the channel sets it itself/],
    ['a header with a line break', { headers: { authorization: 'T0K3N\r\nx: y' } }, /headers\.authorization/],
    ['a name that no header may have', { headers: { 'a b': 'T0K3N' } }, /no header has such a name/],
    ['an unknown option', { retries: 3 }, /Unrecognized key: "retries"/],
    ['a timeout of nothing', { timeoutMs: 0 }, /timeoutMs/],
  ])('refuse %s, without showing it', (_case, options, message) => {
    const build = () => webhookChannel({ name: 'ops', url: 'https://example.com', ...options })
    expect(build).toThrow(expect.objectContaining({ code: 'HOTSPARE_ALERT_OPTIONS', message: expect.stringMatching(message) }))
    expect(build).not.toThrow(/T0K3N/)
  })
})

describe('webhookChannel', () => {
  it('posts versioned JSON with the headers of Standard Webhooks', async () => {
    const { requests, url } = await receiver(reply(204))
    const clock = new TestClock(1_614_265_330_900)
    const alert = sampleAlert({ title: 'Störung 日本' })
    expect(await channelTo(url, { clock, secret: SECRET, headers: { 'X-Team': 'ops' } }).send(alert)).toEqual({
      ok: true,
      receipt: 'HTTP 204',
    })

    const [{ method, url: path, headers, body }] = requests as [Received]
    expect({ method, path }).toEqual({ method: 'POST', path: PATH })
    expect(JSON.parse(body)).toEqual({ version: 1, ...alert })
    const read = readSecret(SECRET)
    const key = 'key' in read ? read.key : Buffer.alloc(0)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'webhook-id': 'alert-1',
      'webhook-timestamp': '1614265330',
      'webhook-signature': signWebhook({ id: 'alert-1', timestampSeconds: 1_614_265_330, body, key }),
      'x-team': 'ops',
    })
  })

  it('keeps the id and refreshes the time from one attempt to the next', async () => {
    const { requests, url } = await receiver((response, number) => reply(number === 1 ? 503 : 200)(response))
    const clock = new TestClock(1_000_000)
    const channel = channelTo(url, { clock })
    await channel.send(sampleAlert())
    await clock.advance(61_000)
    await channel.send(sampleAlert())
    expect(requests.map(({ headers }) => [headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature']])).toEqual([
      ['alert-1', '1000', undefined],
      ['alert-1', '1061', undefined],
    ])
  })

  it('turns user and password of the URL into a header', async () => {
    const { requests, url } = await receiver(reply(200))
    await channelTo(url.replace('http://', 'http://me:p%40ss@')).send(sampleAlert())
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
    expect(requests[0]?.url).toBe(PATH)
  })

  it('does not follow a redirect', async () => {
    const other = await receiver(reply(200))
    const { url } = await receiver(reply(307, { location: other.url }))
    expect(await channelTo(url).send(sampleAlert())).toMatchObject({ ok: false, retryable: false, reason: /HTTP 307, and redirects/ })
    expect(other.requests).toEqual([])
  })

  it.each([
    ['seconds', '30', 30_000],
    ['a date', new Date(1_700_000_045_000).toUTCString(), 45_000],
  ])('passes on a wait that the receiver asks for in %s', async (_case, value, retryAfterMs) => {
    const { url } = await receiver(reply(429, { 'retry-after': value }))
    const clock = new TestClock(1_700_000_000_000)
    expect(await channelTo(url, { clock }).send(sampleAlert())).toMatchObject({ ok: false, retryable: true, retryAfterMs })
  })

  it('gives up on a receiver that takes the request and says nothing', async () => {
    const url = await rawReceiver(() => {})
    expect(await channelTo(url, { timeoutMs: 100 }).send(sampleAlert())).toMatchObject({
      ok: false,
      retryable: true,
      reason: /no answer within 100 ms/,
    })
  })

  it('lets go of the socket, in the middle of a request, when the signal aborts', async () => {
    const controller = new AbortController()
    const peer = new EventEmitter()
    const left = once(peer, 'left')
    const url = await rawReceiver((socket) => {
      socket.once('close', () => peer.emit('left'))
      controller.abort(new Error('enough'))
    })
    expect(await channelTo(url).send(sampleAlert(), { signal: controller.signal })).toMatchObject({
      ok: false,
      retryable: true,
      reason: /enough/,
    })
    await left
  })

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['breaks off', 'HTTP/1.1 200 O'],
    ['has a header without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`],
  ])('may try again when the answer %s', async (_case, bytes) => {
    const url = await rawReceiver((socket) => void socket.end(bytes))
    expect(await channelTo(url, { timeoutMs: 5_000 }).send(sampleAlert())).toMatchObject({ ok: false, retryable: true })
  })

  it('believes the status and reads little of a body that never ends', async () => {
    let written = 0
    const url = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = Buffer.alloc(65_536, 97)
      const more = () => {
        while (!socket.destroyed) {
          written += chunk.length
          socket.write(`${chunk.length.toString(16)}\r\n`)
          socket.write(chunk)
          if (!socket.write('\r\n')) return void socket.once('drain', more)
        }
      }
      more()
    })
    expect(await channelTo(url).send(sampleAlert())).toEqual({ ok: true, receipt: 'HTTP 200' })
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  it('believes the status when the body dawdles', async () => {
    const url = await rawReceiver((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok'))
    expect(await channelTo(url, { timeoutMs: 400 }).send(sampleAlert())).toEqual({ ok: true, receipt: 'HTTP 200' })
  })

  it('goes out by the dispatcher that it is given, and leaves that open', async () => {
    const { requests, url } = await receiver(reply(200))
    const dispatcher = new Agent()
    cleanups.push(() => dispatcher.destroy())
    const channel = webhookChannel({ name: 'ops', url, dispatcher })
    await channel.send(sampleAlert())
    await channel.close?.()
    expect(requests).toHaveLength(1)
    expect(dispatcher.destroyed).toBe(false)
  })

  it('shows no secret that the way out repeats', async () => {
    const dispatcher = new MockAgent()
    cleanups.push(() => dispatcher.close())
    dispatcher.disableNetConnect()
    const headers = { authorization: 'Bearer T0K3N' }
    dispatcher
      .get('https://hooks.example.com')
      .intercept({ path: PATH, method: 'POST' })
      .replyWithError(new Error(`no way to https://hooks.example.com${PATH} with T0K3N`))
    const delivery = await channelTo(`https://hooks.example.com${PATH}`, { dispatcher, headers }).send(sampleAlert())
    expect(delivery).toEqual({
      ok: false,
      retryable: true,
      reason: 'POST to https://hooks.example.com failed: no way to *** with ***',
      retryAfterMs: undefined,
    })
  })

  it('shows nothing but the origin when the network fails', async () => {
    const { server, url, origin } = await receiver(reply(200))
    await close(server)
    const delivery = await channelTo(url).send(sampleAlert())
    expect(delivery).toMatchObject({ ok: false, retryable: true, reason: expect.stringContaining(`POST to ${origin} failed: `) })
    expect(JSON.stringify(delivery)).not.toContain('T0K3N')
  })
})

describe('webhookChannel behind an alerter', () => {
  it('delivers both alerts of a short outage, in order and once, although the receiver failed in between, and shows no secret', async () => {
    // 429 with a wait for the first, then one lost answer for the second.
    const { requests, url } = await receiver((response, number) => {
      if (number === 1) reply(429, { 'retry-after': '0' })(response)
      else if (number === 3) response.destroy()
      else reply(200)(response)
    })
    const alerter = createAlerter({ channels: [channelTo(url, { secret: SECRET })], backoffBaseMs: 20 })
    const events: AlertEvent[] = []
    const settled = new Promise<void>((resolve) =>
      alerter.subscribe((event) => {
        events.push(event)
        if (event.type === 'alert-delivered' && event.alertId === 'up-1') resolve()
      }),
    )
    await alerter.start()
    alerter.notify(sampleAlert({ id: 'down-1' }))
    alerter.notify(sampleAlert({ id: 'up-1', status: 'resolved' }))
    await settled
    await alerter.stop()
    expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual(['down-1', 'down-1', 'up-1', 'up-1'])
    expect(events.map(({ type, alertId }) => `${type} ${alertId}`)).toEqual([
      'alert-delayed down-1',
      'alert-delivered down-1',
      'alert-delayed up-1',
      'alert-delivered up-1',
    ])
    expect(JSON.stringify(events)).not.toMatch(/T0K3N|MfKQ9r8/)
  })
})

describeChannelContract(
  { describe, it },
  {
    title: 'webhook channel',
    behaviours: ['accept', 'refuse-for-now', 'refuse-for-good', 'hang', 'gone'],
    async open() {
      let behaviour: ReceiverBehaviour = 'accept'
      const accepted: string[] = []
      const { requests, server, url } = await receiver((response) => {
        if (behaviour === 'hang') return
        if (behaviour === 'accept') accepted.push(String(requests.at(-1)?.headers['webhook-id']))
        reply(behaviour === 'accept' ? 200 : behaviour === 'refuse-for-now' ? 503 : 404)(response)
      })
      return {
        channel: webhookChannel({ name: 'ops', url, secret: SECRET, headers: { authorization: 'Bearer T0K3N' } }),
        async behave(next) {
          behaviour = next
          if (next === 'gone') await close(server)
        },
        received: () => accepted,
        secrets: ['T0K3N', SECRET, PATH],
        close: () => close(server),
      }
    },
  },
)
