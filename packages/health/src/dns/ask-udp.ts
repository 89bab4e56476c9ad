import { createSocket } from 'node:dgram'
import type { Clock, Timer } from '@hotspare/core'
import type { ProbeRun } from '../run-probe.ts'
import { dnsLimits } from './limits.ts'
import type { FoundAddress } from './look-up.ts'
import { type DnsQuery, type DnsMessage, readMessage } from './message.ts'

/** Where a question goes, and how often. */
export interface UdpAsking {
  readonly to: FoundAddress
  readonly port: number
  /** From one sending to the next, in milliseconds. */
  readonly resendMs: number
  readonly clock: Clock
}

/**
 * Asks in a datagram, again and again while nothing comes. The socket is a new one, so its port is a random one, and it is connected:
 * the kernel lets through what comes from the server and nothing else, and tells when the port is closed.
 *
 * @throws what Node reports
 */
export async function askUdp(
  query: DnsQuery,
  { to, port, resendMs, clock }: UdpAsking,
  run: ProbeRun,
): Promise<Exclude<DnsMessage, { kind: 'stray' }>> {
  run.signal.throwIfAborted()
  run.phase = 'waiting for the answer'
  return new Promise((resolve, reject) => {
    const socket = createSocket(to.family === 6 ? 'udp6' : 'udp4')
    let timer: Timer | undefined
    let closed = false
    const close = () => {
      timer?.cancel()
      if (!closed) socket.close()
      closed = true
    }
    let strays = 0
    const send = (left: number) => {
      if (closed) return
      socket.send(query.bytes)
      if (left > 1) timer = clock.schedule(resendMs, () => send(left - 1))
    }
    run.signal.addEventListener('abort', close, { once: true })
    // Stays for good: a socket may report an error after it was given up.
    socket.on('error', (error) => {
      close()
      reject(error)
    })
    socket.on('message', (message) => {
      const reply = readMessage(query, message)
      if (reply.kind === 'stray' && ++strays <= dnsLimits.strayAnswers) {
        run.phase = `waiting for the answer (left aside: ${strays} that do not fit the question)`
        return
      }
      close()
      resolve(reply.kind === 'stray' ? { kind: 'malformed', why: `${strays} answers that do not fit the question` } : reply)
    })
    // Without a callback: Node would call it for a connection that failed too, and report no error.
    socket.once('connect', () => send(dnsLimits.sends))
    socket.connect(port, to.address)
  })
}
