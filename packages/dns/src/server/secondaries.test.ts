import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { TestClock } from '@hotspare/core/testing'
import { createDnsClient, type DnsClient } from '@hotspare/dns-wire/client'
import { decodeMessage, encodeMessage, presentValue } from '@hotspare/dns-wire'
import { freePort, hasBind, hasKnot, startBind, startKnot, type TestServer, type TestServerOptions } from '@hotspare/dns-wire/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDnsServer, type DnsServerEvent, type DnsServerOptions } from '../server.ts'
import { isNewerSerial } from '../serial.ts'
import { exampleZone, framed, HOST, query, set, startServer, TcpClient, udpClient } from './server.fixture.ts'

async function inShort(client: DnsClient, name: string, type: string): Promise<string> {
  const { message } = await client.query({ name, type })
  const records = message.answers.map(
    ({ name: owner, type: of, ttlSeconds, data }) => `${owner} ${ttlSeconds} ${of} ${presentValue(of, data)}`,
  )
  return `${message.rcode} ${records.toSorted().join('; ')}`
}

describe.each<[string, boolean, string, (options: TestServerOptions) => Promise<TestServer>]>([
  ['Knot', hasKnot(), 'knot', startKnot],
  ['BIND', hasBind(), 'bind9', startBind],
])('%s as a secondary', (_, isThere, install, start) => {
  it('is told of every change, has the zone, and serves it', async (context) => {
    if (!isThere) return context.skip(`not installed: ${install} (apt-get install ${install})`)
    const port = await freePort()
    const records = [...(exampleZone.records ?? []), set('odd.example.test', 'TYPE65280', String.raw`\# 3 010203`)]
    const serve = async (more: Partial<DnsServerOptions['zones'][number]>) => {
      const server = createDnsServer({ zones: [{ ...exampleZone, records, ...more }], listen: [{ address: HOST, port }] })
      onTestFinished(() => server.stop())
      const events: DnsServerEvent[] = []
      server.subscribe((event) => events.push(event))
      await server.start()
      return { server, events }
    }
    // Of a clock that was a day ahead.
    const { server: before } = await serve({ transferTo: [HOST], soa: { leastSerial: Math.floor(Date.now() / 1_000) + 86_400 } })
    const secondary = await start({ zones: [{ name: 'example.test', primary: { address: HOST, port } }] })
    onTestFinished(() => secondary.stop())
    const [ours, theirs] = [createDnsClient({ server: { address: HOST, port } }), createDnsClient({ server: secondary })]
    const soa = async (client: DnsClient) => inShort(client, 'example.test', 'SOA')
    const catchUp = () => expect.poll(async () => (await soa(theirs)) === (await soa(ours)), { timeout: 15_000, interval: 20 }).toBe(true)
    await catchUp()
    await before.stop()
    // Started anew, with the right time: the secondary has a newer serial, and would not listen.
    const { server, events } = await serve({ secondaries: [{ address: HOST, port: secondary.port }] })
    expect(isNewerSerial(before.serial('example.test'), server.serial('example.test'))).toBe(true)
    await catchUp()

    const many = Array.from({ length: 500 }, (__, index) => set(`host-${index}.example.test`, 'A', `10.0.${index >> 8}.${index & 0xff}`))
    server.set('example.test', [set('www.example.test', 'A', '198.51.100.7'), ...many], { remove: [set('alias.example.test', 'CNAME')] })
    await catchUp()
    for (const [name, type] of [
      ['www.example.test', 'A'],
      ['alias.example.test', 'CNAME'],
      ['any.wild.example.test', 'AAAA'],
      ['example.test', 'NS'],
      ['example.test', 'MX'],
      ['big.example.test', 'TXT'],
      ['odd.example.test', 'TYPE65280'],
      ['host-499.example.test', 'A'],
    ] as const) {
      expect(await inShort(theirs, name, type)).toBe(await inShort(ours, name, type))
    }
    const serial = server.serial('example.test')
    await expect
      .poll(() => events.some((event) => event.type === 'secondary-notified' && event.serial === serial), { timeout: 10_000 })
      .toBe(true)
    expect(events.filter(({ type }) => type === 'zone-transferred').length).toBeGreaterThanOrEqual(2)
    expect(events.some(({ type }) => type === 'secondary-unreached' || type === 'transfer-refused')).toBe(false)
  }, 60_000)
})

