import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { dnsDoctor, type DnsDoctorOptions } from './doctor.ts'
import { memoryZone, type MemoryZone } from './memory.ts'
import { authoritative, FakeNetwork, type FakeServer, silent } from './verify/fake-network.fixture.ts'

const zone = 'example.com'
const PROBE = '_hotspare-doctor.example.com'
const set = { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] } as const

/** A server that serves what is in a zone of memory; `serial` and `hides` are the test's. */
function serving(memory: MemoryZone, serial: () => number = () => memory.serial): FakeServer {
  return authoritative(zone, () => {
    const sets = memory
      .sets()
      .flatMap(({ name, type, ttlSeconds, values }) => values.map((value) => `${name} ${ttlSeconds} ${type} ${value}`))
    return [`example.com 30 SOA ns1.example.com admin.example.com ${serial()} 60 60 600 30`, ...sets].join('\n')
  })
}

function healthy() {
  const clock = new TestClock()
  const memory = memoryZone({ zone, clock })
  memory.put({ ...set, values: [...set.values] })
  memory.put({ name: set.name, type: 'AAAA', ttlSeconds: 30, values: ['2001:db8::1'] })
  const six = { name: set.name, type: 'AAAA', ttlSeconds: 30, values: ['2001:db8::1'] } as const
  const net = new FakeNetwork().at('192.0.2.53', serving(memory)).at('192.0.2.54', serving(memory))
  const options: DnsDoctorOptions = { zone, sets: [set, six], provider: memory, servers: ['192.0.2.53', '192.0.2.54'], ask: net.ask, clock }
  return { clock, memory, net, options }
}

/** Runs a visit, and the clock with it. */
async function visit(clock: TestClock, options: DnsDoctorOptions, signal?: AbortSignal) {
  const done = dnsDoctor(options, { signal })
  done.catch(() => {})
  await clock.advance(60_000)
  return done
}

const codes = (report: { readonly findings: readonly { readonly code: string }[] }) => report.findings.map(({ code }) => code)

describe('a visit that may not write', () => {
  it('changes nothing, and says what it has not looked at', async () => {
    const { clock, memory, options } = healthy()
    const report = await visit(clock, options)
    expect(report.findings).toEqual([])
    expect(memory.asked.filter((call) => call.startsWith('change'))).toEqual([])
    expect(report.skipped.map(({ what }) => what)).toEqual([
      'the delegation',
      'signed updates',
      'whether a change is served',
      'the time of a failover',
    ])
  })

  it('finds what each part finds, the worst first', async () => {
    const { clock, memory, net, options } = healthy()
    memory.put({ name: set.name, type: 'A', ttlSeconds: 300, values: ['192.0.2.1'] })
    net.at('192.0.2.54', () => silent('no answer'))
    const report = await visit(clock, { ...options, sets: [set], provider: memoryZone({ zone, minimumTtlSeconds: 60, clock }) })
    expect(codes(report)).toEqual(['ttl-below-floor', 'server-unreachable', 'family-unmanaged', 'ttl-differs'])
  })

  it('does not look at names where no server speaks for the zone', async () => {
    const { clock, net, options } = healthy()
    net.at('192.0.2.53', () => silent('no answer')).at('192.0.2.54', () => silent('no answer'))
    const report = await visit(clock, options)
    expect(codes(report)).toEqual(['server-unreachable', 'server-unreachable'])
    expect(report.skipped).toContainEqual({ what: 'the names', because: 'no server speaks for the zone' })
  })

  it('tells how long a failover takes', async () => {
    const { clock, options } = healthy()
    const report = await visit(clock, { ...options, failover: { detection: { intervalMs: 30_000, fall: 3 }, writeMs: 0 } })
    expect(codes(report)).toEqual(['failover-time', 'failover-time'])
    expect(report.findings[0]?.what).toContain('all that keep to the TTL within 120 s; 8.74 % do not')
  })

  it.each<{ name: string; options: object; says: string }>([
    { name: 'to write without a provider', options: { write: true, provider: undefined }, says: 'write: needs a provider' },
    {
      name: 'a provider of another zone',
      options: { provider: memoryZone({ zone: 'example.net' }) },
      says: 'provider: is of another zone',
    },
    { name: 'times that are none', options: { failover: { detection: { intervalMs: 0, fall: 3 } } }, says: 'failover' },
  ])('refuses $name', async ({ options, says }) => {
    await expect(dnsDoctor({ ...healthy().options, ...options })).rejects.toMatchObject({
      code: 'HOTSPARE_DNS_OPTIONS',
      message: expect.stringContaining(says),
    })
  })
})

