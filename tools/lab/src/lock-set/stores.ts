import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ETCD_READY, etcdAlone, runEtcd } from '../etcd.ts'
import { type Machine, type RunningProgram, until } from '../network.ts'
import type { Store } from './client.process.ts'

/** A store that a test can stop and start again with its data. */
export interface RunningStore {
  readonly store: Store
  /** Its main process at this moment. */
  program(): RunningProgram
  /** Kills it, and starts it again with its data. */
  restart(): Promise<void>
}

export const storeKinds = ['etcd', 'postgres', 'witness'] as const

const SECRET = 'a secret of this laboratory'

export async function startStore(kind: Store['type'], machine: Machine): Promise<RunningStore> {
  switch (kind) {
    case 'etcd':
      return startEtcd(machine)
    case 'postgres':
      return startPostgres(machine)
    case 'witness':
      return startWitness(machine)
  }
}

function startEtcd(machine: Machine): Promise<RunningStore> {
  const member = etcdAlone(machine)
  return keepRunning({ type: 'etcd', endpoints: [member.clientUrl] }, () => runEtcd(machine, member), ETCD_READY, 'SIGKILL')
}

async function startPostgres(machine: Machine): Promise<RunningStore> {
  const folder = join(machine.folder, 'postgres')
  const programs = postgresPrograms()
  const asPostgres = ['--reuid=postgres', '--regid=postgres', '--clear-groups']
  mkdirSync(folder)
  execFileSync('chown', ['postgres', folder])
  execFileSync('setpriv', [...asPostgres, join(programs, 'initdb'), '-D', folder, '-U', 'lab', '-A', 'trust'], { stdio: 'ignore' })
  appendFileSync(join(folder, 'pg_hba.conf'), 'host all all 10.77.0.0/16 trust\n')
  const settings = ['listen_addresses=*', 'unix_socket_directories=', 'log_min_messages=log'].flatMap((setting) => ['-c', setting])
  const start = () => machine.run('setpriv', [...asPostgres, join(programs, 'postgres'), '-D', folder, ...settings])
  // SIGQUIT is its crash: it recovers from its log. After SIGKILL its own children may still hold the shared memory.
  return keepRunning(
    { type: 'postgres', connection: `postgres://lab@${machine.address}:5432/postgres` },
    start,
    /database system is ready to accept connections/,
    'SIGQUIT',
  )
}

function startWitness(machine: Machine): Promise<RunningStore> {
  const script = resolve(import.meta.dirname, 'witness.process.ts')
  const start = () => machine.run(process.execPath, ['--conditions=@hotspare/source', script, join(machine.folder, 'witness.json'), SECRET])
  return keepRunning({ type: 'witness', url: `http://${machine.address}:7402`, secret: SECRET }, start, /ready/, 'SIGKILL')
}

async function keepRunning(store: Store, start: () => RunningProgram, ready: RegExp, crash: NodeJS.Signals): Promise<RunningStore> {
  let program = start()
  const started = () => until(() => ready.test(program.output()), `${store.type} is ready: ${program.output()}`)
  await started()
  return {
    store,
    program: () => program,
    async restart() {
      program.child.kill('SIGCONT')
      program.child.kill(crash)
      await program.ended
      program = start()
      await started()
    },
  }
}

export function postgresInstalled(): boolean {
  return existsSync('/usr/lib/postgresql')
}

function postgresPrograms(): string {
  const root = '/usr/lib/postgresql'
  const [newest] = readdirSync(root).toSorted((a, b) => Number(b) - Number(a))
  return join(root, newest ?? '', 'bin')
}
