import { HotspareError, seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { createDnsClient, type DnsClientOptions, type QueryResult } from './client.ts'
import { decodeMessage } from './decode-message.ts'
import { answerTo, type Behaviour, hostileServer } from './hostile-server.fixture.ts'
import { noFlags } from './message.ts'
import { withLength } from './tcp-message.ts'
import { freePort } from './testing/index.ts'

const SHORT_MS = 300
const question = { name: 'www.example.test', type: 'A' }
const truncated: Behaviour['udp'] = (request, send) =>
  send(answerTo(request, { flags: { ...noFlags, response: true, truncated: true }, answers: [] }))

async function ask(behaviour: Behaviour, options: Partial<DnsClientOptions> = {}): Promise<QueryResult> {
  await using hostile = await hostileServer(behaviour)
  try {
    return await createDnsClient({ server: hostile.server, timeoutMs: 15_000, ...options }).query(question)
  } finally {
    await expect.poll(() => hostile.openConnections(), { timeout: 5_000 }).toBe(0)
  }
}

describe('createDnsClient', () => {
  const secret = 'bm90LWZvci1leWVz'
  it.each([
    { options: { server: 'ns1.example.test' }, says: 'server' },
    { options: { server: { address: '127.0.0.1', port: 0 } }, says: 'server' },
    { options: { server: '127.0.0.1', timeoutMs: 0 }, says: 'timeoutMs' },
    { options: { server: '127.0.0.1', attempts: 0 }, says: 'attempts' },
    { options: { server: '127.0.0.1', timeout: 5 }, says: 'timeout' },
    { options: { server: '127.0.0.1', key: { name: 'a..b', algorithm: 'hmac-sha256', secret } }, says: 'key' },
    { options: { server: '127.0.0.1', key: { name: 'a', algorithm: 'hmac-sha3', secret } }, says: 'key.algorithm' },
    { options: { server: '127.0.0.1', key: { name: 'a', algorithm: 'hmac-sha256', secret: `!${secret}` } }, says: 'base64' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    let thrown: unknown
    try {
      createDnsClient(options as DnsClientOptions)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'HOTSPARE_DNS_WIRE_OPTIONS', message: expect.stringContaining(says) })
    expect((thrown as Error).message).not.toContain(secret)
  })

  it('says who it asks', () => {
    expect(createDnsClient({ server: '192.0.2.53' }).id).toBe('192.0.2.53:53')
    expect(createDnsClient({ server: { address: '2001:db8::53', port: 5_353 } }).id).toBe('[2001:db8::53]:5353')
  })
})

describe('query against a hostile server', () => {
  interface Row {
    readonly name: string
    readonly behaviour: Behaviour
    readonly fault: string
    readonly says: string | RegExp
    readonly timeoutMs?: number
  }
  const rows: readonly Row[] = [
    { name: 'silence', behaviour: {}, fault: 'NO_ANSWER', says: /no answer within 300 ms, while waiting/, timeoutMs: SHORT_MS },
    {
      name: 'garbage',
      behaviour: { udp: (_request, send) => send(Buffer.from('SSH-2.0-not what you came for')) },
      fault: 'NO_ANSWER',
      says: /left aside: \d that do not fit/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'another id',
      behaviour: { udp: (request, send) => send(answerTo(request, { id: (decodeMessage(request).id + 1) & 0xff_ff })) },
      fault: 'NO_ANSWER',
      says: /left aside/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'another name',
      behaviour: { udp: (request, send) => send(answerTo(request, { questions: [{ name: 'www.bank.test', type: 'A', class: 'IN' }] })) },
      fault: 'NO_ANSWER',
      says: /left aside/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'another type',
      behaviour: { udp: (request, send) => send(answerTo(request, { questions: [{ ...question, type: 'AAAA', class: 'IN' }] })) },
      fault: 'NO_ANSWER',
      says: /left aside/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'no question, and no error either',
      behaviour: { udp: (request, send) => send(answerTo(request, { questions: [] })) },
      fault: 'NO_ANSWER',
      says: /left aside/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'the question itself',
      behaviour: { udp: (request, send) => send(request) },
      fault: 'NO_ANSWER',
      says: /left aside/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'another operation',
      behaviour: { udp: (request, send) => send(answerTo(request, { flags: { ...noFlags, response: true, opcode: 'NOTIFY' } })) },
      fault: 'NO_ANSWER',
      says: /left aside/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'an answer that is cut',
      behaviour: { udp: (request, send) => send(answerTo(request).subarray(0, -2)) },
      fault: 'ANSWER',
      says: 'an answer that cannot be read',
    },
    {
      name: 'silence over TCP',
      behaviour: { udp: truncated },
      fault: 'NO_ANSWER',
      says: /while waiting for the answer over TCP/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'a slow drip over TCP',
      behaviour: {
        udp: truncated,
        tcp: (request, socket) => {
          const whole = withLength(answerTo(request))
          let sent = 0
          const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(whole.subarray(sent, ++sent))), 20)
        },
      },
      fault: 'NO_ANSWER',
      says: /while reading the answer over TCP \(/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'half a message and the end over TCP',
      behaviour: { udp: truncated, tcp: (request, socket) => socket.end(withLength(answerTo(request)).subarray(0, 20)) },
      fault: 'NO_ANSWER',
      says: /closed before a whole answer \(18 of \d+ bytes\)/,
    },
    {
      name: 'a hang-up over TCP',
      behaviour: { udp: truncated, tcp: (_request, socket) => socket.end() },
      fault: 'NO_ANSWER',
      says: 'closed before a whole answer (no byte of it)',
    },
    {
      name: 'a reset over TCP',
      behaviour: { udp: truncated, tcp: (_request, socket) => socket.resetAndDestroy() },
      fault: 'NO_ANSWER',
      says: 'ECONNRESET',
    },
    {
      name: 'another answer over TCP',
      behaviour: { udp: truncated, tcp: (_request, socket) => socket.write(withLength(new Uint8Array(40))) },
      fault: 'ANSWER',
      says: 'an answer over TCP that does not fit the question',
    },
    {
      name: 'an empty message over TCP',
      behaviour: { udp: truncated, tcp: (_request, socket) => socket.write(new Uint8Array(2)) },
      fault: 'ANSWER',
      says: 'an answer over TCP that does not fit the question',
    },
    {
      name: 'a truncated answer over TCP too',
      behaviour: {
        udp: truncated,
        tcp: (request, socket) => socket.write(withLength(answerTo(request, { flags: { ...noFlags, response: true, truncated: true } }))),
      },
      fault: 'ANSWER',
      says: 'truncated over TCP too',
    },
    {
      name: 'a byte behind the message over TCP, within its length',
      behaviour: { udp: truncated, tcp: (request, socket) => socket.write(withLength(Uint8Array.from([...answerTo(request), 0]))) },
      fault: 'ANSWER',
      says: 'something behind its last record',
    },
  ]
  it.each(rows)('$name is $fault', async ({ behaviour, fault, says, timeoutMs = 15_000 }) => {
    const error: unknown = await ask(behaviour, { timeoutMs }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: `HOTSPARE_DNS_WIRE_${fault}`, fault, retryable: true })
    expect((error as Error).message).toMatch(says)
    expect((error as Error).message).toMatch(/^dns 127\.0\.0\.1:\d+: /)
  })

  it('an endless stream over TCP ends with its first message', async () => {
    const result = await ask({
      udp: truncated,
      tcp: (request, socket) => {
        socket.write(withLength(answerTo(request)))
        const chunk = Buffer.alloc(65_536)
        const pour = () => {
          while (!socket.destroyed && socket.write(chunk));
        }
        socket.on('drain', pour)
        pour()
      },
    })
    expect(result).toMatchObject({ overTcp: true, message: { rcode: 'NOERROR' } })
  })

  it('a flood of answers with other ids is left for TCP', async () => {
    const result = await ask({
      udp: (request, send) => {
        const forged = Buffer.from(answerTo(request))
        for (let index = 1; index <= 60; index++) {
          forged.writeUInt16BE((forged.readUInt16BE(0) + index) & 0xff_ff)
          send(Buffer.from(forged))
        }
      },
      tcp: (request, socket) => socket.write(withLength(answerTo(request))),
    })
    expect(result.overTcp).toBe(true)
  })

  it('takes the good answer among bad ones', async () => {
    const result = await ask({
      udp: (request, send) => {
        send(Buffer.from('garbage'))
        send(answerTo(request, { questions: [] }))
        send(answerTo(request))
      },
    })
    expect(result).toMatchObject({ overTcp: false, signed: false, message: { answers: [{ data: { address: '192.0.2.1' } }] } })
  })

  it('takes an error without the question in it', async () => {
    const result = await ask({ udp: (request, send) => send(answerTo(request, { questions: [], answers: [], rcode: 'FORMERR' })) })
    expect(result.message.rcode).toBe('FORMERR')
  })

  it('a closed port is told as nobody there', async () => {
    const server = { address: '127.0.0.1', port: await freePort() }
    for (const tcp of [false, true]) {
      await expect(createDnsClient({ server }).query({ ...question, tcp })).rejects.toMatchObject({
        code: 'HOTSPARE_DNS_WIRE_UNREACHABLE',
        message: expect.stringContaining('ECONNREFUSED'),
      })
    }
  })

  it.each(['fe80::1', '255.255.255.255'])('%s, to which no route leads, is told at once', async (server) => {
    await expect(createDnsClient({ server }).query(question)).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_UNREACHABLE' })
  })

  it('throws what is wrong with the question before anything is sent', async () => {
    const client = createDnsClient({ server: '127.0.0.1' })
    await expect(client.query({ name: 'a..b', type: 'A' })).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_VALUE' })
    await expect(client.query({ name: 'a', type: 'B' })).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_VALUE' })
  })
})

