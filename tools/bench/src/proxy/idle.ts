import { connect, type Socket } from 'node:net'
import { HotspareError, sleep } from '@hotspare/core'
import { treeResidentBytes } from '../linux/memory.ts'

/** Opened first and kept: what a process allocates for the first connections is no property of the next. */
const FIRST = 500
const AT_A_TIME = 100
const SETTLE_MS = 2_000

export interface IdleOptions {
  readonly port: number
  readonly pid: number
  readonly path: string
  readonly connections: number
}

/**
 * What a kept connection of a client takes while nothing happens on it, after one request each.
 *
 * @returns bytes of RAM (VmRSS of the process tree) for each connection
 * @throws HotspareError `HOTSPARE_BENCH_LOAD` when a connection is refused or not answered
 */
export async function bytesPerIdleConnection({ port, pid, path, connections }: IdleOptions): Promise<number> {
  const sockets: Socket[] = []
  try {
    await open(FIRST)
    const before = await settled()
    await open(connections)
    const after = await settled()
    return (after - before) / connections
  } finally {
    for (const socket of sockets) socket.destroy()
  }

  async function open(count: number): Promise<void> {
    for (let opened = 0; opened < count; opened += AT_A_TIME) {
      sockets.push(...(await Promise.all(Array.from({ length: AT_A_TIME }, () => askOnce(port, path)))))
    }
  }

  async function settled(): Promise<number> {
    await sleep(SETTLE_MS)
    const bytes = await treeResidentBytes(pid)
    if (bytes === undefined) throw failed('it has ended')
    return bytes
  }
}

/** A connection that has had one answer, and stays. */
function askOnce(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`))
    socket.once('data', () => resolve(socket))
    socket.once('error', reject)
    socket.once('close', () => reject(failed('it closed a connection')))
  })
}

function failed(what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_BENCH_LOAD', message: `bench: idle connections: ${what}` })
}
