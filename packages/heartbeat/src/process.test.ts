import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHeartbeat, type Heartbeat, type ProcessGone } from './heartbeat.ts'
import type { HeartbeatSettings } from './options.ts'
import { createHeartbeatProcess, type HeartbeatProcess, type HeartbeatProcessEvent } from './process.ts'
import { moduleFile, nodeOptions, patient, secrets, temporaryFolder, twoNodes } from './process/processes.fixture.ts'

beforeEach(() => nodeOptions())

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

describe('createHeartbeatProcess', () => {
  it('refuses wrong settings at once, before there is a process', () => {
    const settings = { node: 'a', listen: ['127.0.0.1:7401'], peers: [], secrets }
    expect(() => createHeartbeatProcess(settings)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS' }))
  })

  // Half a message killed the process that beats, or could not be sent at all.
  it('refuses news of an ended process that say nothing', { timeout: 60_000 }, async () => {
    const [a] = await twoNodes()
    const { child, events } = started(a)
    await child.start()
    const { pid } = child
    const refusal = expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_OPTIONS', message: expect.stringContaining('because') })
    expect(() => child.processGone('b', {} as ProcessGone)).toThrow(refusal)
    const event = { type: 'peer-process-gone', peer: 'b', because: 'its connection was reset', extra: () => {} }
    child.processGone('b', event)
    await vi.waitFor(() => expect(child.verdict('b')).toMatchObject({ state: 'down', because: 'its connection was reset' }), patient)
    expect(child.pid).toBe(pid)
    expect(events.map(({ type }) => type)).not.toContain('heartbeat-process-ended')
  })

  it('does not start when it was aborted, and stops when it is aborted later', { timeout: 60_000 }, async () => {
    const [a] = await twoNodes()
    const reason = new Error('no longer wanted')
    const { child, events } = started(a)
    await expect(child.start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(child.pid).toBeUndefined()
    const controller = new AbortController()
    const start = child.start({ signal: controller.signal })
    controller.abort(reason)
    await expect(start).rejects.toBe(reason)
    expect(child.pid).toBeUndefined()
    expect(events).toEqual([])
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
    expect(child.verdict('b')).toMatchObject({ state: 'unknown', because: 'the heartbeat was stopped' })
    expect([child.pid, child.snapshot()]).toEqual([undefined, undefined])
    await vi.waitFor(() => expect(peer.verdict('a')).toMatchObject({ state: 'down', because: expect.stringContaining('goodbye') }), patient)
  })

  it('misses no beat while this process is blocked for 5 s, and is not taken for hung after it', { timeout: 60_000 }, async () => {
    const [a, b] = await twoNodes()
    const { child } = started(a)
    const { child: peer, events } = started(b)
    await Promise.all([child.start(), peer.start()])
    await vi.waitFor(() => expect([child.verdict('b').state, peer.verdict('a').state]).toEqual(['up', 'up']), patient)
    const pids = [child.pid, peer.pid]
    events.length = 0
    // Longer than the silence after which a process is taken for hung.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
    // What has happened meanwhile is told now.
    await vi.waitFor(() => expect(peer.snapshot()?.peers[0]?.paths[0]?.counters.received).toBeGreaterThan(90), patient)
    expect(events.filter(({ type }) => /^(?:peer|path|heartbeat-process)-/.test(type))).toEqual([])
    expect([child.pid, peer.pid]).toEqual(pids)
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

  // Its verdicts stayed as they were for ever.
  it('a process that stands still is noticed, and replaced', { timeout: 60_000 }, async () => {
    const [a, b] = await twoNodes()
    const { child, events } = started(a)
    await child.start()
    await beating(b)
    await vi.waitFor(() => expect(child.verdict('b').state).toBe('up'), patient)
    const { pid } = child
    const verdictThen = new Promise((resolve) => {
      child.subscribe(({ type }) => {
        if (type === 'heartbeat-process-ended') resolve([child.verdict('b'), child.snapshot()])
      })
    })
    process.kill(pid ?? 0, 'SIGSTOP')
    const because = 'it stood still for 3000 ms'
    const verdict = { state: 'unknown', because: `the process of the heartbeat has ended: ${because}` }
    expect(await verdictThen).toMatchObject([verdict, undefined])
    await vi.waitFor(() => expect(child.verdict('b').state).toBe('up'), patient)
    expect(child.pid).not.toBe(pid)
    expect(events.filter(({ type }) => type === 'heartbeat-process-ended')).toMatchObject([{ because }])
  })

  // It was thrown away: the verdicts told of an exit code alone.
  it('says why a process that has ended cannot be started again, and goes on when it can', { timeout: 60_000 }, async () => {
    const [a, b] = await twoNodes()
    const counterFile = join(await temporaryFolder(), 'counter')
    const { child, events } = started({ ...a, counterFile })
    await child.start()
    await beating(b)
    await writeFile(counterFile, 'damaged')
    process.kill(child.pid ?? 0, 'SIGKILL')
    await vi.waitFor(
      () => expect(child.verdict('b')).toMatchObject({ state: 'unknown', because: expect.stringContaining('is damaged') }),
      patient,
    )
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'heartbeat-process-ended', because: expect.stringContaining('is damaged') }),
    )
    await rm(counterFile)
    await vi.waitFor(() => expect(child.verdict('b').state).toBe('up'), patient)
  })

  // Peers took the next process's beats for repeated ones until the clock had passed where it was.
  it('is heard again after a restart under a wall clock that went back', { timeout: 60_000 }, async () => {
    const back = join(await temporaryFolder(), 'back')
    await writeFile(back, '0')
    const clock = await moduleFile(`
      import { readFileSync } from 'node:fs'
      const now = Date.now
      const backMs = Number(readFileSync(${JSON.stringify(back)}, 'utf8'))
      Date.now = () => now() - backMs`)
    nodeOptions(`--import=${clock.url}`)
    const [a, b] = await twoNodes()
    const { child } = started(a)
    await child.start()
    const peer = await beating(b)
    await vi.waitFor(() => expect([child.verdict('b').state, peer.verdict('a').state]).toEqual(['up', 'up']), patient)
    await writeFile(back, String(3_600_000))
    const killed = child.pid ?? 0
    const counter = child.snapshot()?.beats.counter ?? 0
    process.kill(killed, 'SIGKILL')
    await vi.waitFor(() => expect(child.pid ?? killed).not.toBe(killed), patient)
    await vi.waitFor(() => expect([child.verdict('b').state, peer.verdict('a').state]).toEqual(['up', 'up']), patient)
    expect(child.snapshot()?.beats.counter).toBeGreaterThan(counter)
  })

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
    const killed = child.pid ?? 0
    process.kill(killed, 'SIGKILL')
    await vi.waitFor(() => expect(child.pid ?? killed).not.toBe(killed), patient)
    // It hears a peer that has the new secret alone.
    await vi.waitFor(() => expect(child.verdict('b').state).toBe('up'), patient)
  })
})
