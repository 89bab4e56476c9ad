import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, createServer as createListener } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-engine-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Skips the test with its reason where a program is missing. */
export function need(context: TestContext, program: string): void {
  if (spawnSync('which', [program]).status !== 0) context.skip(`not installed: ${program} (apt-get install ${program})`)
}

export async function freePort(): Promise<number> {
  const server = createListener().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!(await Promise.resolve(condition()).catch(() => false))) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Answers with its name. */
export async function startNamed(name: string): Promise<number> {
  const server = createServer((_, response) => response.end(name)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as { port: number }).port
}

/** Who answers at that port, over some requests, in order of their names. */
export async function answering(port: number, requests = 12): Promise<readonly string[]> {
  const seen = new Set<string>()
  for (let turn = 0; turn < requests; turn++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
    seen.add(answer.ok ? await answer.text() : String(answer.status))
  }
  return [...seen].toSorted()
}

export interface RunningEngine {
  readonly port: number
  readonly folder: string
  readonly child: () => ChildProcess
  /** Kills it as the kernel does, and starts it with the same configuration. */
  readonly restart: () => Promise<void>
  readonly kill: () => Promise<void>
}

export interface RunningHaproxy extends RunningEngine {
  readonly socket: string
  readonly operatorSocket: string
  readonly tcpPort: number
}

export async function startHaproxy(servers: readonly string[], balance = 'roundrobin'): Promise<RunningHaproxy> {
  const folder = temporaryFolder()
  const [port, tcpPort] = [await freePort(), await freePort()]
  const [socket, operatorSocket] = [join(folder, 'admin.sock'), join(folder, 'operator.sock')]
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  stats socket ${socket} mode 600 level admin
  stats socket ${operatorSocket} mode 600 level operator
  stats socket ipv4@127.0.0.1:${tcpPort} level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend clients
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance ${balance}
${servers.map((line) => `  server ${line}`).join('\n')}
backend other
  server alone 127.0.0.1:9
`,
  )
  const engine = await startEngine(['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')], folder, port)
  // They come a moment after the port of the frontend.
  await until(() => existsSync(socket) && existsSync(operatorSocket), 'HAProxy has its sockets')
  return { ...engine, socket, operatorSocket, tcpPort }
}

export interface RunningNginx extends RunningEngine {
  readonly file: string
  readonly pidFile: string
  readonly test: [string, ...string[]]
  readonly reload: [string, ...string[]]
}

/** An nginx that includes a file which the test is to write; it starts with a first one that has nobody. */
export async function startNginx(): Promise<RunningNginx> {
  const folder = temporaryFolder()
  const port = await freePort()
  const [file, pidFile, config] = [join(folder, 'upstream.conf'), join(folder, 'nginx.pid'), join(folder, 'nginx.conf')]
  writeFileSync(file, 'upstream web {\n    server 127.0.0.1:9 down;\n}\n')
  writeFileSync(
    config,
    `worker_processes 1; pid ${pidFile}; error_log ${folder}/error.log; daemon off; user root;
     events { worker_connections 512; }
     http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
       uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; include ${file};
       server { listen 127.0.0.1:${port}; location / { proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  )
  const argv = (...rest: string[]): [string, ...string[]] => ['nginx', '-c', config, '-e', join(folder, 'error.log'), ...rest]
  const engine = await startEngine(argv(), folder, port)
  await until(() => existsSync(pidFile), 'nginx has written its pid')
  return { ...engine, file, pidFile, test: argv('-t'), reload: argv('-s', 'reload') }
}

async function startEngine([program = '', ...parameters]: readonly string[], folder: string, port: number): Promise<RunningEngine> {
  let child: ChildProcess | undefined
  const start = async () => {
    // A group of its own: a master and its workers go together.
    child = spawn(program, parameters, { stdio: 'ignore', detached: true })
    await until(() => accepts(port), `${program} listens`)
  }
  const kill = async () => {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    process.kill(-child.pid, 'SIGKILL')
    await gone
    await until(async () => !(await accepts(port)), `${program} has gone`)
  }
  onTestFinished(kill)
  await start()
  return {
    port,
    folder,
    child: () => child!,
    kill,
    async restart() {
      await kill()
      await start()
    },
  }
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
