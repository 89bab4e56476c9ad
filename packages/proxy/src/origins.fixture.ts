import { createServer, type RequestListener } from 'node:http'
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createProxy, type Proxy, type ProxyEvent, type ProxyOptions, type ProxyTarget } from './index.ts'

export interface Origin extends ProxyTarget {
  readonly port: number
  /** Sockets that were opened to it so far. */
  readonly connections: () => number
  /** Closes the listener and every socket, as a killed process does. */
  readonly kill: () => Promise<void>
}

let nextId = 0

/** A real HTTP origin on loopback. */
export function httpOrigin(listener: RequestListener): Promise<Origin> {
  return listen(createServer(listener))
}

/** An origin whose answers never end, but for `/small`. */
export async function endlessOrigin(): Promise<Origin & { readonly open: () => number }> {
  let open = 0
  const chunk = Buffer.alloc(256 * 1024)
  const origin = await httpOrigin((incoming, response) => {
    open += 1
    response.once('close', () => (open -= 1))
    if (incoming.url === '/small') return void response.end('ok')
    const pump = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pump)
    pump()
  })
  return { ...origin, open: () => open }
}

/** An origin that answers each connection with whatever `behave` does to the raw socket. */
export function rawOrigin(behave: (socket: Socket) => void): Promise<Origin> {
  return listen(createTcpServer(behave))
}

async function listen(server: Server): Promise<Origin> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const kill = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  onTestFinished(kill)
  return { id: `origin-${nextId++}`, url: `http://127.0.0.1:${address.port}`, port: address.port, connections: () => connections, kill }
}

/** A target on which nobody listens. */
export async function deadTarget(): Promise<ProxyTarget> {
  const origin = await httpOrigin(() => {})
  await origin.kill()
  return origin
}

export interface RunningProxy {
  readonly proxy: Proxy
  readonly url: string
  readonly port: number
  readonly events: ProxyEvent[]
  /** Events of one type, in order. */
  readonly of: <Type extends ProxyEvent['type']>(type: Type) => Extract<ProxyEvent, { type: Type }>[]
}

/** A proxy that takes the first target that was not tried yet. */
export async function startProxy(targets: readonly ProxyTarget[], options: Partial<ProxyOptions> = {}): Promise<RunningProxy> {
  const proxy = createProxy({
    port: 0,
    lameDuckMs: 20,
    drainTimeoutMs: 2_000,
    pick: ({ exclude }) => {
      const target = targets.find((candidate) => !exclude.has(candidate.id)) ?? targets[0]
      return target && { target, reason: 'first', done: () => {} }
    },
    ...options,
  })
  const events: ProxyEvent[] = []
  proxy.subscribe((event) => events.push(event))
  await proxy.start()
  onTestFinished(() => proxy.stop())
  const port = proxy.address?.port ?? 0
  return {
    proxy,
    port,
    url: `http://127.0.0.1:${port}`,
    events,
    of: (type) => events.filter((event): event is Extract<ProxyEvent, { type: typeof type }> => event.type === type),
  }
}

/** Sends bytes as they are and gives back everything that comes until the other side closes. */
export function exchangeRaw(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
  })
}

/** Waits for something that another process or socket brings about. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
