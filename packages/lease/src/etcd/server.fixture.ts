import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { type Certificates, makeCertificates } from './certificates.fixture.ts'

/** How long a cluster on a loaded machine may take to start, to elect, to come back. */
const PATIENCE_MS = 45_000

export interface EtcdOptions {
  /** Default: 1 */
  readonly nodes?: 1 | 3 | undefined
  /** TLS for clients; with `clients` each needs a certificate. Default: none */
  readonly tls?: 'server' | 'clients' | undefined
  /** Switches authentication on, with a user `hotspare` for the prefix `hotspare/lease/` and the root of {@link ROOT}. Default: off */
  readonly auth?: { readonly password: string } | undefined
  /** `--auth-token`: makes its value from the folder of the certificates. Default: etcd's simple tokens */
  readonly authToken?: ((folder: string) => string) | undefined
}

/** Root of an etcd with authentication. */
export const ROOT = { name: 'root', password: 'root-password' }

/** One etcd process, and again after a restart, on the same port with the same data. */
export interface EtcdMember {
  readonly endpoint: string
  readonly pause: () => void
  readonly resume: () => void
  /** Default: SIGKILL */
  readonly kill: (signal?: 'SIGTERM') => Promise<void>
  readonly start: () => void
}

export interface EtcdCluster {
  readonly endpoints: readonly string[]
  readonly members: readonly EtcdMember[]
  readonly certificates: Certificates | undefined
  /** One call of the gateway, as root where authentication is on. */
  readonly call: (path: string, body: object, endpoint?: string) => Promise<Readonly<Record<string, unknown>>>
  readonly put: (key: string, value: string) => Promise<void>
  /** Which member leads, once all agree. */
  readonly leader: () => Promise<number>
  /** Resolves when every member that runs answers a linearizable read. */
  readonly ready: () => Promise<void>
  readonly close: () => Promise<void>
}

/** @returns why there is no etcd to test with, or undefined */
export function etcdMissing(options: EtcdOptions = {}): string | undefined {
  const programs = ['etcd', ...(options.tls || options.authToken ? ['openssl'] : [])]
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')} (apt-get install etcd-server openssl)`
}

/** Real etcd on free loopback ports, with its data in a temporary folder. */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdCluster> {
  for (let attempt = 1; ; attempt++) {
    const cluster = await createCluster(options)
    try {
      await cluster.ready()
      if (options.auth) await switchAuthOn(cluster, options.auth.password)
      return cluster
    } catch (error) {
      await cluster.close()
      // Somebody else may have taken a port between its choice and its use.
      if (attempt === 3) throw error
    }
  }
}

