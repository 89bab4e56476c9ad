import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { describe, expect, it } from 'vitest'
import { eventsIn, tokenFaults } from '../logged.ts'
import { throttle } from '../throttle.ts'
import { otherThan, seenSince, startHotspare } from './start.ts'

/** With a lease of 1 s: long enough for everybody to have acted. */
const SETTLED_MS = 3_000
/** Where a lease is shorter, the packet gate ends in time, and the address itself, in whole seconds, may not. */
const LONG_TTL_MS = 3_000
const STARVED_MS = 60_000

describe('a daemon that does not run', () => {
  it('V2: for 10 s, has lost its right when it goes on, and claims nothing', { timeout: 120_000 }, async (context) => {
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
    const holder = await site.settled()
    const frozenMs = sharedMs()
    system.signal(holder, 'all', 'SIGSTOP')
    await sleep(10_000)
    const thawedMs = sharedMs()
    system.signal(holder, 'all', 'SIGCONT')
    await sleep(SETTLED_MS)

    expect(site.holders()).toEqual([otherThan(holder)])
    expect(site.claims().filter(({ node, atMs }) => node === holder && atMs > thawedMs)).toEqual([])
    expect(system.log(holder)).toContain('"type":"lease-ended"')
    expect(eventsIn(system.allLogs()).filter(({ type }) => type === 'lease-granted').length).toBeGreaterThanOrEqual(2)
    expect(tokenFaults(system.allLogs())).toEqual([])
    expect(seenSince(site, frozenMs)).toMatchObject({ takeovers: 1, overlaps: [] })
  })

  it('V3: for 5 s in the process that probes and answers people, moves nothing', { timeout: 120_000 }, async (context) => {
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
    const holder = await site.settled()
    const frozenMs = sharedMs()
    system.signal(holder, 'control', 'SIGSTOP')
    await sleep(5_000 + SETTLED_MS)

    expect(site.holders()).toEqual([holder])
    expect(seenSince(site, frozenMs)).toEqual({ takeovers: 0, failed: 0, overlaps: [] })
  })

  it('V6: on a machine that nobody reaches any more, has the kernel take the address away', { timeout: 120_000 }, async (context) => {
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd', ttlMs: LONG_TTL_MS })
    const holder = await site.settled()
    const fromMs = sharedMs()
    system.signal(holder, 'all', 'SIGSTOP')
    site.machines[holder].unplug()
    await sleep(LONG_TTL_MS + SETTLED_MS)

    expect(site.holders()).toEqual([otherThan(holder)])
    const gone = site.addressSpans(holder).at(-1)?.toMs ?? Infinity
    const taken = site.addressSpans(otherThan(holder)).find((span) => span.toMs > fromMs)?.fromMs ?? 0
    await context.annotate(`off the one after ${Math.round(gone - fromMs)} ms, on the other after ${Math.round(taken - fromMs)} ms`)
    expect(gone).toBeLessThan(taken)

    site.machines[holder].plug()
    system.signal(holder, 'all', 'SIGCONT')
    await sleep(SETTLED_MS)
    expect(site.holders()).toEqual([otherThan(holder)])
    expect(seenSince(site, fromMs)).toMatchObject({ takeovers: 1, overlaps: [] })
  })
})

describe('V9: a daemon with a twentieth of a core for a minute', () => {
  it('convicts nobody where it stands by', { timeout: 180_000 }, async (context) => {
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd', ttlMs: 2_000 })
    const holder = await site.settled()
    const fromMs = sharedMs()
    const starved = throttle(system.pids(otherThan(holder)), 5)
    await sleep(STARVED_MS)
    const heldBackMs = starved.lift()
    await sleep(SETTLED_MS)
    await context.annotate(`by ${starved.by}: held back for ${heldBackMs} ms`)
    expect(heldBackMs).toBeGreaterThan(0)

    expect(seenSince(site, fromMs)).toMatchObject({ takeovers: 0, overlaps: [] })
    expect(site.holders()).toEqual([holder])
  })

  it('never holds beside another where it is active', { timeout: 180_000 }, async (context) => {
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd', ttlMs: 2_000 })
    const holder = await site.settled()
    const fromMs = sharedMs()
    const starved = throttle(system.pids(holder), 5)
    await sleep(STARVED_MS)
    const heldBackMs = starved.lift()
    await site.settled()
    const seen = seenSince(site, fromMs)
    await context.annotate(`by ${starved.by}: held back for ${heldBackMs} ms, ${seen.takeovers} takeovers, ${seen.failed} failed`)
    expect(heldBackMs).toBeGreaterThan(0)

    expect(seen.overlaps).toEqual([])
    expect(tokenFaults(system.allLogs())).toEqual([])
  })
})
