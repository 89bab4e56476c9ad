import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { closedPort, type HostileBehaviour, hostileBehaviours, loopbackServer, probeContract } from '../testing/index.ts'
import { everyProbe } from './every-probe.fixture.ts'
import { lineServer, wellServers } from './servers.fixture.ts'

/** Long where the server ends the story, short where silence is the story. */
const PATIENT_MS = 15_000
const SHORT_MS = 80

const POLL = { timeout: 5_000, interval: 5 }

for (const { name, lines, probe } of everyProbe) {
  probeContract({
    runner: { describe, it },
    name: `${name}Probe`,
    healthy: async () => {
      const server = await lineServer(lines)
      return { ...server, probe: probe({ port: server.port, timeoutMs: PATIENT_MS }) }
    },
    dead: async () => ({ probe: probe({ port: await closedPort(), timeoutMs: PATIENT_MS }), close: () => Promise.resolve() }),
    silent: async () => {
      const server = await loopbackServer(hostileBehaviours.silence)
      return { ...server, probe: probe({ port: server.port, timeoutMs: SHORT_MS }) }
    },
  })
}

/** One byte after another, each a chunk of its own, and then what `last` does. */
function byteByByte(socket: Socket, bytes: Buffer, last: () => void): void {
  const next = (index: number) => {
    if (socket.destroyed) return
    if (index >= bytes.length) return last()
    socket.write(bytes.subarray(index, index + 1), () => setImmediate(next, index + 1))
  }
  next(0)
}

/** Sends without end, no faster than the other side reads. */
function flood(piece: string): HostileBehaviour {
  const chunk = piece.repeat(4_096)
  return (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(chunk)) {
        // Until the other side no longer reads.
      }
    }
    socket.on('drain', more).resume()
    more()
  }
}

describe.each(everyProbe)('$name against a hostile server', ({ lines, probe }) => {
  const outcome = async (behaviour: HostileBehaviour, timeoutMs = PATIENT_MS) => {
    await using server = await loopbackServer(behaviour)
    const result = await probe({ port: server.port, timeoutMs }).run()
    await expect.poll(() => server.openConnections(), POLL).toBe(0)
    return { result, sentBytes: server.bytesSent() }
  }

  it.each([
    { behaviour: 'emptyReply', start: (socket) => socket.resume().end(), reason: 'closed' },
    { behaviour: 'reset', start: (socket) => socket.resetAndDestroy(), reason: /reset|closed/ },
    { behaviour: 'silence', start: (socket) => socket.resume(), reason: 'timeout', timeoutMs: SHORT_MS },
  ] satisfies { behaviour: string; start: HostileBehaviour; reason: string | RegExp; timeoutMs?: number }[])(
    '$behaviour fails as $reason',
    async ({ start, reason, timeoutMs }) => {
      const { result } = await outcome(start, timeoutMs)
      expect(result.outcome === 'fail' ? result.reason : result.outcome).toMatch(reason)
      expect(result.detail).toMatch(/while (?:waiting for|sending)|connection/)
    },
  )

  it.each([
    ['lines without end', 'x\r\n'],
    ['a line without end', 'x'],
    ['zeros', '\0'],
  ])('%s end in a bounded, named reason, and are not read', async (_case, piece) => {
    const { result, sentBytes } = await outcome(flood(piece))
    expect(result.outcome === 'fail' ? result.reason : result.outcome).toMatch(/^(?:protocol|unexpected)$/)
    expect(sentBytes).toBeLessThan(20_000_000)
  })

  it('another protocol fails as what it is', async () => {
    const { result } = await outcome((socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'))
    expect(result.outcome === 'fail' ? result.reason : result.outcome).toMatch(/^(?:protocol|closed)$/)
  })

  it('a well answer passes, byte by byte', async () => {
    await using server = await lineServer(lines, (socket, bytes) => byteByByte(socket, bytes, () => {}))
    expect(await probe({ port: server.port, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'pass' })
  })

  it('a reset or a hang-up at any byte is no pass', async () => {
    const first = Buffer.from(lines.greeting ?? lines.replies?.[0]?.[1] ?? '', 'latin1')
    for (let count = 0; count < first.length; count += Math.max(1, Math.floor(first.length / 12))) {
      for (const finish of ['resetAndDestroy', 'end'] as const) {
        await using server = await lineServer(lines, (socket, bytes) => socket.write(bytes.subarray(0, count), () => socket[finish]()))
        const result = await probe({ port: server.port, timeoutMs: PATIENT_MS }).run()
        expect(result.outcome === 'fail' ? result.reason : result.outcome, `${finish} after ${count} bytes`).toMatch(/^(?:reset|closed)$/)
      }
    }
  })

  it.each([{ port: 0 }, { port: 1, timeoutMs: 0 }, { port: 1, host: '' }, { port: 1, typo: 1 }])('rejects the options %j', (options) => {
    expect(() => probe({ timeoutMs: 1, ...options })).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })

  it('shows an IPv6 address in brackets', () => {
    expect(probe({ host: '::1', port: 80, timeoutMs: 1 }).address).toBe('[::1]:80')
  })
})

describe('a slow drip', () => {
  // Its answer is a single byte.
  it.each(everyProbe.filter(({ name }) => name !== 'postgres'))(
    'of $name fails at the deadline, and says for what it waited',
    async ({ lines, probe }) => {
      const drip = (socket: Socket, bytes: Buffer) => {
        const [first, rest] = [bytes.subarray(0, 1), bytes.subarray(1)]
        if (first.length > 0 && !socket.destroyed) setTimeout(() => socket.write(first, () => drip(socket, rest)), SHORT_MS / 3)
      }
      await using server = await lineServer(lines, drip)
      const result = await probe({ port: server.port, timeoutMs: SHORT_MS }).run()
      expect(result).toMatchObject({ outcome: 'fail', reason: 'timeout', detail: /while waiting for / })
      await expect.poll(() => server.openConnections(), POLL).toBe(0)
    },
  )
})

describe('a server that says why it hangs up', () => {
  it.each([
    { name: 'memcached', says: 'ERROR Too many open connections\r\n' },
    { name: 'redis', says: '-ERR max number of clients reached\r\n' },
    { name: 'ssh', says: 'Exceeded MaxStartups\r\n' },
  ])('is heard, whatever becomes of the connection: $name', async ({ name, says }) => {
    const row = everyProbe.find((one) => one.name === name)
    // The second one closes with the question unread, which the kernel turns into a reset.
    for (const finish of ['end', 'destroySoon'] as const) {
      await using server = await loopbackServer((socket) => void socket.write(says, () => socket[finish]()))
      for (let count = 0; count < 10; count += 1) {
        expect(await row?.probe({ port: server.port, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'degraded' })
      }
    }
  })
})

describe('over TLS', () => {
  it.each(everyProbe.filter(({ overTls }) => overTls))(
    '$name names a plain port, silence and a hang-up in the handshake',
    async ({ overTls }) => {
      await using plain = await lineServer(wellServers['smtp'] ?? {})
      expect(await overTls?.(plain.port, PATIENT_MS).run()).toMatchObject({ outcome: 'fail', reason: 'tls' })
      await using silent = await loopbackServer(hostileBehaviours.silence)
      expect(await overTls?.(silent.port, SHORT_MS).run()).toMatchObject({ reason: 'timeout', detail: /agreeing on TLS$/ })
      await using hangUp = await loopbackServer(hostileBehaviours.emptyReply)
      expect(await overTls?.(hangUp.port, PATIENT_MS).run()).toMatchObject({ outcome: 'fail', reason: /closed|reset/ })
    },
  )
})
