import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { httpProbe } from './http.ts'
import type { ProbeFailure } from './probe.ts'
import { closedPort, type HostileBehaviour, hostileBehaviours, hugeBody, loopbackServer, slowDrip } from './testing/index.ts'

/** Long where the server ends the story, short where silence is the story. */
const PATIENT_MS = 15_000
const SHORT_MS = 150

interface Row {
  readonly name: string
  readonly behaviour: HostileBehaviour
  readonly reason: ProbeFailure
  readonly detail: string | RegExp
  readonly timeoutMs?: number
  readonly scheme?: 'https'
}

const { garbage, silence, emptyReply, reset, halfResponse, halfChunk, halfHeader, resetInBody, endlessHeader, endlessInterim, longPhrase } =
  hostileBehaviours

const rows: readonly Row[] = [
  { name: 'garbage', behaviour: garbage, reason: 'protocol', detail: /^not HTTP: / },
  { name: 'silence', behaviour: silence, reason: 'timeout', detail: /while waiting for the answer$/, timeoutMs: SHORT_MS },
  { name: 'an empty reply', behaviour: emptyReply, reason: 'closed', detail: 'connection closed before an answer' },
  { name: 'a reset', behaviour: reset, reason: 'reset', detail: 'connection reset' },
  { name: 'half a header', behaviour: halfHeader, reason: 'closed', detail: 'connection closed before an answer' },
  { name: 'half a body', behaviour: halfResponse, reason: 'closed', detail: '200 OK, but connection closed after 5 of 100 bytes' },
  { name: 'half a chunk', behaviour: halfChunk, reason: 'closed', detail: '200 OK, but connection closed after 5 bytes' },
  { name: 'a reset in the body', behaviour: resetInBody, reason: 'reset', detail: /connection reset/ },
  { name: 'an endless header', behaviour: endlessHeader, reason: 'header-overflow', detail: 'the header is longer than 16384 bytes' },
  { name: 'endless interim answers', behaviour: endlessInterim, reason: 'protocol', detail: 'more than 10 interim answers (1xx)' },
  { name: 'a very long phrase', behaviour: longPhrase, reason: 'status', detail: '503 Service Unavailable, expected 200-399' },
  { name: 'two lengths', behaviour: hostileBehaviours.twoLengths, reason: 'protocol', detail: /^not HTTP/ },
  { name: 'an uninvited upgrade', behaviour: hostileBehaviours.uninvitedUpgrade, reason: 'protocol', detail: /^101 Switching/ },
  {
    name: 'a slow drip in the header',
    behaviour: slowDrip(20, 'HTTP/1.1 200 OK\r\nX-Filler: aaaaaaaaaaaaaaaaaaaaaaa'),
    reason: 'timeout',
    detail: /while waiting for the answer$/,
    timeoutMs: SHORT_MS,
  },
  {
    name: 'a slow drip in the body',
    behaviour: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
      slowDrip(20, 'a'.repeat(1_000))(socket)
    },
    reason: 'timeout',
    detail: /while reading the body \(\d+ of 1000 bytes\)$/,
    timeoutMs: SHORT_MS,
  },
  { name: 'TLS spoken to a plain port', behaviour: garbage, reason: 'tls', detail: /^TLS failed/, scheme: 'https' },
  {
    name: 'silence in the TLS handshake',
    behaviour: silence,
    reason: 'timeout',
    detail: /agreeing on TLS$/,
    scheme: 'https',
    timeoutMs: SHORT_MS,
  },
  { name: 'a hang-up in the TLS handshake', behaviour: emptyReply, reason: 'closed', detail: /closed/, scheme: 'https' },
]

describe('httpProbe against a hostile server', () => {
  it.each(rows)('$name fails as $reason', async ({ behaviour, reason, detail, timeoutMs = PATIENT_MS, scheme = 'http' }) => {
    await using server = await loopbackServer(behaviour)
    const result = await httpProbe({ url: `${scheme}://127.0.0.1:${server.port}/`, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(detail)
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('a closed port fails as refused', async () => {
    const result = await httpProbe({ url: `http://127.0.0.1:${await closedPort()}/`, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'refused', detail: 'connection refused' })
  })

  it('a port refused on every address of its name fails as refused', async () => {
    const result = await httpProbe({ url: `http://localhost:${await closedPort()}/`, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'refused' })
  })

  it.each([
    { announced: true, detail: '200 OK, read the first 65536 of 104857600 bytes and left the rest' },
    { announced: false, detail: '200 OK, read the first 65536 bytes and left the rest' },
  ])('100 MB (announced: $announced) pass, and are not read', async ({ announced, detail }) => {
    await using server = await loopbackServer(hugeBody(104_857_600, announced))
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'pass', detail })
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
    // What left the server sits in the kernel's buffers at most; the probe took 64 KiB of it.
    expect(server.bytesSent()).toBeLessThan(20_000_000)
  })

  it('100 MB fail where the expected text is not in the part that is read', async () => {
    await using server = await loopbackServer(hugeBody(104_857_600, true))
    const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, expectBody: 'ready', timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'body' })
  })

  it('the header limit is the one that was set', async () => {
    await using server = await loopbackServer((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nX-Filler: ${'a'.repeat(2_000)}\r\nContent-Length: 0\r\n\r\n`))
    })
    const url = `http://127.0.0.1:${server.port}/`
    expect(await httpProbe({ url, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'pass' })
    expect(await httpProbe({ url, maxHeaderBytes: 512, timeoutMs: PATIENT_MS }).run()).toMatchObject({
      outcome: 'fail',
      reason: 'header-overflow',
      detail: 'the header is longer than 512 bytes',
    })
  })

  it('what a server sends after a whole answer does not count', async () => {
    await using server = await loopbackServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokgarbage after it'))
    })
    const probe = httpProbe({ url: `http://127.0.0.1:${server.port}/`, expectBody: 'ok', timeoutMs: PATIENT_MS })
    expect(await probe.run()).toMatchObject({ outcome: 'pass' })
  })
})

describe('httpProbe against a server that breaks off at any byte', () => {
  const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n'
  const whole = answer.length

  it.each([
    { name: 'by hanging up', end: (socket: Socket) => void socket.end(), reasons: ['closed'] },
    // What came before the reset may be lost with it.
    { name: 'by a reset', end: (socket: Socket) => void socket.resetAndDestroy(), reasons: ['closed', 'reset'] },
  ])('$name it always ends, and never passes', async ({ end, reasons }) => {
    let cut = 0
    await using server = await loopbackServer((socket) => {
      socket.once('data', () => socket.write(answer.slice(0, cut) || '', () => end(socket)))
    })
    const probe = httpProbe({ url: `http://127.0.0.1:${server.port}/`, timeoutMs: PATIENT_MS })
    for (cut = 0; cut < whole; cut += 1) {
      const result = await probe.run()
      expect(result.outcome === 'fail' && reasons.includes(result.reason), `${cut}: ${JSON.stringify(result)}`).toBe(true)
    }
  })
})
