import { join } from 'node:path'
import type { Random } from '@hotspare/core'
import { type Child, startChild, whenReady } from '../linux/child.ts'
import { freePorts } from '../linux/free-ports.ts'
import { nginxConfig } from '../proxy/nginx-config.ts'
import type { ProbeKind } from './load.ts'
import { writeFiles } from './write-files.ts'

/** 127.0.0.0/8 is all loopback. With one address, ports of closed connections would run out, and be looked for longer and longer. */
const ADDRESSES = 64
const READY_WITHIN_MS = 15_000
const ANSWER_WITHIN_MS = 5_000

/** Where targets listen; the same nginx behind all of them. */
export interface TargetPlaces {
  readonly port: number
  readonly addresses: readonly string[]
}

export interface Origin extends TargetPlaces {
  readonly child: Child
  /** How many probes have reached it so far, whoever sent them. */
  served(kind: ProbeKind): Promise<number>
}

interface OriginOptions {
  readonly program: string
  /** Empty and its own. */
  readonly folder: string
  readonly core: number | undefined
  readonly random: Random
}

export function targetAddress({ addresses }: TargetPlaces, index: number): string {
  return addresses[index % addresses.length] ?? '127.0.0.1'
}

/** Starts an nginx with a small answer for everybody, which counts what it is asked. */
export async function startOrigin({ program, folder, core, random }: OriginOptions): Promise<Origin> {
  const [port = 0, statusPort = 0] = await freePorts(2, random)
  const addresses = Array.from({ length: ADDRESSES }, (_, index) => `127.0.0.${index + 1}`)
  await writeFiles(folder, { 'nginx.conf': nginxConfig(folder, servers(port, statusPort, addresses)) })
  const given = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const child = await startChild({ name: 'the origin', program, arguments: given, core })
  const status = async () => {
    const response = await fetch(`http://127.0.0.1:${statusPort}/`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    return parseStubStatus(await response.text())
  }
  try {
    await whenReady(child, status, READY_WITHIN_MS)
  } catch (error) {
    await child.stop()
    throw error
  }
  let reads = 0
  return {
    port,
    addresses,
    child,
    async served(kind) {
      const { connections, requests } = (await status()) ?? { connections: 0, requests: 0 }
      // Each reading is a request as well, and one connection serves them all.
      reads += 1
      return kind === 'http' ? requests - reads : connections
    },
  }
}

/** @returns undefined for a text that nginx's stub_status has not written */
export function parseStubStatus(text: string): { readonly connections: number; readonly requests: number } | undefined {
  const [, connections, requests] = /^\s*\d+ (\d+) (\d+)\s*$/m.exec(text) ?? []
  return connections === undefined ? undefined : { connections: Number(connections), requests: Number(requests) }
}

function servers(port: number, statusPort: number, addresses: readonly string[]): string {
  return `
  server {
    ${addresses.map((address) => `listen ${address}:${port} backlog=4096;`).join('\n    ')}
    location / { return 200 '${'x'.repeat(100)}'; }
  }
  server {
    listen 127.0.0.1:${statusPort};
    location / { stub_status; }
  }`
}