async function createCluster({ nodes = 1, tls, authToken }: EtcdOptions): Promise<EtcdCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-etcd-'))
  const certificates = tls || authToken ? makeCertificates(folder) : undefined
  const ports = await freePorts(2 * nodes)
  const scheme = tls ? 'https' : 'http'
  const plan = Array.from({ length: nodes }, (_, index) => ({
    name: `n${index}`,
    endpoint: `${scheme}://127.0.0.1:${ports[2 * index]}`,
    peer: `http://127.0.0.1:${ports[2 * index + 1]}`,
  }))
  const shared = ['--initial-cluster', plan.map(({ name, peer }) => `${name}=${peer}`).join(','), '--log-level', 'error']
  if (tls && certificates) shared.push('--cert-file', certificates.files.serverCert, '--key-file', certificates.files.serverKey)
  if (tls === 'clients' && certificates) shared.push('--client-cert-auth', '--trusted-ca-file', certificates.files.ca)
  if (authToken) shared.push('--auth-token', authToken(folder))
  const running = plan.map(({ name, endpoint, peer }) => {
    const own = ['--name', name, '--data-dir', join(folder, name)]
    const clients = ['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint]
    const peers = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer]
    return runMember(endpoint, [...own, ...clients, ...peers, ...shared])
  })
  const agent = new Agent({ allowH2: false, connect: { ca: certificates?.ca, ...certificates?.client } })
  const endpoints = plan.map(({ endpoint }) => endpoint)

  const post = async (endpoint: string, path: string, body: object, headers: Record<string, string> = {}) => {
    const signal = AbortSignal.timeout(5_000)
    const answer = await request(`${endpoint}${path}`, { method: 'POST', body: JSON.stringify(body), headers, signal, dispatcher: agent })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`${path}: ${text}`)
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  }
  let secured = false
  const call = async (path: string, body: object, endpoint = endpoints[0] ?? '') => {
    if (!secured) {
      const answer = await post(endpoint, path, body)
      secured = path === '/v3/auth/enable'
      return answer
    }
    const { token } = await post(endpoint, '/v3/auth/authenticate', ROOT)
    return post(endpoint, path, body, { authorization: String(token) })
  }

  return {
    endpoints,
    members: running,
    certificates,
    call,
    put: async (key, value) => void (await call('/v3/kv/put', { key: btoa(key), value: btoa(value) })),
    async leader() {
      let index = -1
      await until(async () => {
        const statuses = await Promise.all(endpoints.map((endpoint) => call('/v3/maintenance/status', {}, endpoint)))
        const leaders = new Set(statuses.map(({ leader }) => leader))
        index = statuses.findIndex(({ header }) => leaders.has((header as { member_id: string }).member_id))
        return leaders.size === 1 && index >= 0
      }, 'all members agree on a leader')
      return index
    },
    async ready() {
      for (const member of running.filter(({ child }) => child() !== undefined)) {
        const answers = async () => {
          if (member.child() === undefined) throw new Error(`etcd ended: ${member.log()}`)
          return call('/v3/kv/range', { key: btoa('ready') }, member.endpoint).then(
            () => true,
            () => false,
          )
        }
        await until(answers, `etcd at ${member.endpoint} answers; it says: ${member.log()}`)
      }
    },
    async close() {
      await agent.destroy()
      await Promise.all(running.map(({ kill }) => kill()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface RunningMember extends EtcdMember {
  readonly child: () => ChildProcess | undefined
  readonly log: () => string
}

function runMember(endpoint: string, args: readonly string[]): RunningMember {
  let child: ChildProcess | undefined
  let log = ''
  const signal = (name: NodeJS.Signals) => void child?.kill(name)
  const killNow = () => signal('SIGKILL')
  const start = () => {
    const started = spawn('etcd', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    started.stderr.on('data', (chunk) => (log = `${log}${chunk}`.slice(-4_000)))
    started.once('exit', () => {
      process.off('exit', killNow)
      if (child === started) child = undefined
    })
    process.once('exit', killNow)
    child = started
  }
  start()
  return {
    endpoint,
    child: () => child,
    log: () => log,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async kill(name: NodeJS.Signals = 'SIGKILL') {
      if (!child) return
      const exited = once(child, 'exit')
      signal(name)
      await exited
    },
    start,
  }
}

async function switchAuthOn({ call }: EtcdCluster, password: string): Promise<void> {
  await call('/v3/auth/user/add', ROOT)
  await call('/v3/auth/role/add', { name: 'root' })
  await call('/v3/auth/user/grant', { user: 'root', role: 'root' })
  await call('/v3/auth/user/add', { name: 'hotspare', password })
  await call('/v3/auth/role/add', { name: 'lease' })
  const perm = { permType: 'READWRITE', key: btoa('hotspare/lease/'), range_end: btoa('hotspare/lease0') }
  await call('/v3/auth/role/grant', { name: 'lease', perm })
  await call('/v3/auth/user/grant', { user: 'hotspare', role: 'lease' })
  await call('/v3/auth/enable', {})
}

/** Chosen all at once, so that none is given twice. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${what}`)
    await wait(25)
  }
}
