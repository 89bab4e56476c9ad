import { TestClock } from '@hotspare/core/testing'
import { withLength } from '@hotspare/dns-wire'
import { type Answer, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { type DnsBehaviour, dnsServer } from './dns/hostile-server.fixture.ts'
import { dnsProbe, type DnsProbeOptions } from './dns.ts'
import type { ProbeFailure } from './probe.ts'
import { closedPort, probeContract } from './testing/index.ts'

const server = '127.0.0.1'
const name = 'www.shop.example'
const PATIENT_MS = 15_000
const SHORT_MS = 400

/** A good answer to whatever was asked, with these records. */
function answerTo(question: Buffer, data: readonly string[] = ['192.0.2.1'], flags = 0): Buffer {
  const { id = 0, questions = [] } = decode(question)
  const answers = data.map((address): Answer => ({ type: 'A', name, data: address }))
  return encode({ type: 'response', id, flags, questions: questions.slice(), answers })
}

function soaTo(question: Buffer, serial: number): Buffer {
  const { id = 0, questions = [] } = decode(question)
  const data = { mname: 'ns1', rname: 'admin', serial, refresh: 1, retry: 1, expire: 1, minimum: 1 }
  return encode({ type: 'response', id, questions: questions.slice(), answers: [{ type: 'SOA', name, data }] })
}

const truncate: DnsBehaviour['udp'] = (question, send) => send(answerTo(question, [], TRUNCATED_RESPONSE))

async function look(behaviour: DnsBehaviour, options: Partial<DnsProbeOptions> = {}) {
  await using fixture = await dnsServer(behaviour)
  const result = await dnsProbe({ server, port: fixture.port, name, timeoutMs: PATIENT_MS, ...options }).run()
  await expect.poll(() => fixture.tcp.openConnections(), { timeout: 5_000 }).toBe(0)
  return result
}

probeContract({
  runner: { describe, it },
  name: 'dnsProbe',
  healthy: async () => {
    const fixture = await dnsServer({ udp: (question, send) => send(answerTo(question)) })
    return { probe: dnsProbe({ server, port: fixture.port, name, timeoutMs: PATIENT_MS }), close: fixture.close }
  },
  dead: async () => ({
    probe: dnsProbe({ server, port: await closedPort(), name, timeoutMs: PATIENT_MS }),
    close: () => Promise.resolve(),
  }),
  silent: async () => {
    const fixture = await dnsServer({})
    return { probe: dnsProbe({ server, port: fixture.port, name, timeoutMs: SHORT_MS }), close: fixture.close }
  },
})

describe('a name server that no route leads to', () => {
  it.each(['fe80::1', '255.255.255.255'])('%s is told at once, and breaks nothing else', async (unreachable) => {
    // Node calls back for a connection that failed too: the question then went out on a socket without a port, and that ended the process.
    const result = await dnsProbe({ server: unreachable, name, timeoutMs: PATIENT_MS }).run()
    expect(result.outcome).not.toBe('pass')
    expect(result.detail).toMatch(/\bE[A-Z]+/)
  })
})

describe('dnsProbe against a hostile server', () => {
  interface Row {
    readonly name: string
    readonly behaviour: DnsBehaviour
    readonly reason: ProbeFailure
    readonly detail: string | RegExp
    readonly timeoutMs?: number
  }
  const rows: readonly Row[] = [
    { name: 'silence', behaviour: {}, reason: 'timeout', detail: /while waiting for the answer$/, timeoutMs: SHORT_MS },
    {
      name: 'garbage',
      behaviour: { udp: (_question, send) => send(Buffer.from('SSH-2.0-not what you came for')) },
      reason: 'timeout',
      detail: /while waiting for the answer \(left aside: \d that do not fit the question\)$/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'a flood of answers with other ids',
      behaviour: {
        udp: (question, send) => {
          const forged = answerTo(question)
          for (let id = 0; id < 100; id++) {
            forged.writeUInt16BE((question.readUInt16BE(0) + 1 + id) & 0xff_ff)
            send(Buffer.from(forged))
          }
        },
      },
      reason: 'protocol',
      detail: '33 answers that do not fit the question',
    },
    {
      name: 'an answer that is cut',
      behaviour: { udp: (question, send) => send(answerTo(question).subarray(0, -2)) },
      reason: 'protocol',
      detail: 'an answer whose records cannot be read',
    },
    {
      name: 'SERVFAIL',
      behaviour: { udp: (question, send) => send(answerTo(question, [], 2)) },
      reason: 'unwell',
      detail: 'SERVFAIL, expected NOERROR',
    },
    {
      name: 'REFUSED',
      behaviour: { udp: (question, send) => send(answerTo(question, [], 5)) },
      reason: 'unwell',
      detail: 'REFUSED, expected NOERROR',
    },
    {
      name: 'silence over TCP after a truncated answer',
      behaviour: { udp: truncate },
      reason: 'timeout',
      detail: /while waiting for the answer$/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'a slow drip over TCP',
      behaviour: {
        udp: truncate,
        tcp: (question, socket) => {
          const whole = withLength(answerTo(question))
          let sent = 0
          const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(whole.subarray(sent, ++sent))), 20)
        },
      },
      reason: 'timeout',
      detail: /while reading the answer over TCP \(/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'a hang-up over TCP',
      behaviour: { udp: truncate, tcp: (_question, socket) => socket.end() },
      reason: 'closed',
      detail: 'connection closed before an answer',
    },
    {
      name: 'HTTP over TCP',
      // "HT" is a length of 18,516 bytes.
      behaviour: { udp: truncate, tcp: (_question, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') },
      reason: 'closed',
      detail: 'connection closed before an answer',
    },
    {
      name: 'another answer over TCP',
      behaviour: { udp: truncate, tcp: (_question, socket) => socket.write(withLength(Buffer.alloc(40))) },
      reason: 'protocol',
      detail: 'an answer over TCP that does not fit the question',
    },
    {
      name: 'a message without a byte over TCP',
      behaviour: { udp: truncate, tcp: (_question, socket) => socket.write(Buffer.alloc(2)) },
      reason: 'protocol',
      detail: 'an answer over TCP that does not fit the question',
    },
    {
      name: 'a truncated answer over TCP',
      behaviour: {
        udp: truncate,
        tcp: (question, socket) => socket.write(withLength(answerTo(question, [], TRUNCATED_RESPONSE))),
      },
      reason: 'protocol',
      detail: 'an answer that is truncated over TCP too',
    },
  ]
  it.each(rows)('$name fails as $reason', async ({ behaviour, reason, detail, timeoutMs = PATIENT_MS }) => {
    const result = await look(behaviour, { timeoutMs })
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(detail)
  })

  it('a reset after any byte of the answer over TCP has a name', async () => {
    let cut = 0
    await using fixture = await dnsServer({
      tcp: (question, socket) => {
        const part = withLength(answerTo(question)).subarray(0, cut)
        socket.write(part, () => socket.resetAndDestroy())
        if (part.length === 0) socket.resetAndDestroy()
      },
    })
    const probe = dnsProbe({ server, port: fixture.port, name, transport: 'tcp', timeoutMs: PATIENT_MS })
    for (cut = 0; cut < 60; cut += 4) expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'reset' })
  })

  it('64 KiB of records are read, and shown in a bounded detail', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
    const result = await look({ udp: truncate, tcp: (question, socket) => socket.write(withLength(answerTo(question, many))) })
    expect(result).toMatchObject({ outcome: 'pass', measures: { 'answer-count': 2_000 } })
    expect(result.detail.length).toBeLessThanOrEqual(200)
  })
})

