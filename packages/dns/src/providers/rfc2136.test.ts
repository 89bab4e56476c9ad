import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Clock, systemClock } from '@hotspare/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { applyChange } from '../apply-change.ts'
import { ownerName } from '../owner.ts'
import type { RecordSet } from '../record-set.ts'
import { describeProvider } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { serverKinds, SharedServer, ZONE } from './rfc2136.fixture.ts'
import type { ControllerOrder } from './rfc2136/controller.process.fixture.ts'
import { DnsRelay } from './rfc2136/relay.fixture.ts'
import { rfc2136Zone } from './rfc2136.ts'

const WRITERS = 40
const { signal } = new AbortController()

/** Fifty times as fast: between two looks seconds pass. */
const hurried: Clock = {
  ...systemClock,
  monotonicMs: () => systemClock.monotonicMs() * 50,
  schedule: (delayMs, callback, options) => systemClock.schedule(delayMs / 50, callback, options),
}

function www(...values: readonly string[]): RecordSet {
  return recordSet({ name: `www.${ZONE}`, type: 'A', ttlSeconds: 30, values })
}

function owner(text: string): RecordSet {
  return recordSet({ name: ownerName(`www.${ZONE}`), type: 'TXT', ttlSeconds: 30, values: [text] })
}

describe.for(serverKinds.map((kind) => [kind.name, kind] as const))('a zone at %s', ([, kind]) => {
  const shared = new SharedServer(kind)
  beforeAll(async () => {
    if (kind.isThere) await shared.start()
  }, 60_000)
  afterAll(() => shared.stop())
  beforeEach((context) => {
    if (!kind.isThere) context.skip(`${kind.name} is not installed`)
  })

  describeProvider({ describe, it }, { title: `rfc2136 at ${kind.name}`, open: () => shared.fixture() })

  it.for([
    ['create', undefined],
    ['replace', www('192.0.2.1', '192.0.2.2')],
  ] as const)(`of ${WRITERS} who %s it at once one wins, and all others are told what is there`, async ([, before]) => {
    const now = shared.behind()
    onTestFinished(() => now.close())
    await now.remove(www('192.0.2.1'))
    if (before) await now.put(before)
    const writers = Array.from({ length: WRITERS }, () =>
      rfc2136Zone({ zone: ZONE, server: shared.address, key: shared.key, callMs: 15_000 }),
    )
    const readings = await Promise.all(writers.map((writer) => writer.read(www('192.0.2.1'), { signal })))
    const outcomes = await Promise.all(
      writers.map((writer, index) => {
        const expected = readings[index] ?? { name: `www.${ZONE}`, type: 'A', set: undefined }
        return writer.change([{ expected, next: www(`198.51.100.${index + 1}`) }], { signal })
      }),
    )
    const winner = outcomes.findIndex(({ kind: each }) => each === 'applied')
    const current = www(`198.51.100.${winner + 1}`)
    expect(await now.peek(current)).toEqual(current)
    expect(outcomes.filter(({ kind: each }) => each === 'applied')).toHaveLength(1)
    const told = outcomes.flatMap((outcome) => (outcome.kind === 'conflict' ? [outcome.current] : []))
    expect(told).toEqual(Array.from({ length: WRITERS - 1 }, () => [{ name: current.name, type: 'A', set: current }]))
    await now.remove(current)
    await Promise.all(writers.map((writer) => writer.close()))
  })

  // The set is the same before and after: only the owner, compared in the same message, can tell.
  it('a controller that was stopped, overtaken and continued changes nothing', { timeout: 60_000 }, async () => {
    const now = shared.behind()
    onTestFinished(() => now.close())
    const [ours, theirs] = [www('192.0.2.1'), www('192.0.2.2')]
    await now.put(theirs)
    await now.put(owner('hotspare node=web-1 token=7'))
    const child = startController({ zone: ZONE, server: shared.address, key: shared.key, node: 'web-1', token: 7, set: ours })
    onTestFinished(() => void child.process.kill('SIGKILL'))
    expect(await child.line()).toBe('about to change')
    await vi.waitFor(() => expect(stateOf(child.process.pid)).toBe('T'), { timeout: 10_000 })

    const provider = rfc2136Zone({ zone: ZONE, server: shared.address, key: shared.key })
    const overtaking = await applyChange({ provider, desired: [theirs], claim: { node: 'web-2', token: 8 } })
    expect(overtaking).toMatchObject({ kind: 'applied', changed: true })
    const serial = await now.serial()

    child.process.kill('SIGCONT')
    const report: unknown = JSON.parse(await child.line())
    expect(report).toMatchObject({ outcome: { kind: 'refused', code: 'stale-token' }, changes: 1 })
    expect(await now.peek(ours)).toEqual(theirs)
    expect(await now.peek(owner('hotspare token=0'))).toEqual(owner('hotspare node=web-2 token=8'))
    expect(await now.serial()).toBe(serial)
    await now.remove(ours)
    await now.remove(owner('hotspare token=0'))
    await provider.close()
  })

  it('a change that is held up on its way, until another has taken over, is refused by the server', async () => {
    const now = shared.behind()
    const relay = await new DnsRelay(shared.address.port).start()
    onTestFinished(async () => {
      await relay.close()
      await now.close()
    })
    const [ours, theirs] = [www('192.0.2.1'), www('192.0.2.2')]
    await now.put(theirs)
    await now.put(owner('hotspare node=web-1 token=7'))
    let letGo = () => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    relay.onChange(() => held)
    const slow = rfc2136Zone({ zone: ZONE, server: { address: '127.0.0.1', port: relay.port }, key: shared.key })
    const late = await applyChange({ provider: slow, desired: [ours], claim: { node: 'web-1', token: 7 }, allowedMs: 1_000 })
    expect(late).toMatchObject({ kind: 'failed', mayBeWritten: true })
    const provider = rfc2136Zone({ zone: ZONE, server: shared.address, key: shared.key })
    const overtaking = await applyChange({ provider, desired: [theirs], claim: { node: 'web-2', token: 8 } })
    expect(overtaking).toMatchObject({ kind: 'applied', changed: true })
    const serial = await now.serial()

    expect(relay.busy).toBe(1)
    letGo()
    await vi.waitFor(() => expect(relay.busy).toBe(0), { timeout: 10_000 })
    expect(await now.peek(ours)).toEqual(theirs)
    expect(await now.serial()).toBe(serial)
    for (const name of [ours, owner('hotspare token=0')]) await now.remove(name)
    await Promise.all([slow.close(), provider.close()])
  })

  it('a CNAME that the server accepts beside other records, and leaves out, is a failure', async () => {
    const now = shared.behind()
    onTestFinished(() => now.close())
    await now.put(www('192.0.2.1'))
    const provider = rfc2136Zone({ zone: ZONE, server: shared.address, key: shared.key })
    const alias = recordSet({ name: `www.${ZONE}`, type: 'CNAME', ttlSeconds: 30, values: ['www.example.net'] })
    const outcome = await applyChange({ provider, desired: [alias], clock: hurried, allowedMs: 1_000_000 })
    // BIND and Knot say that it is done; PowerDNS refuses it.
    expect(outcome).toMatchObject({ kind: 'failed', retryable: false })
    expect(await now.peek(www('192.0.2.1'))).toEqual(www('192.0.2.1'))
    await now.remove(www('192.0.2.1'))
    await provider.close()
  })

  it('what a wildcard answers for a name is not taken for a set of that name', async () => {
    const now = shared.behind()
    onTestFinished(() => now.close())
    const star = recordSet({ ...www('192.0.2.9'), name: `*.${ZONE}` })
    await now.put(star)
    const provider = rfc2136Zone({ zone: ZONE, server: shared.address, key: shared.key })
    const outcome = await applyChange({
      provider,
      desired: [www('192.0.2.1')],
      claim: { node: 'web-1', token: 1 },
      policy: { adopt: true },
    })
    expect(outcome).toMatchObject({ kind: 'applied', changed: true })
    expect(await now.peek(www('192.0.2.1'))).toEqual(www('192.0.2.1'))
    for (const name of [star, www('192.0.2.1'), owner('hotspare token=0')]) await now.remove(name)
    await provider.close()
  })

  it('another key, and one with another secret, are told apart from a refusal without a cause', async () => {
    const keys = [
      { ...shared.key, name: 'somebody' },
      { ...shared.key, secret: Buffer.from('another secret of this length!!!').toString('base64') },
    ]
    for (const key of keys) {
      const provider = rfc2136Zone({ zone: ZONE, server: shared.address, key })
      const change = provider.change(
        [{ expected: { name: `x.${ZONE}`, type: 'A', set: undefined }, next: { ...www('192.0.2.1'), name: `x.${ZONE}` } }],
        { signal },
      )
      const fault = kind.tellsCredentials ? 'credentials' : 'unavailable'
      await expect(change).rejects.toMatchObject({ fault, message: expect.not.stringContaining(key.secret) })
      await provider.close()
    }
  })
})

describe('rfc2136Zone', () => {
  it('refuses options that cannot work, and shows no secret', () => {
    const open = (options: object) => () => rfc2136Zone({ zone: 'example.com', server: '192.0.2.53', ...options })
    expect(open({ server: 'ns1.example.com' })).toThrow(/rfc2136: server/)
    expect(open({ zone: 'no name' })).toThrow(/zone: expected a name of DNS/)
    expect(open({ key: { name: 'k', algorithm: 'sha256', secret: 'c2VjcmV0' } })).toThrow(/key\.algorithm/)
    expect(open({ key: { name: 'k', algorithm: 'hmac-sha256', secret: 'no base64' } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('no base64') }),
    )
    expect(open({ secret: 'x' })).toThrow(/rfc2136/)
  })
})

function startController(order: ControllerOrder) {
  const script = new URL('rfc2136/controller.process.fixture.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=@hotspare/source', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(order))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    process: child,
    async line(): Promise<string> {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the controller has ended without a word')
      return value
    },
  }
}

/** By the kernel: T is stopped. proc(5). */
function stateOf(pid: number | undefined): string | undefined {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
}
