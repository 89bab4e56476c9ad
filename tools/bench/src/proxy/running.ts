import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HotspareError } from '@hotspare/core'
import { type Child, startChild, whenReady } from '../linux/child.ts'
import { bodies } from './bodies.ts'
import type { Launch } from './system.ts'

const READY_WITHIN_MS = 15_000
const ANSWER_WITHIN_MS = 1_000

export interface StartOptions {
  readonly name: string
  readonly launch: Launch
  readonly folder: string
  readonly port: number
  readonly core: number | undefined
}

/**
 * Writes a system's files, starts it, and waits until it serves every body whole.
 *
 * @throws HotspareError `HOTSPARE_BENCH_CHILD` or `HOTSPARE_CORE_TIMEOUT` when it does not
 */
export async function startSystem(options: StartOptions): Promise<Child> {
  const { name, launch, folder, port, core } = options
  // Readable for all: as root, nginx reads with the rights of nobody.
  await mkdir(folder, { mode: 0o755 })
  for (const [file, content] of Object.entries(launch.files)) await writeFile(join(folder, file), content, { mode: 0o644 })
  const child = await startChild({ name, program: launch.program, arguments: launch.arguments, core })
  try {
    for (const { path, bytes } of bodies) await whenReady(child, () => serves(`http://127.0.0.1:${port}${path}`, bytes), READY_WITHIN_MS)
  } catch (error) {
    await child.stop()
    throw error
  }
  return child
}

async function serves(url: string, bytes: number): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  const body = await response.arrayBuffer()
  return response.status === 200 && body.byteLength === bytes ? true : undefined
}

/** What has to be there before a proxy can be measured at all. */
export function needed(what: string, install: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_BENCH_NEEDS', message: `bench: the proxies cannot be measured without ${what}: ${install}` })
}
