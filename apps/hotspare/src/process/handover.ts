import { createHash } from 'node:crypto'
import { lstat, mkdir, readlink, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { HotspareError } from '@hotspare/core'
import { formatListen } from '../config/addresses.ts'
import type { ListenAddress } from '../config/config.ts'

// A worker whose guard has died holds its ports and serves on. The guard that comes next knocks at a Unix socket that is
// named after the port that it wants, and the worker drains. Nothing is said over it: who may open it may end the worker,
// so it lies in a folder that is the user's own, as the worker is.

/** @returns what to close when nobody is to knock any more */
export async function awaitKnock(
  addresses: Iterable<ListenAddress>,
  knocked: () => void,
  folder: string = folderOfUser(),
): Promise<() => void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const facts = await lstat(folder)
  if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o077) !== 0)
    throw new HotspareError({ code: 'HOTSPARE_APP_HANDOVER', message: `handover: ${folder} is not a folder of this user alone` })
  const servers: Server[] = []
  for (const address of addresses) {
    const path = join(folder, await nameOf(address))
    // What a worker left that was killed.
    await unlink(path).catch(() => {})
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.destroy()
      knocked()
    })
    server.on('error', () => {})
    server.listen(path)
    server.unref()
    servers.push(server)
  }
  return () => {
    for (const server of servers) server.close()
  }
}

/** @returns whether a worker without a guard has the address, and is going to give it up */
export async function knock(address: ListenAddress, folder: string = folderOfUser()): Promise<boolean> {
  const path = join(folder, await nameOf(address))
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The same from a terminal, from cron and from a supervisor, whatever their environment says. */
function folderOfUser(): string {
  const uid = process.getuid?.() ?? 0
  return uid === 0 ? '/run/hotspare' : `/tmp/hotspare-${uid}`
}

/** A port belongs to a network namespace, and so does its name here; short, since a Unix socket's path may have 107 bytes. */
async function nameOf(address: ListenAddress): Promise<string> {
  const namespace = await readlink('/proc/self/ns/net').catch(() => '')
  return createHash('sha256')
    .update(`${namespace} ${formatListen(address)}`)
    .digest('hex')
    .slice(0, 32)
}
