import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock, Timer } from '@hotspare/core'
import { clientDefaults } from './defaults.ts'
import type { Reply } from './judge.ts'
import type { Way } from './way.ts'

export interface UdpAsking extends Way {
  readonly attempts: number
  /** From one sending to the next, in milliseconds. */
  readonly resendMs: number
  readonly clock: Clock
}

/** More answers than are looked at fit nothing that was asked. */
export interface Flooded {
  readonly kind: 'flooded'
}

/**
 * Asks in a datagram, again while nothing comes. The socket is a new one, so its port is a random one, and it is connected: the kernel
 * lets through what comes from the server and nothing else, and tells when the port is closed.
 *
 * @throws what Node reports
 */
export async function askUdp(
  bytes: Uint8Array,
  judge: (reply: Uint8Array) => Reply,
  { server, attempts, resendMs, clock, run }: UdpAsking,
): Promise<Exclude<Reply, { kind: 'stray' }> | Flooded> {
  run.signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
    let timer: Timer | undefined
    let closed = false
    const close = () => {
      timer?.cancel()
      run.signal.removeEventListener('abort', close)
      if (!closed) socket.close()
      closed = true
    }
    let strays = 0
    const send = (left: number) => {
      if (closed) return
      run.sent()
      socket.send(bytes)
      if (left > 1) timer = clock.schedule(resendMs, () => send(left - 1))
    }
    run.signal.addEventListener('abort', close, { once: true })
    // Stays for good: a socket may report an error after it was given up.
    socket.on('error', (error) => {
      close()
      reject(error)
    })
    socket.on('message', (message) => {
      const reply = judge(message)
      if (reply.kind === 'stray' && ++strays <= clientDefaults.strayAnswers) {
        run.phase = `waiting for the answer (left aside: ${strays} that do not fit the question)`
        return
      }
      close()
      resolve(reply.kind === 'stray' ? { kind: 'flooded' } : reply)
    })
    // Without a callback: Node would call it for a connection that failed too, and report no error.
    socket.once('connect', () => send(attempts))
    socket.connect(server.port, server.address)
  })
}
