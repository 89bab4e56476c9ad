import { type ChildProcess, fork } from 'node:child_process'
import { createServer } from 'node:net'
import type { PeerChannel, PeerChannelEvent, PeerChannelOptions } from '../channel.ts'
import { createPeerChannel } from '../channel.ts'

export const SECRET = 'correct-horse-battery-staple-0001'

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer()
      return new Promise<typeof server>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve(server))
      })
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve) => {
          server.close(resolve)
        }),
    ),
  )
  return ports
}

/** Options of a two-node cluster, each node with the other as its peer. */
export async function twoNodes(): Promise<[PeerChannelOptions, PeerChannelOptions]> {
  const [one = 0, two = 0] = await freePorts(2)
  const shared = { secrets: [{ id: 1, secret: SECRET }], fingerprint: 'f1' }
  return [
    { ...shared, node: 'a', listen: { host: '127.0.0.1', port: one }, peers: [{ name: 'b', address: `127.0.0.1:${two}` }] },
    { ...shared, node: 'b', listen: { host: '127.0.0.1', port: two }, peers: [{ name: 'a', address: `127.0.0.1:${one}` }] },
  ]
}

export interface Recorded {
  readonly channel: PeerChannel
  readonly events: PeerChannelEvent[]
  types(): string[]
}

/** A channel whose events are kept. */
export function record(options: PeerChannelOptions): Recorded {
  const channel = createPeerChannel(options)
  const events: PeerChannelEvent[] = []
  channel.subscribe((event) => events.push(event))
  return { channel, events, types: () => events.map(({ type }) => type) }
}

/** Waits for something to be so; the limit is generous, for a busy machine. */
export async function eventually<T>(what: string, look: () => T | undefined | false | 0, timeoutMs = 15_000): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const seen = look()
    if (seen) return seen
    if (performance.now() > until) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}

export function connected({ channel }: Recorded, peer: string): boolean {
  return channel.snapshot().peers.some(({ name, verdict, accepted }) => name === peer && verdict.state === 'connected' && accepted)
}

/** A node in its own process; `events` are those that it sees itself. */
export async function forkNode(options: PeerChannelOptions): Promise<{ child: ChildProcess; events: { type: string }[] }> {
  const child = fork(new URL('channel.process.fixture.ts', import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--conditions=@hotspare/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const events: { type: string }[] = []
  child.on('message', (message) => events.push(message as { type: string }))
  await eventually('the child is ready', () => events.some(({ type }) => type === 'ready'))
  return { child, events }
}

export async function ended(child: ChildProcess): Promise<void> {
  await eventually('the child has ended', () => child.exitCode !== null || child.signalCode !== null)
}
