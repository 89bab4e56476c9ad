import { createDnsClient } from '@hotspare/dns-wire/client'
import { hasBind, hasKnot, startBind, startKnot, type TestServer } from '@hotspare/dns-wire/testing'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import type { RecordSet } from './record-set.ts'
import { verifyServed, type VerifyEvent } from './verify.ts'
import { notifyRelay } from './verify/notify-relay.fixture.ts'

const zone = 'example.test'
/** Far more than a loaded machine needs; what is expected to fail gets less. */
const PATIENT_MS = 30_000

const www = (value: string, ttlSeconds = 30): RecordSet => ({ name: 'www.example.test', type: 'A', ttlSeconds, values: [value] })

describe('a BIND with a Knot that follows it', () => {
  const started: AsyncDisposable[] = []
  let primary: TestServer
  let secondary: TestServer
  const both = () => [`127.0.0.1:${primary.port}`, `127.0.0.1:${secondary.port}`]

  beforeAll(async () => {
    if (!hasBind() || !hasKnot()) return
    const relay = await notifyRelay()
    started.push(relay)
    primary = await startBind({
      zones: [{ name: zone, records: ['www 30 IN A 192.0.2.1', 'alias 30 IN CNAME www'], notify: [relay] }],
      unsignedUpdates: true,
      notifyDelaySeconds: 1,
    })
    started.push(primary)
    secondary = await startKnot({ zones: [{ name: zone, primary }] })
    started.push(secondary)
    relay.to(secondary.port)
  }, 2 * PATIENT_MS)
  afterAll(async () => {
    for (const each of started.toReversed()) await each[Symbol.asyncDispose]()
  })

  function needServers(context: TestContext): void {
    if (started.length === 0) context.skip('BIND or Knot is not installed')
  }

  async function change(set: RecordSet): Promise<void> {
    const client = createDnsClient({ server: primary })
    const { name, type, ttlSeconds, values } = set
    const updates = [
      { kind: 'delete-set', name, type },
      { kind: 'add', name, type, ttlSeconds, values },
    ] as const
    expect(await client.update({ zone, prerequisites: [], updates })).toEqual({ kind: 'applied' })
    await client.close()
  }

  it(
    'serves a change on the primary first, and tells by how much the secondary was later',
    { timeout: 2 * PATIENT_MS },
    async (context) => {
      needServers(context)
      // Its first copy of the zone, and the first NOTIFY, which BIND does not delay.
      await change(www('192.0.2.2'))
      expect(await verifyServed({ zone, set: www('192.0.2.2'), servers: both(), budgetMs: PATIENT_MS })).toMatchObject({
        stage: 'converged',
      })
      const events: VerifyEvent[] = []
      await change(www('192.0.2.3'))
      const onEvent = (event: VerifyEvent) => void events.push(event)
      const report = await verifyServed({ zone, set: www('192.0.2.3'), servers: both(), budgetMs: PATIENT_MS, onEvent })
      expect(report).toMatchObject({ stage: 'converged', serving: 2, of: 2 })
      const [first, second] = report.servers
      expect(first).toMatchObject({ port: primary.port, asked: 2 })
      // The NOTIFY waits for a second after the one before.
      expect(second?.asked).toBeGreaterThan(2)
      expect(second?.lagMs).toBeGreaterThan(first?.lagMs ?? Infinity)
      expect(second?.lagAtLeastMs).toBeGreaterThan(0)
      expect(events.map(({ type, serving }) => `${type} ${serving}`)).toEqual(['dns-served 1', 'dns-served 2', 'dns-converged 2'])
    },
  )

  it('says NOERROR to an A beside an alias, and does not serve it', async (context) => {
    needServers(context)
    const set: RecordSet = { ...www('192.0.2.3'), name: 'alias.example.test' }
    await change(set)
    const report = await verifyServed({ zone, set, servers: both().slice(0, 1), budgetMs: 300 })
    expect(report).toMatchObject({ stage: 'applied', serving: 0, of: 1 })
    expect(report.because).toContain('an alias of www.example.test instead of 192.0.2.3')
  })

  it('of which the Knot has died has served by one of two when the budget is over', { timeout: 2 * PATIENT_MS }, async (context) => {
    needServers(context)
    await secondary.stop()
    await change(www('192.0.2.4', 60))
    const events: VerifyEvent[] = []
    const onEvent = (event: VerifyEvent) => void events.push(event)
    const report = await verifyServed({ zone, set: www('192.0.2.4', 60), servers: both(), budgetMs: 1_500, timeoutMs: 500, onEvent })
    expect(report).toMatchObject({ stage: 'served', serving: 1, of: 2 })
    expect(report.servers[1]).toMatchObject({ standing: { state: 'unreachable', here: false }, lagMs: undefined })
    expect(events.at(-1)).toMatchObject({
      type: 'dns-overdue',
      budgetMs: 1_500,
      missing: [{ server: `127.0.0.1:${secondary.port}` }],
    })
  })
})

describe('a BIND that has a zone and the one above', () => {
  it('is found by the delegation and its glue, without a resolver', { timeout: PATIENT_MS }, async (context) => {
    if (!hasBind()) return context.skip('BIND is not installed')
    const above = { name: 'test', records: ['example IN NS ns1.example', 'ns1.example IN A 127.0.0.1'] }
    await using server = await startBind({ zones: [{ name: zone, records: ['www 30 IN A 192.0.2.1'] }, above] })
    const { port } = server
    const report = await verifyServed({
      zone,
      set: www('192.0.2.1'),
      resolvers: [],
      parent: [`127.0.0.1:${port}`],
      port,
      budgetMs: PATIENT_MS,
    })
    expect(report).toMatchObject({
      stage: 'converged',
      servers: [{ name: 'ns1.example.test', address: '127.0.0.1', from: 'both' }],
      delegation: { parent: ['ns1.example.test'], child: ['ns1.example.test'] },
    })
    // With the old TTL it would not be served.
    const other = await verifyServed({ zone, set: www('192.0.2.1', 60), servers: [`127.0.0.1:${port}`], budgetMs: 200 })
    expect(other.because).toContain('a TTL of 30 s instead of 60 s')
  })
})
