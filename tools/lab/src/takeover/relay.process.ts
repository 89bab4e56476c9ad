// Hands on what comes in on a port, UDP and TCP, with a delay for each packet; so packets overtake each other, and bytes
// of a connection do not.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { systemClock, systemRandom } from '@hotspare/core'

export interface RelayOptions {
  readonly port: number
  readonly to: { readonly host: string; readonly port: number }
  /** Each packet is held back for a time between these two. */
  readonly delayMs: readonly [least: number, most: number]
}

const MOST_SENDERS = 64

const { port, to, delayMs } = JSON.parse(process.argv[2] ?? '') as RelayOptions
const [least, most] = delayMs
const drawMs = () => least + systemRandom.next() * (most - least)

/** By sender, the socket in whose name its packets go on; answers come back through it. */
const senders = new Map<string, UdpSocket>()
const inside = createSocket('udp4')
inside.on('message', (packet, { address, port: senderPort }) => {
  const key = `${address}:${senderPort}`
  const known = senders.get(key)
  if (!known && senders.size >= MOST_SENDERS) return
  const outside = known ?? createSocket('udp4')
  if (!known) {
    senders.set(key, outside)
    outside.on('error', () => {})
    outside.on('message', (answer) => systemClock.schedule(drawMs(), () => inside.send(answer, senderPort, address)))
  }
  systemClock.schedule(drawMs(), () => outside.send(packet, to.port, to.host))
})

function handOn(from: Socket, onto: Socket): void {
  let dueMs = 0
  const later = (act: () => void) => {
    const nowMs = performance.now()
    dueMs = Math.max(dueMs, nowMs + drawMs())
    systemClock.schedule(dueMs - nowMs, act)
  }
  from.on('data', (bytes) => later(() => onto.writable && onto.write(bytes)))
  from.on('end', () => later(() => onto.end()))
  from.on('error', () => onto.resetAndDestroy())
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  const onward = connect({ ...to, noDelay: true, allowHalfOpen: true })
  handOn(socket, onward)
  handOn(onward, socket)
})

inside.bind(port, () => server.listen(port, '0.0.0.0', () => process.stdout.write('ready\n')))
