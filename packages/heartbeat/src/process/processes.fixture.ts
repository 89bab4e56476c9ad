import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { freeUdpPorts } from '../free-udp-ports.fixture.ts'
import type { HeartbeatSettings } from '../options.ts'

/** Processes run from the sources, as the tests do. */
const SOURCE_OPTIONS = '--conditions=@hotspare/source'

export const secrets: HeartbeatSettings['secrets'] = [{ id: 1, secret: 'a secret of these tests' }]

/** This machine may be busy. */
export const patient: { readonly timeout: number; readonly interval: number } = { timeout: 30_000, interval: 20 }

/** Makes Node's options those of every process that this test starts. */
export function nodeOptions(...options: readonly string[]): void {
  vi.stubEnv('NODE_OPTIONS', [SOURCE_OPTIONS, ...options].join(' '))
}

/** Settings of two nodes that watch each other. */
export async function twoNodes(): Promise<readonly [HeartbeatSettings, HeartbeatSettings]> {
  const [a, b] = (await freeUdpPorts(2)).map((port) => `127.0.0.1:${port}`)
  const settings = (node: string, peer: string, own = '', other = ''): HeartbeatSettings => ({
    node,
    listen: [own],
    peers: [{ name: peer, paths: [{ address: other }] }],
    secrets,
    intervalMs: 50,
    // A conviction must mean something on a busy machine.
    detector: { type: 'timeout', timeoutMs: 2_000 },
  })
  return [settings('a', 'b', a, b), settings('b', 'a', b, a)]
}

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-process-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** @returns the path of an ES module with this text, and its URL */
export async function moduleFile(text: string): Promise<{ readonly path: string; readonly url: string }> {
  const path = join(await temporaryFolder(), 'module.mjs')
  await writeFile(path, text)
  return { path, url: pathToFileURL(path).href }
}
