import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type LoopbackServer, loopbackServer } from '../testing/index.ts'

/** What a name server does with a question: over UDP, over TCP (each connection's first bytes). */
export interface DnsBehaviour {
  readonly udp?: (question: Buffer, send: (answer: Buffer) => void, from: RemoteInfo) => void
  readonly tcp?: (question: Buffer, socket: Socket) => void
}

export interface DnsFixture extends AsyncDisposable {
  readonly port: number
  readonly tcp: LoopbackServer
  readonly close: () => Promise<void>
}

/** A name server of a test's own making, on one port of 127.0.0.1 for UDP and TCP. */
export async function dnsServer({ udp = () => {}, tcp = () => {} }: DnsBehaviour): Promise<DnsFixture> {
  for (;;) {
    const overTcp = await loopbackServer((socket) => {
      socket.once('data', (bytes: Buffer) => tcp(bytes.subarray(2), socket))
    })
    const socket = await bound(overTcp.port)
    if (!socket) {
      // Somebody has the same port for UDP: try another.
      await overTcp.close()
      continue
    }
    socket.on('message', (question, from) => udp(question, (answer) => socket.send(answer, from.port, from.address), from))
    const close = async () => {
      socket.close()
      await overTcp.close()
    }
    return { port: overTcp.port, tcp: overTcp, close, [Symbol.asyncDispose]: close }
  }
}

async function bound(port: number): Promise<UdpSocket | undefined> {
  const socket = createSocket('udp4')
  try {
    const listening = once(socket, 'listening')
    socket.bind(port, '127.0.0.1')
    await listening
    return socket
  } catch {
    socket.close()
    return undefined
  }
}
