import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { HeartbeatSettings } from './options.ts'
import { createHeartbeatProcess, type HeartbeatProcess, type HeartbeatProcessEvent } from './process.ts'

// The child runs from the sources, as this test does.
vi.stubEnv('NODE_OPTIONS', '--conditions=@hotspare/source')

const secrets = [{ id: 1, secret: 'a secret of these tests' }]

async function freePorts(count: number): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket('udp4'))
  for (const socket of sockets) {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  const ports = sockets.map((socket) => socket.address().port)
  for (const socket of sockets) socket.close()
  return ports
}

async function twoNodes(): Promise<readonly [HeartbeatSettings, HeartbeatSettings]> {
  const [a, b] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`)
  const settings = (node: string, peer: string, own = '', other = ''): HeartbeatSettings => ({
    node,
    listen: [own],
    peers: [{ name: peer, paths: [{ address: other }] }],
    secrets,
    intervalMs: 50,
    // This machine may be busy: a conviction must mean something here.
    detector: { type: 'timeout', timeoutMs: 2_000 },
  })
  return [settings('a', 'b', a, b), settings('b', 'a', b, a)]
}

function started(settings: HeartbeatSettings): { readonly child: HeartbeatProcess; readonly events: HeartbeatProcessEvent[] } {
  const child = createHeartbeatProcess(settings)
  const events: HeartbeatProcessEvent[] = []
  child.subscribe((event) => events.push(event))
  onTestFinished(() => child.stop())
  return { child, events }
}

async function beating(settings: HeartbeatSettings): Promise<Heartbeat> {
  const heartbeat = createHeartbeat(settings)
  onTestFinished(() => heartbeat.stop())
  await heartbeat.start()
  return heartbeat
}

const patient = { timeout: 30_000, interval: 20 }

describe('createHeartbeatProcess', () => {
  it('refuses wrong settings at once, before there is a process', () => {
    const settings = { node: 'a', listen: ['127.0.0.1:7401'], peers: [], secrets }
    expect(() => createHeartbeatProcess(settings)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS' }))
  })

  it('says what its process cannot do, and leaves none behind', { timeout: 60_000 }, async () => {
    const [a] = await twoNodes()
    const { child } = started({ ...a, listen: ['192.0.2.1:7401'], peers: [{ name: 'b', paths: [{ address: '192.0.2.2:7401' }] }] })
    await expect(child.start()).rejects.toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_LISTEN' }))
    expect(child.pid).toBeUndefined()
    await expect(child.start()).rejects.toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_STOPPED' }))
  })

  it('keeps verdicts as a heartbeat does, from its own process, and says goodbye when it is stopped', { timeout: 60_000 }, async () => {
    const [a, b] = await twoNodes()
    const { child, events } = started(a)
    expect(child.verdict('b')).toMatchObject({ state: 'unknown', because: 'the heartbeat was not started' })
    await Promise.all([child.start(), child.start()])
    const peer = await beating(b)
    await vi.waitFor(() => expect([child.verdict('b').state, peer.verdict('a').state]).toEqual(['up', 'up']), patient)
    expect(child.pid).not.toBe(process.pid)
    expect(child.snapshot()).toMatchObject({ node: 'a', session: child.session })
    expect(() => child.verdict('c')).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER' }))
    expect(events.map(({ type }) => type)).toContain('peer-up')
    await child.stop()
    await vi.waitFor(() => expect(peer.verdict('a')).toMatchObject({ state: 'down', because: expect.stringContaining('goodbye') }), patient)
  })

  it('misses no beat while this process is blocked for 5 s', { timeout: 60_000 }, async () => {
    const [a, b] = await twoNodes()
    const { child } = started(a)
    const { child: peer, events } = started(b)
    await Promise.all([child.start(), peer.start()])
    await vi.waitFor(() => expect([child.verdict('b').state, peer.verdict('a').state]).toEqual(['up', 'up']), patient)
    events.length = 0
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
    // What has happened meanwhile is told now.
    await vi.waitFor(() => expect(peer.snapshot()?.peers[0]?.paths[0]?.counters.received).toBeGreaterThan(90), patient)
    expect(events.filter(({ type }) => type.startsWith('peer-') || type.startsWith('path-'))).toEqual([])
    expect(child.snapshot()?.beats.worstLateMs).toBeLessThan(2_000)
  })

  it(
    'a process that was killed is started again under the same session: for the peers, nothing has happened',
    { timeout: 60_000 },
    async () => {
      const [a, b] = await twoNodes()
      const { child, events } = started(a)
      await child.start()
      const peer = await beating(b)
      await vi.waitFor(() => expect([child.verdict('b').state, peer.verdict('a').state]).toEqual(['up', 'up']), patient)
      const heard: string[] = []
      peer.subscribe(({ type }) => heard.push(type))
      const killed = child.pid ?? 0
      process.kill(killed, 'SIGKILL')
      await vi.waitFor(() => expect(events.at(-1)?.type === 'heartbeat-process-ended' || child.pid !== killed).toBe(true), patient)
      await vi.waitFor(() => expect(child.verdict('b').state).toBe('up'), patient)
      expect(child.pid).not.toBe(killed)
      expect(events).toContainEqual(expect.objectContaining({ type: 'heartbeat-process-ended', because: 'killed by SIGKILL' }))
      expect(heard.filter((type) => type !== 'packets-dropped' && type !== 'heartbeat-late')).toEqual([])
    },
  )

  it('takes new secrets, also for the process that follows', { timeout: 60_000 }, async () => {
    const [a, b] = await twoNodes()
    const next = [{ id: 2, secret: 'another secret of these tests' }]
    const { child } = started(a)
    await child.start()
    const peer = await beating({ ...b, secrets: next })
    expect(() => child.replaceSecrets([])).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS' }))
    expect(peer.verdict('a').state).toBe('unknown')
    child.replaceSecrets(next)
    await vi.waitFor(() => expect(peer.verdict('a').state).toBe('up'), patient)
  })
})
