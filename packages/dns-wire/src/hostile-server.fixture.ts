import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage } from './encode-message.ts'
import type { Message } from './message.ts'

/** What a name server does with a message: over UDP, over TCP (the first that comes on a connection). */
export interface Behaviour {
  readonly udp?: (request: Uint8Array, send: (answer: Uint8Array) => void, port: number) => void
  readonly tcp?: (request: Uint8Array, socket: Socket) => void
}

export interface HostileServer extends AsyncDisposable {
  readonly server: { readonly address: string; readonly port: number }
  openConnections(): number
}

/** A name server of a test's own making, on one port of 127.0.0.1 for UDP and TCP. */
export async function hostileServer({ udp = () => {}, tcp = () => {} }: Behaviour): Promise<HostileServer> {
  for (;;) {
    const sockets = new Set<Socket>()
    const overTcp = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      socket.once('data', (bytes: Buffer) => tcp(bytes.subarray(2), socket))
    })
    overTcp.listen(0, '127.0.0.1')
    await once(overTcp, 'listening')
    const { port } = overTcp.address() as { port: number }
    const overUdp = createSocket('udp4')
    try {
      const listening = once(overUdp, 'listening')
      overUdp.bind(port, '127.0.0.1')
      await listening
    } catch {
      // Somebody has the same port for UDP: try another.
      overUdp.close()
      overTcp.close()
      continue
    }
    overUdp.on('message', (request, from) => udp(request, (answer) => overUdp.send(answer, from.port, from.address), from.port))
    return {
      server: { address: '127.0.0.1', port },
      openConnections: () => sockets.size,
      [Symbol.asyncDispose]: async () => {
        overUdp.close()
        for (const socket of sockets) socket.destroy()
        overTcp.close()
        await once(overTcp, 'close')
      },
    }
  }
}

/** A good answer to whatever was asked, with something else in it where that is given. */
export function answerTo(request: Uint8Array, given: Partial<Message> = {}): Uint8Array {
  const { id, flags, questions } = decodeMessage(request)
  const [name = '.'] = questions.map((question) => question.name)
  return encodeMessage({
    id,
    flags: { ...flags, response: true, authoritative: true },
    rcode: 'NOERROR',
    questions,
    answers: flags.opcode === 'QUERY' ? [{ name, type: 'A', class: 'IN', ttlSeconds: 30, data: { kind: 'A', address: '192.0.2.1' } }] : [],
    authorities: [],
    additionals: [],
    ...given,
  })
}
