import { randomBytes } from 'node:crypto'
import { constants, open } from 'node:fs'
import { lstat, mkdir, open as openFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { errorCode, errorText, HotspareError } from '@hotspare/core'
import { runCommand } from '../run-command.ts'

/** The longest file of keepalived's that is read. */
const MOST_BYTES = 65_536

/** @returns its text; undefined when there is none. @throws what the system says otherwise */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readStart(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function readStart(path: string): Promise<string> {
  // A pipe that nobody writes to would keep one of the few threads for files, each time, until none is left.
  const handle = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(MOST_BYTES) })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Never half written, whoever reads it when: keepalived is told of a name that changes. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    await writeFile(draft, text, { mode: 0o644 })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}

/** Removes what this driver has written for addresses that are configured no longer. @returns whether there was any */
export async function removeOthers(folder: string, names: readonly string[]): Promise<boolean> {
  const others = (await readdir(folder)).filter((file) => /^hotspare_.*\.(?:conf|track|new)$/.test(file) && !isOf(file, names))
  for (const file of others) await rm(join(folder, file), { force: true })
  return others.some((file) => file.endsWith('.conf'))
}

function isOf(file: string, names: readonly string[]): boolean {
  return names.some((name) => file === `${name}.conf` || file === `${name}.track`)
}

/**
 * Opens the FIFO, and makes it where it is missing. It is open in both directions: keepalived may come and go, and nobody is
 * ever waited for.
 *
 * @throws HotspareError `HOTSPARE_VIP_KEEPALIVED`
 */
export async function openFifo(path: string): Promise<Socket> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats && !stats.isFIFO()) throw problem(`${path} is no FIFO`)
  if (!stats) {
    const { status, stderr } = await runCommand('mkfifo', ['-m', '600', path])
    if (status !== 0) throw problem(stderr.trim())
  }
  try {
    const fd = await promisify(open)(path, constants.O_RDWR | constants.O_NONBLOCK)
    return new Socket({ fd, readable: true, writable: false })
  } catch (error) {
    throw problem(`${path}: ${errorText(error)}`)
  }
}

/** A folder of our own. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 })
}

function problem(what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_VIP_KEEPALIVED', message: `keepalived: ${what}`, retryable: true })
}

/** The process of a pid file, if it is keepalived's. */
export async function keepalivedPid(pidFile: string): Promise<number | undefined> {
  const pid = Number((await readText(pidFile).catch(() => undefined))?.trim())
  if (!Number.isSafeInteger(pid) || pid < 2) return undefined
  // A number that somebody else has by now is not keepalived's.
  return livingName((await readText(`/proc/${pid}/stat`).catch(() => undefined)) ?? '') === 'keepalived' ? pid : undefined
}

/** The name in `/proc/PID/stat`, unless the process has ended: one that nobody waits for stays listed as a zombie, as in containers. */
export function livingName(stat: string): string | undefined {
  const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? []
  return state === 'Z' || state === 'X' ? undefined : name
}
