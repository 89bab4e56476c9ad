import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

const cli = join(import.meta.dirname, '..', 'cli.ts')

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export async function runProgram(command: string, parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (output.stdout += String(text)))
  child.stderr.on('data', (text) => (output.stderr += String(text)))
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'close')
  return { code: child.exitCode, ...output }
}

/** The CLI as an operator calls it, from the sources. */
export function hotspare(parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runProgram(process.execPath, ['--conditions=@hotspare/source', cli, ...parameters], env)
}

export interface RunningDaemon {
  readonly child: ChildProcess
  readonly log: () => string
  readonly url: string
  readonly api: string
}

/** `hotspare run` with a file of its own, once it listens. */
export function startDaemon(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<RunningDaemon> {
  const file = join(temporaryFolder(), 'hotspare.yaml')
  writeFileSync(file, yaml)
  return startDaemonFrom(file, env)
}

/** The same with a file that is there. */
export async function startDaemonFrom(file: string, env: Readonly<Record<string, string>> = {}): Promise<RunningDaemon> {
  const child = spawn(process.execPath, ['--conditions=@hotspare/source', cli, 'run', '-c', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let log = ''
  child.stdout.on('data', (text) => (log += String(text)))
  child.stderr.on('data', (text) => (log += String(text)))
  onTestFinished(() => killTree(child))
  const listen = (type: string): string | undefined => new RegExp(`"type":"${type}"[^}]*"listen":"([^"]+)"`).exec(log)?.[1]
  await until(() => listen('api-listening') !== undefined || child.exitCode !== null, 'the daemon listens')
  if (child.exitCode !== null) throw new Error(`the daemon ended: ${log}`)
  const daemon = { child, log: () => log, url: `http://${listen('proxy-listening')}`, api: `http://${listen('api-listening')}` }
  await until(async () => (await fetch(`${daemon.api}/readyz`)).status === 200, 'the daemon is ready')
  return daemon
}

/** A daemon and its children: a worker whose guard is killed would serve on. */
function killTree(child: ChildProcess): void {
  const pids = childrenOf(child.pid ?? 0)
  child.kill('SIGKILL')
  for (const pid of pids) killIfThere(pid)
}

/** The processes that this one has started and not outlived. */
export function childrenOf(pid: number): number[] {
  const listed = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
  return listed
    .split(/\s+/)
    .map(Number)
    .filter((child) => child > 0 && isAlive(child))
}

export function killIfThere(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL')
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export interface Nginx {
  readonly port: number
  /** Kills the master and its workers at once, as the kernel does when memory runs out. */
  readonly kill: () => void
  readonly start: () => Promise<void>
}

/** A real nginx with one static page, on a free port of loopback. */
export async function startNginx(name: string): Promise<Nginx> {
  const folder = temporaryFolder()
  const port = await freePort()
  writeFileSync(join(folder, 'index.html'), `${name}\n`.padEnd(2_000, '.'))
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; daemon off; user root;
     events { worker_connections 1024; }
     http { access_log off; keepalive_requests 1000000;
       client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
       server { listen 127.0.0.1:${port}; location / { root ${folder}; } location = /healthz { return 200 ok; } } }`,
  )
  let child: ChildProcess | undefined
  const start = async () => {
    // A group of its own: to kill nginx is to kill master and workers.
    child = spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore', detached: true })
    await until(() => accepts(port), `nginx ${name} listens`)
  }
  const kill = () => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
  }
  onTestFinished(kill)
  await start()
  return { port, kill, start }
}

/** Skips the test with its reason where a program is missing. */
export function need(context: TestContext, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length > 0) context.skip(`not installed: ${missing.join(', ')} (apt-get install ${missing.join(' ')})`)
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  while (!(await Promise.resolve(condition()).catch(() => false))) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

/** Ports that are free together: the kernel may give one that was let go at once a second time. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    ports.push(typeof address === 'object' && address !== null ? address.port : 0)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
