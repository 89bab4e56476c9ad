import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText, HotspareError, sleep, systemClock } from '@hotspare/core'
import { createDnsClient } from '../client.ts'
import type { TestServer } from './name-server.ts'

/** How long a name server on a loaded machine may take to answer. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 25
const LOG_CHARACTERS = 20_000
/** Somebody may take a free port between the look for it and the start. */
const STARTS = 4

export interface Launch {
  readonly program: string
  readonly arguments: readonly string[]
}

export interface ServerPlan {
  /** `bind` */
  readonly name: string
  /** One that it answers for, to see that it is there. */
  readonly zone: string
  /** Writes what it needs into the folder. @returns what is to be run */
  readonly prepare: (place: { readonly folder: string; readonly port: number }) => Launch | Promise<Launch>
}

/**
 * Starts a name server in a temporary folder, on a port that the kernel gives, and waits until it answers over UDP and TCP.
 *
 * @throws HotspareError `HOTSPARE_DNS_WIRE_TEST_SERVER` with the end of its log, when it does not
 */
export async function startServer(plan: ServerPlan): Promise<TestServer> {
  for (let left = STARTS; ; left--) {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), `hotspare-${plan.name}-`))
    try {
      return await started(plan, folder, port)
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      if (left === 1) throw error
    }
  }
}

async function started(plan: ServerPlan, folder: string, port: number): Promise<TestServer> {
  const { program, arguments: given } = await plan.prepare({ folder, port })
  const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
  let log = ''
  const write = (chunk: Buffer) => (log = `${log}${chunk.toString()}`.slice(-LOG_CHARACTERS))
  child.stdout.on('data', write)
  child.stderr.on('data', write)
  // Also told by 'exit' or the missing pid.
  child.on('error', (error) => void write(Buffer.from(errorText(error))))
  const stop = async () => {
    await killed(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const address = '127.0.0.1'
  try {
    await answering(plan.zone, { address, port }, child)
  } catch (error) {
    await stop()
    throw new HotspareError({
      code: 'HOTSPARE_DNS_WIRE_TEST_SERVER',
      message: `${plan.name}: ${errorText(error)}\n${log.slice(-2_000)}`,
      cause: error,
    })
  }
  return { address, port, pid: child.pid ?? 0, log: () => log, stop, [Symbol.asyncDispose]: stop }
}

async function answering(zone: string, server: { readonly address: string; readonly port: number }, child: ChildProcess): Promise<void> {
  const client = createDnsClient({ server, timeoutMs: 1_000 })
  const until = systemClock.monotonicMs() + PATIENCE_MS
  for (;;) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) throw new Error('it has ended')
    try {
      // Both: a server listens on one before the other.
      for (const tcp of [true, false]) await client.query({ name: zone, type: 'SOA', tcp })
      return
    } catch (error) {
      if (systemClock.monotonicMs() > until) throw error
      await sleep(LOOK_EVERY_MS)
    }
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** @returns a port of 127.0.0.1 that was free a moment ago, for UDP and TCP */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const isFree = await isFreeForUdp(port)
    server.close()
    await once(server, 'close')
    if (isFree) return port
  }
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    const listening = once(socket, 'listening')
    socket.bind(port, '127.0.0.1')
    await listening
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
