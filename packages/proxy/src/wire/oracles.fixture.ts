import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { OracleName } from './request-cases.fixture.ts'
import type { ResponseCase } from './response-cases.fixture.ts'

/** How long a server on a loaded machine may take to start. */
const START_PATIENCE_MS = 15_000
/** How long one may take with a message before it counts as one that waits for more. */
const ANSWER_PATIENCE_MS = 5_000

/** What a server made of some bytes. */
export type OracleVerdict = 'accepted' | 'refused'

/** Something that reads HTTP/1.1, on a socket file of its own. */
export interface Oracle {
  readonly name: OracleName
  /** What it makes of these requests: refused if it says so, or breaks off without an answer to each. */
  readonly request: (bytes: string, count: number) => Promise<OracleVerdict>
  /** What it makes of this answer. */
  readonly response: (index: number, asked: ResponseCase['asked']) => Promise<OracleVerdict>
  readonly close: () => Promise<void>
}

/** @returns the path of a program of this machine, or undefined; Debian keeps daemons where PATH may not lead */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Servers that a proxy under test stands in front of: one for its requests, one that answers with the cases. */
export interface Origins {
  readonly folder: string
  readonly close: () => Promise<void>
}

/** `requests` answers 200 to whatever comes; `responses` answers `/3` with the bytes of case 3, and ends. */
export async function startOrigins(cases: readonly ResponseCase[]): Promise<Origins> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-wire-'))
  const requests = await listen(
    createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'))
    }),
    join(folder, 'requests'),
  )
  const responses = await listen(
    createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (head: Buffer) => {
        const index = /^\S+ (?:http:\/\/[^/]*)?\/(\d+)/.exec(head.toString('latin1'))?.[1]
        socket.end(Buffer.from(cases[Number(index)]?.bytes ?? '', 'latin1'))
      })
    }),
    join(folder, 'responses'),
  )
  const close = async () => {
    await Promise.all([requests(), responses()])
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, close }
}

/** Node's own server and client. */
export async function nodeOracle(origins: Origins): Promise<Oracle> {
  const path = join(origins.folder, 'node')
  const server = createHttpServer((incoming, answer) => {
    incoming.resume()
    incoming.once('end', () => answer.writeHead(200, { 'content-length': 2 }).end('ok'))
  })
  server.on('connect', (_incoming, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  const close = await listen(server, path)
  return {
    name: 'node',
    request: (bytes, count) => askRaw(path, bytes, count),
    response: (index, asked) => askWhole(join(origins.folder, 'responses'), index, asked),
    close,
  }
}

/** nginx reads a request with its body before it asks the origin. */
export async function nginxOracle(program: string, origins: Origins): Promise<Oracle> {
  const at = (name: string) => join(origins.folder, name)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`).join(' ')
  const server = (front: string, origin: string) =>
    `server { listen unix:${at(front)}; location / { proxy_pass http://unix:${at(origin)}:; proxy_http_version 1.1; proxy_next_upstream off; proxy_ignore_client_abort on; lingering_close off; } }`
  const config = `daemon off; master_process off; pid ${at('nginx.pid')}; error_log stderr crit; events {}
    http { access_log off; large_client_header_buffers 4 32k; client_max_body_size 0; ${temporary}
      ${server('nginx-requests', 'requests')}
      ${server('nginx-responses', 'responses')} }`
  writeFileSync(at('nginx.conf'), config)
  return proxyOracle('nginx', program, ['-c', at('nginx.conf'), '-e', 'stderr', '-p', origins.folder], origins)
}

/** HAProxy keeps a request until its body is there, and answers by itself. */
export async function haproxyOracle(program: string, origins: Origins): Promise<Oracle> {
  const at = (name: string) => join(origins.folder, name)
  const config = `global
    log stderr format raw local0 crit
    tune.bufsize 32768
  defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    timeout http-request 5s
  frontend requests
    bind ${at('haproxy-requests')}
    option http-buffer-request
    http-request return status 200
  frontend responses
    bind ${at('haproxy-responses')}
    default_backend responses
  backend responses
    retries 0
    server origin unix@${at('responses')}
`
  writeFileSync(at('haproxy.conf'), config)
  return proxyOracle('haproxy', program, ['-db', '-f', at('haproxy.conf')], origins)
}

async function proxyOracle(name: 'nginx' | 'haproxy', program: string, args: readonly string[], { folder }: Origins): Promise<Oracle> {
  const [front, back] = [join(folder, `${name}-requests`), join(folder, `${name}-responses`)]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const keep = (chunk: unknown) => (log = `${log}${chunk}`.slice(-64_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', keep)
  const deadlineMs = performance.now() + START_PATIENCE_MS
  while (!((await answers(front)) && (await answers(back)))) {
    if (performance.now() > deadlineMs || child.exitCode !== null) throw new Error(`${program} did not start: ${log}`)
    await wait(20)
  }
  return {
    name,
    request: (bytes, count) => askRaw(front, bytes, count),
    response: (index, asked) => askWhole(back, index, asked),
    close: () => end(child),
  }
}

/**
 * Sends the bytes, and nothing behind them. Refused is what is answered by nothing, or with an error in one of as many
 * answers as there are requests: some end the connection earlier than they must.
 */
async function askRaw(path: string, bytes: string, count: number): Promise<OracleVerdict> {
  const socket = connect(path)
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  socket.on('error', () => {})
  socket.end(Buffer.from(bytes, 'latin1'))
  await closed(socket)
  const statuses = [...answer.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status)).filter((status) => status >= 200)
  return statuses.length > 0 && statuses.slice(0, count).every((status) => status < 300) ? 'accepted' : 'refused'
}

/** An answer that comes to its end without an error, and is not the proxy's own, is an acceptance. */
async function askWhole(socketPath: string, index: number, asked: ResponseCase['asked']): Promise<OracleVerdict> {
  const headers = asked.upgrade ? { connection: 'Upgrade', upgrade: asked.upgrade } : {}
  const outgoing = request({ socketPath, path: `/${index}`, method: asked.method, headers, agent: false, setHost: true })
  const verdict = new Promise<OracleVerdict>((resolve) => {
    outgoing.once('error', () => resolve('refused'))
    outgoing.once('close', () => resolve('refused'))
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy()
      resolve('accepted')
    })
    outgoing.once('connect', (answer, socket: Socket) => {
      socket.destroy()
      resolve(answer.statusCode === 502 ? 'refused' : 'accepted')
    })
    outgoing.once('response', (answer) => {
      answer.resume()
      answer.once('error', () => resolve('refused'))
      answer.once('end', () => resolve(answer.statusCode === 502 ? 'refused' : 'accepted'))
    })
  })
  outgoing.end()
  return Promise.race([verdict, wait(ANSWER_PATIENCE_MS, 'refused' as const, { ref: false })]).finally(() => outgoing.destroy())
}

async function closed(socket: Socket): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), ANSWER_PATIENCE_MS)
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  clearTimeout(timer)
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}

async function listen(server: Server, path: string): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return async () => {
    const done = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await done
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
