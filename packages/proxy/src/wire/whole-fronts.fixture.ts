import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** How long a server on a loaded machine may take to start. */
const START_PATIENCE_MS = 15_000

/** Another proxy in front of the same origin, as its manual's first pages set it up. */
export interface Front {
  readonly port: number
  /** As it says itself. */
  readonly version: string
  readonly close: () => Promise<void>
}

export async function nginxFront(program: string, originPort: number): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-front-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit; events {}
    http { access_log off; ${temporary} upstream origin { server 127.0.0.1:${originPort}; keepalive 8; }
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  )
  const version = /nginx\/([\d.]+)/.exec(spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr)?.[1] ?? ''
  return start({ program, args: ['-c', file, '-e', 'stderr', '-p', folder], port, folder, version })
}

export async function haproxyFront(program: string, originPort: number): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-front-'))
  const port = await freePort()
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(
    file,
    `global
  log stderr format raw local0 crit
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
  timeout http-request 5s
frontend front
  bind 127.0.0.1:${port}
  default_backend origin
backend origin
  server origin 127.0.0.1:${originPort}
`,
  )
  const version = /version (\d+\.\d+\.\d+)/.exec(spawnSync(program, ['-v'], { encoding: 'utf8' }).stdout)?.[1] ?? ''
  return start({ program, args: ['-db', '-f', file], port, folder, version })
}

interface Started {
  readonly program: string
  readonly args: readonly string[]
  readonly port: number
  readonly folder: string
  readonly version: string
}

async function start({ program, args, port, folder, version }: Started): Promise<Front> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (text) => (log = `${log}${text}`.slice(-16_000)))
  child.on('error', (error) => (log += error.message))
  const deadlineMs = performance.now() + START_PATIENCE_MS
  while (!(await accepts(port))) {
    if (performance.now() > deadlineMs || child.exitCode !== null) throw new Error(`${program} did not start: ${log}`)
    await wait(20)
  }
  const close = async () => {
    const exited = child.exitCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, version, close }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address !== null ? address.port : 0
}
