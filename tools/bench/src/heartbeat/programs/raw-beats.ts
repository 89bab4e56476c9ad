import { createSocket, type Socket } from 'node:dgram'
import { type Clock, systemClock } from '@hotspare/core'

/** As many bytes as one of Hotspare's beats. */
const PACKET = Buffer.alloc(104, 'x')

export interface RawBeats {
  readonly port: number
  readonly to: readonly number[]
  readonly intervalMs: number
  readonly onPacket: (fromPort: number) => void
  readonly clock?: Clock | undefined
}

/** Sends the same packet to every port on an absolute schedule: nothing is signed, checked or decided. @returns packets sent so far */
export async function startRawBeats({ port, to, intervalMs, onPacket, clock = systemClock }: RawBeats): Promise<() => number> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _options, callback) => callback(null, address, 4) })
  socket.on('message', (_bytes, { port: fromPort }) => onPacket(fromPort))
  await bind(socket, port)
  let sent = 0
  const noteSent = (error: Error | null) => {
    if (!error) sent += 1
  }
  const startMs = clock.monotonicMs()
  let beat = 0
  const arm = () => {
    beat = Math.max(beat + 1, Math.floor((clock.monotonicMs() - startMs) / intervalMs) + 1)
    clock.schedule(Math.max(0, startMs + beat * intervalMs - clock.monotonicMs()), () => {
      arm()
      for (const target of to) socket.send(PACKET, target, '127.0.0.1', noteSent)
    })
  }
  arm()
  return () => sent
}

function bind(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, '127.0.0.1', () => {
      socket.off('error', reject)
      // A peer that is not there yet.
      socket.on('error', () => {})
      resolve()
    })
  })
}
