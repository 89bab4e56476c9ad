import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { request } from 'undici'
import { expect, it } from 'vitest'
import { endlessOrigin, startProxy, until } from '../origins.fixture.ts'

/** Sockets and timers that keep this process busy, by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = { TCPSocketWrap: 0, Timeout: 0 }
  for (const kind of process.getActiveResourcesInfo()) if (kind in counts) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

const MOST_BYTES = 4 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

it(
  'loads that are ended in the middle of their answers leave no socket, no timer, no pick and no memory behind',
  { timeout: 60_000 },
  async () => {
    const origin = await endlessOrigin()
    let loads = 0
    let picked = 0
    const { port, url, proxy, events } = await startProxy([], {
      maxConnectionsPerTarget: 6,
      targetKeepAliveTimeoutMs: 50,
      pick: () => {
        loads += 1
        picked += 1
        return { target: origin, reason: 'the only one', done: () => (loads -= 1) }
      },
    })
    const round = async () => {
      const clients = Array.from({ length: 12 }, () => connect(port, '127.0.0.1').on('error', () => {}))
      for (const [index, socket] of clients.entries()) {
        // Some take what they get and some do not; some are in the queue.
        if (index % 6 === 0) socket.resume()
        socket.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
      }
      await until(() => origin.open() === 6 && proxy.active === 12, 'six answers under way, six waiting')
      for (const socket of clients) socket.resetAndDestroy()
      await until(() => origin.open() === 0 && proxy.active === 0, 'all of them ended')
      expect(loads).toBe(0)
      const answers = await Promise.all(Array.from({ length: 12 }, async () => (await request(`${url}/small`)).body.text()))
      expect(answers).toEqual(Array.from({ length: 12 }, () => 'ok'))
      // Those are the test's own.
      events.length = 0
    }
    const settled = async () => {
      await until(() => loads === 0 && proxy.active === 0, 'all given back')
      collect()
      return process.memoryUsage()
    }
    for (let warming = 0; warming < 2; warming += 1) await round()
    const before = await settled()
    const resourcesBefore = resources()
    for (let turn = 0; turn < 8; turn += 1) await round()
    expect(picked).toBe(10 * 24)
    // Each round had six answers of megabytes under way. What is not needed any more goes in its own time.
    await until(async () => {
      const after = await settled()
      return after.heapUsed - before.heapUsed < MOST_BYTES && after.arrayBuffers - before.arrayBuffers < MOST_BYTES
    }, 'no more memory than before')
    // The kept connections of the test's own client and of the proxy may be there or gone.
    await until(() => (resources()['TCPSocketWrap'] ?? 0) <= (resourcesBefore['TCPSocketWrap'] ?? 0), 'no more sockets than before')
    await until(() => (resources()['Timeout'] ?? 0) <= (resourcesBefore['Timeout'] ?? 0) + 1, 'no more timers than before')
  },
)
