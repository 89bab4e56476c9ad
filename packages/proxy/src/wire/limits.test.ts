import { connect, type Socket } from 'node:net'
import { request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpOrigin, startProxy, until } from '../origins.fixture.ts'
import { rawClient } from './raw-client.fixture.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const answering = () => httpOrigin((_incoming, response) => response.end('ok'))

/** Many clients at once, gone with the test; `closed` counts. */
async function crowd(port: number, count: number): Promise<{ readonly sockets: readonly Socket[]; readonly closed: () => number }> {
  let closed = 0
  const sockets: Socket[] = []
  for (let opened = 0; opened < count; opened += 250) {
    const some = Array.from({ length: Math.min(250, count - opened) }, () => connect(port, '127.0.0.1'))
    for (const socket of some) socket.on('error', () => {}).once('close', () => (closed += 1))
    sockets.push(...some)
    await until(() => some.every((socket) => !socket.connecting), 'the connections')
  }
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { sockets, closed: () => closed }
}

describe('a crowd', () => {
  it('of 1,500 idle connections holds nobody up, and ends with the proxy', async () => {
    const { port, url, proxy } = await startProxy([await answering()])
    const { sockets, closed } = await crowd(port, 1_500)
    for (let turn = 0; turn < 20; turn += 1) expect(await (await request(url)).body.text()).toBe('ok')
    expect(closed()).toBe(0)
    for (const socket of sockets) socket.resume()
    await proxy.stop()
    await until(() => closed() === sockets.length, 'the end of all of them')
  })

  it('of 500 that never finish their heads is told 408, each in its time, and others are served meanwhile', async () => {
    const { port, url, of, proxy } = await startProxy([await answering()], { headersTimeoutMs: 1_000 })
    const { sockets, closed } = await crowd(port, 500)
    let told = 0
    for (const socket of sockets)
      socket.once('data', (data) => (told += String(data).startsWith('HTTP/1.1 408 ') ? 1 : 0)).write('GET / HTTP/1.1\r\nX: ')
    // Byte by byte, which buys no time.
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('x')
    }, 100)
    expect(await (await request(url)).body.text()).toBe('ok')
    await until(() => closed() === sockets.length, 'the end of all of them').finally(() => clearInterval(drip))
    expect(of('request-finished').filter(({ status }) => status === 408)).toHaveLength(500)
    expect(told).toBe(500)
    expect(proxy.active).toBe(0)
  })

  it('beyond the limit is closed at once, and there is room again for the next when one leaves', async () => {
    const { port, of } = await startProxy([await answering()], { maxConnections: 20 })
    const { sockets, closed } = await crowd(port, 200)
    for (const socket of sockets) socket.resume()
    await until(() => closed() === 180, 'all but twenty closed')
    const open = sockets.filter((socket) => !socket.destroyed)
    const answers = open.map((socket) => new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data)))))
    for (const socket of open) socket.write(GET)
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => expect.stringMatching(/^HTTP\/1\.1 200 /)))
    open[0]?.destroy()
    await until(async () => {
      const client = rawClient(port)
      client.send(GET)
      await until(() => client.closed() || client.received().endsWith('ok'), 'an answer or an end')
      return client.received().endsWith('ok')
    }, 'room for one more')
    expect(of('request-finished').every(({ outcome }) => outcome === 'answered')).toBe(true)
  })
})

/** Sends one request after another, and reads nothing. */
function endlessClient(port: number): Socket {
  const { socket } = rawClient(port)
  const many = Buffer.from(GET.repeat(2_000), 'latin1')
  const pump = () => {
    while (!socket.destroyed && socket.write(many));
  }
  socket.pause().on('drain', pump)
  pump()
  return socket
}

/** Waits until this has not changed for a while. */
async function standstill(value: () => number): Promise<void> {
  let looks = 0
  let before = -1
  await until(() => {
    looks = before === value() ? looks + 1 : 0
    before = value()
    return looks === 60
  }, 'a standstill')
}

describe('a client that asks without end and takes no answer', () => {
  it('is read no further than what fits, and its requests are no more than were answered', async () => {
    let asked = 0
    const origin = await httpOrigin((_incoming, response) => {
      asked += 1
      response.end('x'.repeat(30_000))
    })
    const { port, proxy } = await startProxy([origin])
    const client = endlessClient(port)
    await standstill(() => asked)
    // What lies in the kernel's buffers, and one more; of endlessly many.
    expect(asked).toBeLessThan(2_000)
    expect(client.bytesWritten - client.writableLength).toBeLessThan(40_000_000)
    expect(proxy.active).toBe(1)
    client.destroy()
    await until(() => proxy.active === 0, 'the end')
  })

  it('fills no memory with refusals either', async () => {
    let refused = 0
    const { port, proxy, events } = await startProxy([])
    proxy.subscribe(() => {
      refused += 1
      events.length = 0
    })
    const client = endlessClient(port)
    await standstill(() => refused)
    // A refusal has some 200 bytes: no more of them than lie in the kernel's buffers.
    expect(refused).toBeLessThan(100_000)
    client.destroy()
    await until(() => proxy.active === 0, 'the end')
  })
})

describe('a target that is asked by more clients than it may have connections', () => {
  it('is never asked by more, and a client that leaves the queue leaves nothing in it', async () => {
    let open = 0
    let most = 0
    let mayAnswer = (): void => {}
    const waiting = new Promise<void>((resolve) => (mayAnswer = resolve))
    const origin = await httpOrigin((_incoming, response) => {
      open += 1
      most = Math.max(most, open)
      response.once('close', () => (open -= 1))
      void waiting.then(() => response.end('ok'))
    })
    const { port, url, proxy } = await startProxy([origin], { maxConnectionsPerTarget: 4 })
    const { sockets } = await crowd(port, 400)
    for (const socket of sockets) socket.write(GET)
    await until(() => proxy.active === 400, 'all of them in the queue')
    for (const socket of sockets.slice(0, 380)) socket.resetAndDestroy()
    await until(() => proxy.active <= 20, 'those that left')
    mayAnswer()
    expect(await (await request(url)).body.text()).toBe('ok')
    await until(() => proxy.active === 0, 'the others answered')
    expect(most).toBeLessThanOrEqual(4)
  })
})
