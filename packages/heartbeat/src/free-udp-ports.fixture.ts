import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Ports that were free a moment ago, on both loopback addresses. */
export async function freeUdpPorts(count: number): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket({ type: 'udp6', ipv6Only: false }))
  for (const socket of sockets) {
    socket.bind(0)
    await once(socket, 'listening')
  }
  const ports = sockets.map((socket) => socket.address().port)
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => void socket.close(() => resolve()))))
  return ports
}