/** A secondary that hears, and says nothing by itself but what serial it has. */
async function listener(serial?: number) {
  const socket = createSocket('udp4').bind(0, HOST)
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const heard: { bytes: Buffer; port: number }[] = []
  const asked: string[] = []
  socket.on('message', (bytes, from) => {
    const message = decodeMessage(bytes)
    if (message.flags.opcode === 'NOTIFY') return heard.push({ bytes, port: from.port })
    asked.push(message.questions.map(({ name, type }) => `${name} ${type}`).join())
    const times = { refreshSeconds: 1, retrySeconds: 1, expireSeconds: 1, minimumSeconds: 1 }
    const data = { kind: 'SOA', primary: 'a', mailbox: 'b', serial: serial ?? 0, ...times } as const
    const soa = { name: 'example.test', type: 'SOA', class: 'IN', ttlSeconds: 0, data }
    const said = serial === undefined ? { rcode: 'REFUSED' } : { answers: [soa] }
    return socket.send(encodeMessage({ ...message, flags: { ...message.flags, response: true }, ...said }), from.port, from.address)
  })
  return { socket, heard, asked, address: { address: HOST, port: socket.address().port } }
}

const reply = (bytes: Buffer, rcode = 'NOERROR') => {
  const message = decodeMessage(bytes)
  return encodeMessage({ ...message, rcode, answers: [], flags: { ...message.flags, response: true } })
}

describe('telling a secondary', () => {
  it('is repeated until the attempts are used up, and then told to people', async () => {
    const clock = new TestClock()
    const { heard, address } = await listener()
    const { server, port, events } = await startServer({ clock, zones: [{ ...exampleZone, secondaries: [address] }] })
    for (const [index, waitMs] of [500, 1_000, 2_000, 4_000, 8_000].entries()) {
      await expect.poll(() => heard.length).toBe(index + 1)
      await clock.advance(waitMs)
    }
    const [first] = heard
    // From the port that answers; with the SOA. RFC 1996, 3.7.
    expect(first?.port).toBe(port)
    expect(decodeMessage(first!.bytes)).toMatchObject({
      flags: { response: false, opcode: 'NOTIFY', authoritative: true },
      questions: [{ name: 'example.test', type: 'SOA', class: 'IN' }],
      answers: [{ name: 'example.test', type: 'SOA', data: { serial: server.serial('example.test') } }],
    })
    expect(events).toMatchObject([{ type: 'secondary-unreached', zone: 'example.test', because: 'no answer to 5 messages' }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends with its answer; a newer version takes the place of one that was not confirmed; answers of others count for nothing', async () => {
    const clock = new TestClock()
    const { socket, heard, address } = await listener()
    const { server, port, events } = await startServer({ clock, zones: [{ ...exampleZone, secondaries: [address] }] })
    await expect.poll(() => heard.length).toBe(1)
    const { serial } = server.set('example.test', [set('www.example.test', 'A', '192.0.2.9')])
    await expect.poll(() => heard.length).toBe(2)
    const stranger = await udpClient(port)
    stranger.socket.send(reply(heard[1]!.bytes))
    socket.send(reply(heard[0]!.bytes), port, HOST)
    await expect.poll(() => server.stats().ignored).toBe(2)
    expect(events.map(({ type }) => type)).toEqual(['zone-changed'])
    socket.send(reply(heard[1]!.bytes), port, HOST)
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'secondary-notified', serial, secondary: `${HOST}:${address.port}` })
    await expect.poll(() => clock.pendingTimers).toBe(0)
    server.set('example.test', [set('www.example.test', 'A', '192.0.2.10')])
    await expect.poll(() => heard.length).toBe(3)
    socket.send(reply(heard[2]!.bytes, 'REFUSED'), port, HOST)
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'secondary-unreached', because: 'it answered with code 5' })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a secondary with a newer serial than ours', () => {
  const ofDaysAhead = Math.floor(Date.now() / 1_000) + 200_000

  it('is asked for it once it has answered, and our serial goes past it', async () => {
    const { socket, heard, asked, address } = await listener(ofDaysAhead)
    const { server, port, events } = await startServer({ zones: [{ ...exampleZone, secondaries: [address] }] })
    await expect.poll(() => heard.length).toBe(1)
    expect(asked).toEqual([])
    socket.send(reply(heard[0]!.bytes), port, HOST)
    await expect.poll(() => heard.length).toBe(2)
    expect(asked).toEqual(['example.test SOA'])
    expect(server.serial('example.test')).toBe(ofDaysAhead + 1)
    expect(decodeMessage(heard[1]!.bytes)).toMatchObject({ answers: [{ data: { serial: ofDaysAhead + 1 } }] })
    expect(events.at(-1)).toMatchObject({ type: 'zone-changed', serial: ofDaysAhead + 1, sets: [] })
    const { ask } = await udpClient(port)
    expect(await ask(query('example.test', 'SOA'))).toMatchObject({ answers: [{ data: { serial: ofDaysAhead + 1 } }] })
    expect((await ask(query('www.example.test'))).answers).toHaveLength(2)
    // And that is all.
    socket.send(reply(heard[1]!.bytes), port, HOST)
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'secondary-notified', serial: ofDaysAhead + 1 })
    expect(server.set('example.test', [set('www.example.test', 'A', '192.0.2.77')]).serial).toBe(ofDaysAhead + 2)
    expect(asked).toHaveLength(1)
  })

  it.for([
    ['an older one', 1_000],
    ['none', undefined],
  ] as const)('%s changes nothing', async ([, serial]) => {
    const { socket, heard, asked, address } = await listener(serial)
    const { server, port, events } = await startServer({ zones: [{ ...exampleZone, secondaries: [address] }] })
    const ours = server.serial('example.test')
    await expect.poll(() => heard.length).toBe(1)
    socket.send(reply(heard[0]!.bytes), port, HOST)
    await expect.poll(() => asked.length).toBe(1)
    const { ask } = await udpClient(port)
    await ask(query('www.example.test'))
    expect(server.serial('example.test')).toBe(ours)
    expect(events.map(({ type }) => type)).toEqual(['secondary-notified'])
  })
})

