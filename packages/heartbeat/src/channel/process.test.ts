import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { PeerChannelEvent, PeerChannelOptions } from '../channel.ts'
import { connected, ended, eventually, forkNode, freePorts, record, type Recorded, twoNodes } from './testing.fixture.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

/** Node a here and node b in a process of its own, connected. */
async function withChild(more: Partial<PeerChannelOptions> = {}) {
  const [a, b] = await twoNodes()
  const here = record({ ...a, ...more })
  cleanUp.push(() => here.channel.stop())
  await here.channel.start()
  const spawn = async () => {
    const node = await forkNode(b)
    cleanUp.push(async () => {
      node.child.kill('SIGKILL')
      await ended(node.child)
    })
    await eventually('both directions are connected', () => connected(here, 'b'))
    return node
  }
  return { here, spawn, first: await spawn() }
}

const find = <Type extends PeerChannelEvent['type']>({ events }: Recorded, type: Type) =>
  events.find((event): event is Extract<PeerChannelEvent, { type: Type }> => event.type === type)

/** A relay for connections to `port`; `cut` resets those that are open. */
async function relay(port: number): Promise<{ port: number; cut: () => void }> {
  const open = new Set<Socket>()
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const [own = 0] = await freePorts(1)
  await new Promise<void>((resolve) => {
    server.listen(own, '127.0.0.1', resolve)
  })
  cleanUp.push(() => server.close())
  cleanUp.push(() => open.forEach((socket) => socket.destroy()))
  return { port: own, cut: () => open.forEach((socket) => socket.resetAndDestroy()) }
}

describe('a peer in a process of its own', () => {
  it('that only loses its connections to a reset is not taken for gone, and is connected again', async () => {
    const [a, b] = await twoNodes()
    const way = await relay(b.listen.port)
    const here = record({ ...a, peers: [{ name: 'b', address: `127.0.0.1:${way.port}` }] })
    const there = record(b)
    for (const { channel } of [here, there]) {
      cleanUp.push(() => channel.stop())
      await channel.start()
    }
    await eventually('connected', () => connected(here, 'b'))
    way.cut()
    await eventually('connected again', () => here.types().filter((type) => type === 'peer-connected').length === 2)
    expect(here.types()).toEqual(['peer-connected', 'peer-disconnected', 'peer-connected'])
    expect(find(here, 'peer-disconnected')).toMatchObject({ reason: 'reset', because: 'the connection was reset without a goodbye' })
  })

  it('that is killed is known to be gone, with what was seen', async () => {
    const { here, first } = await withChild()
    const killedMs = performance.now()
    first.child.kill('SIGKILL')
    const gone = await eventually('it is known', () => find(here, 'peer-process-gone'))
    // The time is for people to look at, never a limit: this machine may be busy.
    process.stdout.write(`a killed peer was known to be gone after ${(performance.now() - killedMs).toFixed(1)} ms\n`)
    expect(gone.because).toMatch(/without a goodbye; then nothing listened on 127\.0\.0\.1:\d+$/)
    expect(gone.session).toBe(find(here, 'peer-connected')?.session)
    expect(here.channel.snapshot().peers[0]).toMatchObject({ process: 'gone', verdict: { state: 'disconnected' } })
  })

  it('that dies while it answers loses the request, and never answers it', async () => {
    const { here } = await withChild()
    await expect(here.channel.request('b', 'leave-abruptly', null)).rejects.toMatchObject({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_LOST' })
    await eventually('it is known', () => find(here, 'peer-process-gone'))
  })

  it('that leaves in an orderly way is not gone but has left', async () => {
    const { here, first } = await withChild()
    first.child.send('stop')
    await ended(first.child)
    await eventually('it is known', () => find(here, 'peer-disconnected'))
    await eventually('it was dialled in vain', () => (here.channel.snapshot().peers[0]?.counters.failedDials ?? 0) >= 2)
    expect(here.types().filter((type) => /left|gone/.test(type))).toEqual(['peer-left'])
    expect(first.child.exitCode).toBe(0)
  })

  it('that is started again is known by its new session', async () => {
    const { here, first, spawn } = await withChild()
    first.child.kill('SIGKILL')
    await eventually('it is known', () => find(here, 'peer-process-gone'))
    await spawn()
    const replaced = find(here, 'peer-process-replaced')
    expect(replaced?.previousSession).toBe(find(here, 'peer-process-gone')?.session)
    expect(here.channel.snapshot().peers[0]).toMatchObject({ process: 'seen', session: replaced?.session })
    expect(await here.channel.request('b', 'echo', 'hello again')).toBe('hello again')
  })

  it('that is stopped lets requests time out, is closed as silent, and nothing is concluded; it goes on when it may', async () => {
    const { here, first } = await withChild({ pingIntervalMs: 100, silenceMs: 400, handshakeTimeoutMs: 300 })
    first.child.kill('SIGSTOP')
    await expect(here.channel.request('b', 'echo', 1, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT' })
    const lost = await eventually('it is closed', () => find(here, 'peer-disconnected'))
    expect(lost.reason).toBe('silent')
    await eventually('it was dialled in vain', () => here.channel.snapshot().peers[0]?.counters.failedDials)
    await expect(here.channel.request('b', 'echo', 1)).rejects.toMatchObject({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE' })
    expect(here.types()).toEqual(['peer-connected', 'peer-disconnected'])
    first.child.kill('SIGCONT')
    await eventually('it is connected again', () => connected(here, 'b'))
    expect(await here.channel.request('b', 'echo', 1)).toBe(1)
    expect(here.types()).not.toContain('peer-process-replaced')
  })

  it('whose loop was busy for longer than the silence does not take us for silent', async () => {
    const { here, first } = await withChild({ silenceMs: 60_000 })
    await here.channel.request('b', 'block-loop', 3_500, { timeoutMs: 15_000 })
    // What it would have closed, it would have closed before it read this.
    expect(await here.channel.request('b', 'echo', 1)).toBe(1)
    expect(connected(here, 'b')).toBe(true)
    expect(first.events.filter(({ type }) => type === 'peer-disconnected')).toEqual([])
  })
})