describe('query', () => {
  it('asks again when a datagram is lost, each call from another port and with another id', async () => {
    const clock = new TestClock()
    const seen: { port: number; id: number }[] = []
    let onFirst = () => {}
    const arrived = new Promise<void>((resolve) => (onFirst = resolve))
    await using hostile = await hostileServer({
      udp: (request, send, port) => {
        seen.push({ port, id: decodeMessage(request).id })
        if (seen.length === 1) onFirst()
        else send(answerTo(request))
      },
    })
    const client = createDnsClient({ server: hostile.server, timeoutMs: 300, clock })
    const first = client.query(question)
    await arrived
    await clock.advance(100)
    expect(await first).toMatchObject({ tookMs: 100, overTcp: false })
    await client.query(question)
    const [lost, again, second] = seen
    expect(again).toEqual(lost)
    expect(second).not.toEqual(lost)
    expect(clock.pendingTimers).toBe(0)
  })

  it('draws ids that are spread over all there are', async () => {
    const ids: number[] = []
    await using hostile = await hostileServer({
      udp: (request, send) => {
        ids.push(decodeMessage(request).id)
        send(answerTo(request))
      },
    })
    const client = createDnsClient({ server: hostile.server, random: seededRandom(1) })
    for (let count = 0; count < 64; count++) await client.query(question)
    expect(new Set(ids).size).toBeGreaterThan(60)
    expect(new Set(ids.map((id) => id >> 13)).size).toBe(8)
  })

  it('ends at once with the signal of the caller, and when the client is closed', async () => {
    await using hostile = await hostileServer({ tcp: () => {} })
    const client = createDnsClient({ server: hostile.server, timeoutMs: 15_000 })
    for (const tcp of [false, true]) {
      const controller = new AbortController()
      const asked = client.query({ ...question, tcp }, { signal: controller.signal })
      const reason = new HotspareError({ code: 'HOTSPARE_TEST_ENOUGH', message: 'enough' })
      controller.abort(reason)
      await expect(asked).rejects.toBe(reason)
      await expect(client.query(question, { signal: controller.signal })).rejects.toBe(reason)
    }
    const waiting = client.query(question)
    await client.close()
    await client.close()
    await expect(waiting).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_CLOSED' })
    await expect(client.query(question)).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_CLOSED' })
    await expect.poll(() => hostile.openConnections()).toBe(0)
  })
})
