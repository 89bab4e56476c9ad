import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasBind, startBind } from '@hotspare/dns-wire/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../cluster/two-nodes.fixture.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'
import { dns, type DnsAction, type DnsCommandOptions } from './dns.ts'

const ZONE = 'example.test'
const SECRET = 'c2VudGluZWwtb2YtdGhlLXRzaWcta2V5LTUxZDA='
const KEY = { name: 'hotspare', algorithm: 'hmac-sha256', secret: SECRET } as const
const WRONG = 'd3Jvbmctc2VudGluZWwtb2YtdGhlLXRzaWcta2V5LTE='

interface Said {
  readonly code: number
  readonly out: string
}

async function run(action: DnsAction, yaml: string, options: Omit<DnsCommandOptions, 'config'> = {}): Promise<Said> {
  const file = join(await temporaryFolder(), 'hotspare.yaml')
  await writeFile(file, yaml)
  const context = contextOf()
  try {
    const code = await dns(action, { config: file, ...options }, context)
    return { code, out: context.out() }
  } catch (error) {
    return { code: exitCodeOf(error), out: String(error) }
  }
}

const POOL = `
pools:
  shop:
    targets: [{ name: a, url: "http://192.0.2.11" }, { name: b, url: "http://192.0.2.12" }]
    health: { type: tcp, interval: 1s, timeout: 500ms, fall: 3 }
`

/** A BIND with a record of each kind in the file, and some in the zone. */
async function standing({ records = [], secret = SECRET }: { records?: readonly string[]; secret?: string } = {}) {
  const bind = await startBind({ zones: [{ name: ZONE, records, minimumSeconds: 30 }], keys: [KEY] })
  onTestFinished(() => bind.stop())
  const verify = `verify: { servers: ["127.0.0.1:${bind.port}"], within: 2s }`
  const yaml = `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
${POOL}
services:
  entry:
    members: [web-1, web-2]
    onControlLoss: release
    check: { type: tcp, address: "127.0.0.1:80" }
    resources: [{ type: dns, provider: main, zone: ${ZONE}, name: entry, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2 }, ${verify} }]
dns:
  providers: { main: { type: rfc2136, server: { address: 127.0.0.1, port: ${bind.port} }, key: { name: hotspare, algorithm: hmac-sha256, secret: "${secret}" } } }
  records: [{ provider: main, zone: ${ZONE}, name: www, answers: shop, ttl: 30s, ${verify} }]
`
  return { bind, yaml }
}

describe('a file without a record at a provider', () => {
  it('is told what to write, with exit code 2', async () => {
    expect(await run('plan', POOL)).toMatchObject({ code: 2, out: expect.stringContaining('write dns.records') })
  })

  it('is sent to its own server where that has them', async () => {
    const own = `${POOL}
dns:
  server: { listen: "127.0.0.1:5353", zones: { ${ZONE}: { nameServers: [ns.${ZONE}] } } }
  records: [{ provider: embedded, zone: ${ZONE}, name: www, answers: shop }]
`
    expect(await run('doctor', own)).toMatchObject({ code: 2, out: expect.stringContaining('with dig, at 127.0.0.1:5353') })
  })
})

describe.skipIf(!hasBind())('at a BIND', () => {
  it('a wrong key fails every action with 1, the doctor says which part of it is wrong, and nobody shows a secret', async () => {
    const { yaml } = await standing({ records: ['www 30 IN A 192.0.2.11'], secret: WRONG })
    const [plan, apply, verify, doctor] = [
      await run('plan', yaml),
      await run('apply', yaml, { force: true }),
      await run('verify', yaml),
      await run('doctor', yaml),
    ]
    // What could not be read is not "nothing": one would go and make it.
    expect(plan.out).toMatch(/www\.example\.test A .* not known +could not be read: .*BADSIG/)
    expect(plan.out).not.toContain('missing')
    for (const { out } of [plan, apply, verify]) expect(out).toContain('hotspare dns doctor looks for the reason')
    expect(doctor.out).toContain('[tsig-signature-wrong]')
    for (const { code, out } of [plan, apply, verify, doctor]) {
      expect(code).toBe(1)
      expect(out).not.toContain(WRONG)
    }
  })

  it('a server that is dead is said to be', async () => {
    const { bind, yaml } = await standing()
    await bind.stop()
    expect(await run('plan', yaml)).toMatchObject({ code: 1, out: expect.stringContaining('ECONNREFUSED') })
    expect(await run('doctor', yaml)).toMatchObject({ code: 1, out: expect.stringContaining('[update-unreachable]') })
  })

  it('what somebody else has there is left, and replaced with --force', async () => {
    const { yaml } = await standing({ records: ['www 30 IN A 203.0.113.9', 'entry 30 IN A 203.0.113.10'] })
    expect(await run('plan', yaml)).toMatchObject({ code: 1, out: expect.stringContaining('something else: ') })
    const left = await run('apply', yaml, { json: true })
    expect(left.code).toBe(1)
    expect(JSON.parse(left.out)).toMatchObject([
      { record: `www.${ZONE} A`, kind: 'left' },
      { record: `entry.${ZONE} A`, kind: 'left' },
    ])
    const forced = await run('apply', yaml, { force: true })
    expect(forced).toMatchObject({
      code: 0,
      out: expect.stringContaining(`made: entry.${ZONE} A 192.0.2.1 (30 s), instead of entry.${ZONE} A 203.0.113.10`),
    })
    expect(await run('plan', yaml)).toMatchObject({ code: 0 })
  })

  it('a record that leads away from a dead target, or to another member, is well, and nothing puts the dead one back', async () => {
    const { yaml } = await standing({ records: ['www 30 IN A 192.0.2.12', 'entry 30 IN A 192.0.2.2'] })
    const plan = await run('plan', yaml)
    expect(plan.code).toBe(0)
    expect(plan.out.match(/one of its values/g)).toHaveLength(2)
    const applied = await run('apply', yaml, { force: true, json: true })
    expect(JSON.parse(applied.out)).toMatchObject([
      { ok: true, kind: 'there' },
      { ok: true, kind: 'there' },
    ])
    expect((await run('plan', yaml, { json: true })).out).toContain(`www.${ZONE} A 192.0.2.12 (30 s)`)
  })

  it('what is missing is made, is then served, and the doctor finds no error', async () => {
    const { yaml } = await standing()
    expect((await run('plan', yaml)).out).toContain('missing: dns apply makes it')
    expect(await run('verify', yaml)).toMatchObject({ code: 1, out: expect.stringContaining('missing: the provider has no such record') })
    const applied = await run('apply', yaml)
    expect(applied).toMatchObject({ code: 0, out: expect.stringContaining(`made: www.${ZONE} A 192.0.2.11, 192.0.2.12 (30 s)`) })
    expect(applied.out).not.toContain('is missing')
    expect(await run('verify', yaml)).toMatchObject({ code: 0, out: expect.stringContaining('converged: served by 1 of 1') })
    const doctor = await run('doctor', yaml, { write: true })
    expect(doctor.code).toBe(0)
    // It is told, record by record: that it was not looked at is no news.
    expect(doctor.out).toContain('from a death to the last resolver')
    expect(doctor.out).not.toContain('not looked at: the time of a failover')
  })
})
