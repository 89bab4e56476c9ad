import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createTcpProxy, type TcpProxy, type TcpProxyEvent, type TcpProxyOptions } from './index.ts'

export interface TcpTarget {
  readonly id: string
  readonly url: string
  readonly port: number
  /** Open now. */
  readonly sockets: ReadonlySet<Socket>
  readonly accepted: () => number
  /** Closes the listener, and resets every connection, as a killed process does. */
  readonly kill: () => Promise<void>
}

let nextId = 0

/** A target that does to each connection whatever `behave` does; half of a connection may be closed. */
export async function tcpTarget(behave: (socket: Socket) => void = () => {}): Promise<TcpTarget> {
  const sockets = new Set<Socket>()
  let accepted = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    behave(socket)
  })
  const port = await listening(server)
  const kill = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  onTestFinished(kill)
  return { id: `target-${nextId++}`, url: `tcp://127.0.0.1:${port}`, port, sockets, accepted: () => accepted, kill }
}

/** Gives back what it gets. */
export function echo(socket: Socket): void {
  socket.pipe(socket)
}

/** Says its name, and then what it gets. */
export function named(name: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(name)
    echo(socket)
  }
}

/** Where nobody listens. */
export async function deadTcpTarget(): Promise<TcpTarget> {
  const target = await tcpTarget()
  await target.kill()
  return target
}

/** A process of its own that accepts nothing, and whose queue is full: a connection to it hangs. */
export async function hangingTcpTarget(): Promise<{ readonly id: string; readonly url: string }> {
  const script =
    "const s=require('net').createServer(()=>{});s.listen({port:0,host:'127.0.0.1',backlog:1},()=>console.log(s.address().port))"
  const child = spawnNode(['-e', script])
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  const port = Number(line)
  child.kill('SIGSTOP')
  // More than the queue takes: of the last ones, the kernel drops what they send.
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  onTestFinished(() => fillers.forEach((socket) => socket.destroy()))
  await new Promise((resolve) => setTimeout(resolve, 100))
  return { id: `target-${nextId++}`, url: `tcp://127.0.0.1:${port}` }
}

/** A server of its own process that echoes: it can be stopped and killed. */
export async function echoProcess(): Promise<{ readonly id: string; readonly url: string; readonly child: ChildProcess }> {
  const script =
    "const s=require('net').createServer((c)=>{c.on('error',()=>{});c.pipe(c)});s.listen(0,'127.0.0.1',()=>console.log(s.address().port))"
  const child = spawnNode(['-e', script])
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { id: `target-${nextId++}`, url: `tcp://127.0.0.1:${Number(line)}`, child }
}

function spawnNode(parameters: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** A program of the machine, for as long as the test runs, once it accepts connections. */
export async function startProgram(program: string, parameters: readonly string[], port: number): Promise<void> {
  const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (text) => (told += String(text)))
  onTestFinished(async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await ended
  })
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${program} has ended: ${told}`)
    return accepts(port)
  }, `${program} listens`)
}

export function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-tcp-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer()
  const port = await listening(server, host)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
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

export interface RunningTcpProxy {
  readonly proxy: TcpProxy
  readonly port: number
  readonly events: TcpProxyEvent[]
  readonly of: <Type extends TcpProxyEvent['type']>(type: Type) => Extract<TcpProxyEvent, { type: Type }>[]
  /** Picks that were not given back. */
  readonly inUse: () => number
  /** What `done` was called with, in order. */
  readonly outcomes: unknown[]
}

/** A proxy that takes the first target that was not tried yet. */
export async function startTcpProxy(
  targets: readonly { readonly id: string; readonly url: string }[],
  options: Partial<TcpProxyOptions> = {},
): Promise<RunningTcpProxy> {
  let inUse = 0
  const outcomes: unknown[] = []
  const proxy = createTcpProxy({
    port: 0,
    drainTimeoutMs: 0,
    pick: ({ exclude }) => {
      const target = targets.find(({ id }) => !exclude.has(id))
      if (!target) return undefined
      inUse += 1
      return {
        target,
        reason: 'first',
        done(outcome) {
          inUse -= 1
          outcomes.push(outcome)
        },
      }
    },
    ...options,
  })
  const events: TcpProxyEvent[] = []
  proxy.subscribe((event) => events.push(event))
  await proxy.start()
  onTestFinished(() => proxy.stop())
  const of: RunningTcpProxy['of'] = (type) =>
    events.filter((event): event is Extract<TcpProxyEvent, { type: typeof type }> => event.type === type)
  return { proxy, port: proxy.address?.port ?? 0, events, of, inUse: () => inUse, outcomes }
}

export interface TcpClient {
  readonly socket: Socket
  readonly text: () => string
  /** How it ended: `end` after a FIN, `reset` after a reset; undefined while it is open. */
  readonly ended: () => 'end' | 'reset' | undefined
  readonly hears: (text: string) => Promise<void>
}

export function tcpClient(port: number, host = '127.0.0.1'): TcpClient {
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true })
  let text = ''
  let ended: 'end' | 'reset' | undefined
  socket.on('data', (data) => (text += data.toString('latin1')))
  socket.on('end', () => (ended = 'end'))
  socket.on('error', () => (ended = 'reset'))
  onTestFinished(() => void socket.destroy())
  return {
    socket,
    text: () => text,
    ended: () => ended,
    hears: (wanted) => until(() => text.includes(wanted), `${wanted} in ${JSON.stringify(text.slice(0, 200))}, ${ended ?? 'open'}`),
  }
}

/** Waits for something that another process or socket brings about. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
