import { fork, type SendHandle } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { fileURLToPath } from 'node:url'
import { presentValue } from '@hotspare/dns-wire'
import { expect, it, onTestFinished } from 'vitest'
import { createDnsServer } from '../server.ts'
import { exampleZone, framed, HOST, killed, query, TcpClient, udpClient } from './server.fixture.ts'

const PROGRAM = fileURLToPath(new URL('server.process.fixture.ts', import.meta.url))

type Handle = SendHandle & { getsockname(out: { port?: number }): number; close(): void }

/** A port of which nobody reads, as a guard keeps one for its children. Of Node's own cluster module, which has no public way either. */
function bound(): { readonly udp: Handle; readonly tcp: Handle; readonly port: number } {
  const udp = Reflect.apply(Reflect.get(dgram, '_createSocketHandle') as () => Handle, dgram, [HOST, 0, 'udp4', undefined, 0])
  const name: { port?: number } = {}
  udp.getsockname(name)
  const port = name.port ?? 0
  const tcp = Reflect.apply(Reflect.get(net, '_createServerHandle') as () => Handle, net, [HOST, port, 4, undefined, 0])
  onTestFinished(() => {
    udp.close()
    tcp.close()
  })
  return { udp, tcp, port }
}

it('serves on the sockets of a parent process, which outlive it: the next one takes them over', async () => {
  const { udp, tcp, port } = bound()
  const serve = async (address: string) => {
    const child = fork(PROGRAM, [address], { execArgv: ['--conditions=@hotspare/source'] })
    onTestFinished(() => killed(child))
    await once(child, 'message')
    const listening = once(child, 'message')
    child.send('udp', udp)
    child.send('tcp', tcp)
    await listening
    return child
  }
  const { ask, socket } = await udpClient(port)
  const told = async () => {
    const client = new TcpClient(port)
    client.socket.write(framed(query('www.example.test')))
    const answers = [await ask(query('www.example.test')), await client.next()]
    return answers.map(({ answers: records }) => records.map(({ type, data }) => presentValue(type, data)).join())
  }

  const first = await serve('192.0.2.1')
  expect(await told()).toEqual(['192.0.2.1', '192.0.2.1'])
  await killed(first)
  // Asked while nobody is there: it waits in the socket.
  socket.send(query('www.example.test'))
  const answered = once(socket, 'message')
  await serve('192.0.2.2')
  await answered
  expect(await told()).toEqual(['192.0.2.2', '192.0.2.2'])
})

it('takes sockets of Node as they are, and closes them with itself', async () => {
  const udp = dgram.createSocket('udp4').bind(0, HOST)
  await once(udp, 'listening')
  const { port } = udp.address()
  const tcp = net.createServer().listen(port, HOST)
  await once(tcp, 'listening')
  const server = createDnsServer({ zones: [exampleZone], sockets: { udp: [udp], tcp: [tcp] } })
  await server.start()
  const { ask } = await udpClient(port)
  const answers = await Promise.all(['www', 'alias', 'nowhere'].map((label) => ask(query(`${label}.example.test`))))
  expect(answers).toHaveLength(3)
  const client = new TcpClient(port)
  client.socket.write(framed(query('www.example.test')))
  expect((await client.next()).answers).toHaveLength(2)
  await server.stop()
  expect(tcp.listening).toBe(false)
})

it('refuses what is no socket', async () => {
  const server = createDnsServer({ zones: [exampleZone], sockets: { udp: [{}], tcp: [] } })
  await expect(server.start()).rejects.toMatchObject({ code: 'HOTSPARE_DNS_LISTEN' })
})
