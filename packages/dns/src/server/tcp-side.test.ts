import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleZone, framed, query, set, startServer, TcpClient } from './server.fixture.ts'

const www = () => query('www.example.test')

describe('a connection', () => {
  it('that sends no DNS is closed, and others are not', async () => {
    const { port } = await startServer()
    const other = new TcpClient(port)
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      framed(Uint8Array.of(1, 2, 3)),
      framed(Buffer.alloc(12, 0xff)),
      Buffer.of(0x10, 0x01),
    ]) {
      const client = new TcpClient(port)
      client.socket.write(bytes)
      await expect.poll(() => client.isClosed).toBe(true)
    }
    other.socket.write(framed(www()))
    expect((await other.next()).answers).toHaveLength(2)
  })

  it('asks as often as it likes, in one piece or byte by byte', async () => {
    const { server, port } = await startServer()
    const client = new TcpClient(port)
    client.socket.setNoDelay(true)
    client.socket.write(framed(www(), query('nowhere.example.test'), query('alias.example.test')))
    expect([(await client.next()).rcode, (await client.next()).rcode, (await client.next()).answers.length]).toEqual([
      'NOERROR',
      'NXDOMAIN',
      3,
    ])
    for (const byte of framed(www(), www())) {
      client.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await client.next()).answers).toHaveLength(2)
    expect((await client.next()).answers).toHaveLength(2)
    expect(server.stats()).toMatchObject({ tcpQuestions: 5, connections: 1 })
  })

  it('gets its answers when it has closed its own half', async () => {
    const { port } = await startServer()
    const client = new TcpClient(port)
    client.socket.end(framed(www(), www()))
    expect((await client.next()).answers).toHaveLength(2)
    expect((await client.next()).answers).toHaveLength(2)
  })

  it('that is silent, or never ends its question, is closed; one that asks is not', async () => {
    const clock = new TestClock()
    const { server, port } = await startServer({ clock, idleMs: 1_000 })
    const [silent, half, busy] = [new TcpClient(port), new TcpClient(port), new TcpClient(port)]
    for (const client of [silent, half, busy]) {
      client.socket.write(framed(www()))
      await client.next()
    }
    expect(server.stats().connections).toBe(3)
    for (let turn = 0; turn < 3; turn++) {
      await clock.advance(400)
      half.socket.write(turn === 0 ? Buffer.of(0, 200) : Buffer.of(0))
      busy.socket.write(framed(www()))
      await busy.next()
    }
    await expect.poll(() => [silent.isClosed, half.isClosed, busy.isClosed]).toEqual([true, true, false])
    expect(server.stats().connections).toBe(1)
    await clock.advance(2_000)
    await expect.poll(() => busy.isClosed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('too many make the most silent one go', async () => {
    const clock = new TestClock()
    const { server, port } = await startServer({ clock, connections: 3 })
    const clients: TcpClient[] = []
    for (let index = 0; index < 3; index++) {
      const client = new TcpClient(port)
      clients.push(client)
      client.socket.write(framed(www()))
      await client.next()
    }
    clients[0]?.socket.write(framed(www()))
    await clients[0]?.next()
    const newcomer = new TcpClient(port)
    newcomer.socket.write(framed(www()))
    await newcomer.next()
    await expect.poll(() => clients.map(({ isClosed }) => isClosed)).toEqual([false, true, false])
    expect(server.stats().connections).toBe(3)
  })

  it('one client cannot have all of them', async () => {
    const { server, port } = await startServer({ connectionsPerClient: 2 })
    const clients = [new TcpClient(port), new TcpClient(port)]
    for (const client of clients) {
      client.socket.write(framed(www()))
      await client.next()
    }
    const third = new TcpClient(port)
    await expect.poll(() => third.isClosed).toBe(true)
    clients[0]?.socket.destroy()
    await expect.poll(() => server.stats().connections).toBe(1)
    const fourth = new TcpClient(port)
    fourth.socket.write(framed(www()))
    expect((await fourth.next()).answers).toHaveLength(2)
  })

  it('that asks thousands of questions in one piece has its turn, and all others theirs', async () => {
    const { server, port } = await startServer()
    const client = new TcpClient(port)
    let most = 0
    let before = 0
    const each = () => {
      const { tcpQuestions } = server.stats()
      most = Math.max(most, tcpQuestions - before)
      before = tcpQuestions
      if (before < 3_000) setImmediate(each)
    }
    setImmediate(each)
    client.socket.write(framed(...Array.from({ length: 3_000 }, www)))
    for (let index = 0; index < 3_000; index++) expect((await client.next()).answers).toHaveLength(2)
    expect(server.stats().tcpQuestions).toBe(3_000)
    expect(most).toBeLessThan(100)
  })

  it('that takes no answers is not asked for more questions, and gets all of them later', async () => {
    const text = set('text.example.test', 'TXT', ...Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(200)}`))
    const { server, port } = await startServer({ zones: [{ ...exampleZone, records: [text] }] })
    const client = new TcpClient(port)
    client.socket.pause()
    const questions = 500
    client.socket.write(framed(...Array.from({ length: questions }, () => query('text.example.test', 'TXT'))))
    await expect.poll(() => server.stats().tcpQuestions).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    // What the kernel holds, and a little more.
    expect(server.stats().tcpQuestions).toBeLessThan(questions)
    client.socket.resume()
    for (let count = 0; count < questions; count++) expect((await client.next()).answers).toHaveLength(200)
    expect(server.stats().tcpQuestions).toBe(questions)
  })

  it('may send anything at all', async () => {
    const { port } = await startServer()
    const message = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.constant(www()))
    const stream = fc.array(message, { maxLength: 5 }).map((messages) => framed(...messages))
    for (const bytes of fc.sample(fc.oneof(stream, fc.uint8Array({ maxLength: 300 })), { numRuns: 100, seed: 3 })) {
      const client = new TcpClient(port)
      client.socket.end(bytes)
      await expect.poll(() => client.isClosed, { interval: 2 }).toBe(true)
    }
    const last = new TcpClient(port)
    last.socket.write(framed(www()))
    expect((await last.next()).answers).toHaveLength(2)
  })
})
