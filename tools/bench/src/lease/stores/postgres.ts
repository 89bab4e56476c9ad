import { execFile } from 'node:child_process'
import { chown, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { startChild, whenReady } from '../../linux/child.ts'
import { freePorts } from '../../linux/free-ports.ts'
import { findProgram, programVersion } from '../../linux/programs.ts'
import type { LeaseStore } from '../store.ts'

/** Where Debian keeps the server's programs: each version in a folder of its own, and none in the PATH. */
const DEBIAN_FOLDER = '/usr/lib/postgresql'
const INITIALISED_WITHIN_MS = 60_000
const READY_WITHIN_MS = 30_000

export const postgresStore: LeaseStore = {
  name: 'postgres',
  install: 'apt-get install postgresql',
  async find() {
    const program = await newestServer()
    const owner = await serverOwner()
    if (program === undefined || owner === 'missing') return undefined
    return {
      version: await programVersion(program, '--version'),
      async start({ folder, core, random }) {
        const [port = 0] = await freePorts(1, random)
        const data = join(folder, 'data')
        if (owner) await chown(folder, owner.uid, owner.gid)
        const initialise = asOwner(owner, join(dirname(program), 'initdb'))
        const given = ['-D', data, '-U', 'bench', '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8']
        await promisify(execFile)(initialise.program, [...initialise.arguments, ...given], { cwd: '/', timeout: INITIALISED_WITHIN_MS })
        const command = asOwner(owner, program)
        const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`]
        const server = await startChild({
          name: 'PostgreSQL',
          program: command.program,
          arguments: [...command.arguments, '-D', data, '-p', `${port}`, ...settings],
          core,
        })
        const url = `postgres://bench@127.0.0.1:${port}/postgres`
        await whenReady(server, () => answers(url), READY_WITHIN_MS).catch(async (error: unknown) => {
          await server.stop()
          throw error
        })
        return { url, server }
      },
    }
  },
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

async function newestServer(): Promise<string | undefined> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => [])
  for (const version of versions.toSorted((a, b) => Number(b) - Number(a))) {
    const found = await findProgram('postgres', [join(DEBIAN_FOLDER, version, 'bin')])
    if (found !== undefined) return found
  }
  return findProgram('postgres')
}

/** Who runs the server, which refuses to be root. @returns undefined for the user of the bench */
async function serverOwner(): Promise<Owner | 'missing' | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8')) ?? []
  if (uid === undefined || gid === undefined || (await findProgram('setpriv')) === undefined) return 'missing'
  return { uid: Number(uid), gid: Number(gid) }
}

/** setpriv replaces itself by the program, so the process id stays. */
function asOwner(owner: Owner | undefined, program: string): { readonly program: string; readonly arguments: readonly string[] } {
  if (!owner) return { program, arguments: [] }
  return { program: 'setpriv', arguments: [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', program] }
}

async function answers(url: string): Promise<true> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } finally {
    await client.end().catch(() => {})
  }
}
