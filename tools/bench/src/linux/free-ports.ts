import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { HotspareError, type Random } from '@hotspare/core'

// Below the range that Linux takes outgoing ports from (32768 and up): a load test opens so many of those that a port
// found free there may be taken a moment later.
const LOWEST = 20_000
const HIGHEST = 32_767
const TRIES = 200

/** @returns `count` different ports on 127.0.0.1 on which nobody listens */
export function freePorts(count: number, random: Random): Promise<readonly number[]> {
  return findPorts(count, random, isFree)
}

/** The same for UDP. */
export function freeUdpPorts(count: number, random: Random): Promise<readonly number[]> {
  return findPorts(count, random, isFreeForUdp)
}

async function findPorts(count: number, random: Random, free: (port: number) => Promise<boolean>): Promise<readonly number[]> {
  const ports = new Set<number>()
  for (let tries = 0; tries < TRIES && ports.size < count; tries++) {
    const port = LOWEST + Math.floor(random.next() * (HIGHEST - LOWEST + 1))
    if (await free(port)) ports.add(port)
  }
  if (ports.size < count) throw new HotspareError({ code: 'HOTSPARE_BENCH_PORTS', message: `bench: fewer than ${count} free ports found` })
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)))
  })
}

function isFreeForUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => socket.close(() => resolve(false)))
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}