describe('dnsProbe', () => {
  it.each([
    { options: { server: '' }, says: 'server' },
    { options: { port: 0 }, says: 'port' },
    { options: { name: '' }, says: 'name' },
    { options: { name: 'a..b' }, says: 'name' },
    { options: { name: `${'a'.repeat(64)}.example` }, says: 'name' },
    { options: { name: 'shöp.example' }, says: 'name' },
    { options: { name: `${'a.'.repeat(127)}a` }, says: 'name' },
    { options: { type: 'AXFR' }, says: 'type' },
    { options: { expectAnswers: ['shop.example'] }, says: 'expectAnswers' },
    { options: { expectAnswers: ['192.0.2.1'], expectRcode: 'NXDOMAIN' }, says: 'expectAnswers' },
    { options: { sameSerialOn: ['192.0.2.2'] }, says: 'type: SOA' },
    { options: { type: 'SOA', sameSerialOn: ['192.0.2.2:0'] }, says: 'sameSerialOn' },
    // A server without a serial would be left out of the comparison.
    { options: { type: 'SOA', sameSerialOn: ['192.0.2.2'], minAnswers: 0 }, says: 'minAnswers' },
    { options: { timeout: 5 }, says: 'timeout' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    expect(() => dnsProbe({ server, name, ...options } as DnsProbeOptions)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it('asks again when a datagram is lost, each run from another port and with another id', async () => {
    const clock = new TestClock()
    const seen: { port: number; id: number }[] = []
    let onFirst = () => {}
    const arrived = new Promise<void>((resolve) => (onFirst = resolve))
    await using fixture = await dnsServer({
      udp: (question, send, { port }) => {
        seen.push({ port, id: question.readUInt16BE(0) })
        if (seen.length === 1) onFirst()
        else send(answerTo(question))
      },
    })
    const probe = dnsProbe({ server, port: fixture.port, name, timeoutMs: 300, clock })
    const first = probe.run()
    await arrived
    await clock.advance(100)
    expect(await first).toMatchObject({ outcome: 'pass', durationMs: 100, phases: [{ name: 'first-byte', tookMs: 100 }] })
    await probe.run()
    const [lost, again, second] = seen
    expect(again).toEqual(lost)
    expect(second).not.toEqual(lost)
    expect(clock.pendingTimers).toBe(0)
  })

  it('goes over to TCP where the answer is truncated', async () => {
    const result = await look({ udp: truncate, tcp: (question, socket) => socket.write(withLength(answerTo(question))) })
    expect(result).toMatchObject({ outcome: 'pass', detail: 'NOERROR over TCP (truncated over UDP), 1 A record: 192.0.2.1' })
    expect(result.phases?.map((phase) => phase.name)).toEqual(['first-byte', 'connect', 'transfer'])
  })

  it('fails where another server has another serial, and says how far it is behind', async () => {
    await using behind = await dnsServer({ udp: (question, send) => send(soaTo(question, 5)) })
    const other = `127.0.0.1:${behind.port}`
    const result = await look({ udp: (question, send) => send(soaTo(question, 7)) }, { type: 'SOA', sameSerialOn: [other] })
    expect(result).toMatchObject({
      outcome: 'fail',
      reason: 'unexpected',
      detail: expect.stringContaining(`, but 5 on ${other}`),
      measures: { 'serial-lag': 2 },
    })
  })

  it('names the other server that does not answer', async () => {
    await using silent = await dnsServer({})
    const other = `127.0.0.1:${silent.port}`
    const options = { type: 'SOA', sameSerialOn: [other], timeoutMs: SHORT_MS } as const
    expect(await look({ udp: (question, send) => send(soaTo(question, 7)) }, options)).toMatchObject({
      reason: 'timeout',
      detail: `nothing more within ${SHORT_MS} ms while waiting for ${other}`,
    })
    const dead = `127.0.0.1:${await closedPort()}`
    expect(await look({ udp: (question, send) => send(soaTo(question, 7)) }, { type: 'SOA', sameSerialOn: [dead] })).toMatchObject({
      reason: 'refused',
      detail: `${dead}: connection refused`,
    })
  })
})