describe('a visit that may write', () => {
  it('writes at one name alone, sees it served, and removes it', async () => {
    const { clock, memory, options } = healthy()
    const before = memory.sets()
    const report = await visit(clock, { ...options, write: true })
    expect(report.findings).toEqual([])
    expect(report.served).toMatchObject({ stage: 'converged', of: 2 })
    expect(memory.sets()).toEqual(before)
    expect(new Set(memory.asked.map((call) => call.split(' ')[1]))).toEqual(new Set([PROBE]))
  })

  it('finds a serial that stands still, which secondaries go by', async () => {
    const { clock, memory, net, options } = healthy()
    net
      .at(
        '192.0.2.53',
        serving(memory, () => 7),
      )
      .at('192.0.2.54', authoritative(zone, 'example.com 30 SOA a.example.com b.example.com 7 60 60 600 30'))
    const report = await visit(clock, { ...options, sets: [], write: true })
    expect(codes(report)).toEqual(['probe-not-served', 'serial-stands-still'])
    expect(report.findings[1]).toMatchObject({ severity: 'error', where: '192.0.2.53', fix: expect.stringContaining('soa_edit_api') })
    expect(memory.get({ name: PROBE, type: 'TXT' })).toBeUndefined()
  })

  it('only warns of it where all servers have the change all the same', async () => {
    const { clock, memory, net, options } = healthy()
    net
      .at(
        '192.0.2.53',
        serving(memory, () => 1),
      )
      .at(
        '192.0.2.54',
        serving(memory, () => 1),
      )
    const report = await visit(clock, { ...options, write: true })
    expect(report.findings).toEqual([expect.objectContaining({ code: 'serial-stands-still', severity: 'warning' })])
  })

  it('finds a server that never hears of changes, and tells the time of a failover by what was measured', async () => {
    const { clock, net, options } = healthy()
    net.at('192.0.2.54', authoritative(zone, 'example.com 30 SOA a.example.com b.example.com 1 60 60 600 30'))
    const failover = { detection: { intervalMs: 1_000, fall: 3 }, writeMs: 0 }
    const report = await visit(clock, { ...options, write: true, failover })
    expect(codes(report)).toContain('probe-not-served')
    expect(report.findings.find(({ code }) => code === 'probe-not-served')?.what).toContain('served by 1 of 2: 192.0.2.54')
  })

  it('finds a change that was accepted and left out', async () => {
    const { clock, memory, options } = healthy()
    const read = memory.read.bind(memory)
    const provider = { ...memory, read: async (...args: Parameters<typeof read>) => ({ ...(await read(...args)), set: undefined }) }
    const report = await visit(clock, { ...options, sets: [], provider, write: true })
    expect(codes(report)).toEqual(['probe-hidden'])
  })

  it('finds a provider that says no', async () => {
    const { clock, memory, options } = healthy()
    memory.fail('unavailable', { changes: true })
    const report = await visit(clock, { ...options, sets: [], write: true })
    expect(codes(report)).toEqual(['probe-refused'])
  })

  it('removes what was written though the answer was lost', async () => {
    const { clock, memory, options } = healthy()
    memory.fail('lost', { changes: true })
    const report = await visit(clock, { ...options, sets: [], write: true })
    expect(codes(report)).toEqual(['probe-refused'])
    expect(memory.get({ name: PROBE, type: 'TXT' })).toBeUndefined()
  })

  it('tells where it could not remove what it has written', async () => {
    const { clock, memory, options } = healthy()
    const change: MemoryZone['change'] = async (replacements, call) => {
      if (replacements[0]?.next === undefined) throw new Error('no answer')
      return memory.change(replacements, call)
    }
    const report = await visit(clock, { ...options, sets: [], provider: { ...memory, change }, write: true })
    expect(report.findings).toEqual([expect.objectContaining({ code: 'probe-left', what: 'it could not be removed: no answer' })])
  })

  it('leaves a record alone that is none of its own', async () => {
    const { clock, memory, options } = healthy()
    memory.put({ name: PROBE, type: 'TXT', ttlSeconds: 60, values: ['of somebody else'] })
    const report = await visit(clock, { ...options, sets: [], write: true })
    expect(codes(report)).toEqual(['probe-name-taken'])
    expect(memory.get({ name: PROBE, type: 'TXT' })?.values).toEqual(['of somebody else'])
  })

  it('clears away what a visit before has left', async () => {
    const { clock, memory, options } = healthy()
    memory.put({ name: PROBE, type: 'TXT', ttlSeconds: 60, values: ['hotspare doctor 2026-01-01T00:00:00.000Z'] })
    const report = await visit(clock, { ...options, sets: [], write: true })
    expect(report.findings).toEqual([])
    expect(memory.get({ name: PROBE, type: 'TXT' })).toBeUndefined()
  })

  it('removes what it has written also where the caller gives up', async () => {
    const { clock, memory, net, options } = healthy()
    net.at('192.0.2.54', () => silent('no answer'))
    const caller = new AbortController()
    const done = dnsDoctor({ ...options, sets: [], write: true }, { signal: caller.signal })
    done.catch(() => {})
    await clock.advance(3_000)
    expect(memory.get({ name: PROBE, type: 'TXT' })).toBeDefined()
    caller.abort(new Error('enough'))
    await clock.advance(1_000)
    await expect(done).rejects.toThrow('enough')
    expect(memory.get({ name: PROBE, type: 'TXT' })).toBeUndefined()
    expect(clock.pendingTimers).toBe(0)
  })
})
