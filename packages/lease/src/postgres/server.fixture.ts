import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'

/** How long a server on a loaded machine may take to start or to recover. */
const PATIENCE_MS = 45_000

const ADMIN = { user: 'admin', password: 'admin-password', database: 'postgres' }

/** A real PostgreSQL on a free loopback port, with its data in a temporary folder. */
export interface PostgresServer {
  readonly port: number
  readonly data: string
  /** For `connection`. */
  readonly url: (user: string, password?: string) => string
  /** Statements as superuser, on a connection of their own. */
  readonly admin: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Holds a transaction open until it is called. */
  readonly hold: (sql: string) => Promise<() => Promise<void>>
  /** What it has said so far, the last of it. */
  readonly log: () => string
  /** Stops every one of its processes in its tracks, and lets them go on. */
  readonly pause: () => void
  readonly resume: () => void
  /** Kills all of them at once. */
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The folder of the newest PostgreSQL of this machine, or undefined. */
function binaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).filter((version) => existsSync(join(root, version, 'bin/postgres'))) : []
  const newest = versions.toSorted((left, right) => Number(right) - Number(left))[0]
  if (newest !== undefined) return join(root, newest, 'bin')
  const found = spawnSync('which', ['postgres'], { encoding: 'utf8' }).stdout?.trim()
  return found ? dirname(found) : undefined
}

/** @returns why there is no PostgreSQL to test with, or undefined */
export function postgresMissing(): string | undefined {
  if (binaries() === undefined) return 'not installed: postgres (apt-get install postgresql)'
  if (spawnSync('ps', ['-p', '1']).error) return 'not installed: ps (apt-get install procps)'
  return process.getuid?.() === 0 && unprivileged() === undefined
    ? 'postgres does not run as root, and there is no user postgres'
    : undefined
}

/** Who runs the server: PostgreSQL refuses to be root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const [, , uid, gid] = /^postgres:.*$/mu.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-postgres-'))
  const owner = unprivileged()
  if (owner) chownSync(folder, owner.uid, owner.gid)
  return folder
}

function program(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  execFileSync(join(binaries() ?? '', name), args, { ...unprivileged(), cwd: '/', stdio: 'pipe', env: { ...process.env, ...env } })
}

export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = temporaryFolder()
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, ADMIN.password)
  chmodSync(passwordFile, 0o644)
  const data = join(folder, 'data')
  program('initdb', [
    '-D',
    data,
    '-U',
    ADMIN.user,
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '--no-sync',
    '--locale=C',
    '-E',
    'UTF8',
  ])
  return runServer(folder, settings)
}

/** A server that follows another one, read-only. */
export async function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  const folder = temporaryFolder()
  const url = primary.url(ADMIN.user, ADMIN.password)
  program('pg_basebackup', ['-d', url, '-D', join(folder, 'data'), '-R', '--no-sync', '-c', 'fast'])
  return runServer(folder, [])
}

async function runServer(folder: string, settings: readonly string[]): Promise<PostgresServer> {
  const port = await freePort()
  const data = join(folder, 'data')
  const url = (user: string, password?: string) =>
    `postgres://${user}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@127.0.0.1:${port}/${ADMIN.database}`
  const given = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=60',
    'shared_buffers=16MB',
    ...settings,
  ]
  const args = ['-D', data, '-p', String(port), ...given.flatMap((setting) => ['-c', setting])]
  let child: ChildProcess | undefined
  let log = ''
  const end = () => void (child?.pid !== undefined && child.kill('SIGQUIT'))

  const connect = async () => {
    const client = new pg.Client({ ...ADMIN, host: '127.0.0.1', port, ssl: false, connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const admin = async (sql: string) => {
    const client = await connect()
    try {
      const result: pg.QueryResult | readonly pg.QueryResult[] = await client.query(sql)
      return [result].flat().at(-1)?.rows ?? []
    } finally {
      await client.end()
    }
  }
  const launch = () => {
    const started = spawn(join(binaries() ?? '', 'postgres'), args, { ...unprivileged(), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
    started.stderr.on('data', (chunk) => (log = `${log}${chunk}`.slice(-64_000)))
    started.once('exit', () => {
      if (child === started) child = undefined
    })
    child = started
  }
  const start = async () => {
    const deadlineMs = performance.now() + PATIENCE_MS
    for (;;) {
      // After a SIGKILL the old memory is in the way until the last of the old processes has gone.
      if (!child) launch()
      const answers = await admin('SELECT 1').then(
        () => true,
        () => false,
      )
      if (answers) return
      if (performance.now() > deadlineMs) throw new Error(`PostgreSQL did not start: ${log}`)
      await wait(50)
    }
  }
  const stop = async (signal: NodeJS.Signals) => {
    if (!child) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  const every = (signal: NodeJS.Signals) => {
    for (const pid of familyOf(child?.pid)) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended in the meantime.
      }
    }
  }

  process.once('exit', end)
  await start()
  return {
    port,
    data,
    url,
    admin,
    async hold(sql) {
      const client = await connect()
      await client.query(`BEGIN; ${sql}`)
      return () => client.end()
    },
    log: () => log,
    pause: () => every('SIGSTOP'),
    resume: () => every('SIGCONT'),
    async kill() {
      if (!child) return
      const exited = once(child, 'exit')
      // All of them: a process that serves somebody would go on for a moment after its parent.
      every('SIGKILL')
      await exited
    },
    start,
    async close() {
      process.off('exit', end)
      await stop('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The process and its children. */
function familyOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
  return [pid, ...children.split('\n').map(Number).filter(Boolean)]
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