describe('a transfer', () => {
  it('is refused to those who may not have it, by UDP, and for names within the zone', async () => {
    const { port, events } = await startServer({ zones: [{ ...exampleZone, transferTo: ['192.0.2.0/24'] }] })
    const client = new TcpClient(port)
    client.socket.write(framed(query('example.test', 'AXFR'), query('example.test', 'IXFR')))
    for (let count = 0; count < 2; count++) expect(await client.next()).toMatchObject({ rcode: 'REFUSED', answers: [] })
    expect(events).toMatchObject([{ type: 'transfer-refused', zone: 'example.test', to: HOST }])

    const { port: open } = await startServer({ zones: [{ ...exampleZone, transferTo: ['127.0.0.0/8'] }] })
    const { ask } = await udpClient(open)
    expect((await ask(query('example.test', 'AXFR'))).rcode).toBe('REFUSED')
    const allowed = new TcpClient(open)
    allowed.socket.write(framed(query('www.example.test', 'AXFR')))
    expect((await allowed.next()).rcode).toBe('REFUSED')
  })

  it('of a version that is there already is the SOA alone; by UDP it always is. RFC 1995', async () => {
    const { server, port } = await startServer({ zones: [{ ...exampleZone, transferTo: [HOST] }] })
    const serial = server.serial('example.test')
    const ixfr = (held: number) =>
      encodeMessage({
        ...decodeMessage(query('example.test', 'IXFR')),
        authorities: [
          {
            name: 'example.test',
            type: 'SOA',
            class: 'IN',
            ttlSeconds: 0,
            data: {
              kind: 'SOA',
              primary: 'a',
              mailbox: 'b',
              serial: held,
              refreshSeconds: 1,
              retrySeconds: 1,
              expireSeconds: 1,
              minimumSeconds: 1,
            },
          },
        ],
      })
    const client = new TcpClient(port)
    client.socket.write(framed(ixfr(serial), ixfr(serial - 1), query('www.example.test')))
    const same = await client.next()
    expect(same.answers.map(({ type }) => type)).toEqual(['SOA'])
    const whole = await client.next()
    expect(whole.answers.length).toBeGreaterThan(10)
    expect([whole.answers[0]?.type, whole.answers.at(-1)?.type]).toEqual(['SOA', 'SOA'])
    // What was asked behind it is answered after it.
    expect((await client.next()).answers).toHaveLength(2)
    const { ask } = await udpClient(port)
    expect((await ask(ixfr(serial - 1))).answers.map(({ type }) => type)).toEqual(['SOA'])
  })

  it('of a large zone comes in several messages, each with the question', async () => {
    const records = Array.from({ length: 900 }, (_, index) => set(`host-${index}.example.test`, 'TXT', 'x'.repeat(60)))
    const { server, port } = await startServer({
      zones: [{ name: 'example.test', nameServers: ['ns1.example.net'], records, transferTo: [HOST] }],
    })
    const client = new TcpClient(port)
    client.socket.write(framed(query('example.test', 'AXFR', { edns: false })))
    const types: string[] = []
    let messages = 0
    while (types.filter((type) => type === 'SOA').length < 2) {
      const message = await client.next()
      expect(message).toMatchObject({ id: 4_711, rcode: 'NOERROR', questions: [{ type: 'AXFR' }], flags: { authoritative: true } })
      types.push(...message.answers.map(({ type }) => type))
      messages += 1
    }
    expect(types).toHaveLength(900 + 1 + 2)
    expect(messages).toBeGreaterThan(3)
    await expect.poll(() => server.stats().transfers).toBe(1)
  })
})
