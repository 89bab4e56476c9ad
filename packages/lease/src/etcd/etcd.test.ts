import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { fakeGateway, forwardTo } from './gateway.fixture.ts'
import { type EtcdCluster, etcdMissing, startEtcd } from './server.fixture.ts'
import { type EtcdRegisterOptions, etcdRegister } from '../etcd.ts'
import { encodeRecord } from '../record.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { describeRegisterContract } from '../testing/index.ts'

const PATIENT = { timeoutMs: 15_000 }
const SLOW = { timeout: 120_000 }

const missing = etcdMissing()

function record(changes: Partial<LeaseRecord> = {}): LeaseRecord {
  return { holder: 'web-1', token: 1, ttlMs: 2_000, revision: 'instance.1', ...changes }
}

function open(options: EtcdRegisterOptions): LeaseRegister {
  const register = etcdRegister(options)
  onTestFinished(() => register.close())
  return register
}

describe.for([1, 3] as const)('on %i node(s)', SLOW, (nodes) => {
  let cluster: EtcdCluster | undefined
  let corners = 0
  beforeEach((context) => {
    if (missing) context.skip(missing)
  })
  beforeAll(async () => {
    if (!missing) cluster = await startEtcd({ nodes })
  }, SLOW.timeout)
  afterAll(() => cluster?.close(), SLOW.timeout)

  describeRegisterContract(
    { describe, it },
    {
      title: 'etcd register',
      durable: true,
      async open() {
        const { endpoints = [] } = cluster ?? {}
        const prefix = `hotspare/lease/${++corners}/`
        const register = etcdRegister({ endpoints, prefix })
        const opened = [register]
        const another = async () => {
          // Others come to the cluster by another member.
          const other = etcdRegister({ endpoints: endpoints.toReversed(), prefix })
          opened.push(other)
          return other
        }
        return { register, another, reopen: another, close: async () => void (await Promise.all(opened.map((each) => each.close()))) }
      },
    },
  )
})

describe('etcd register on one node', SLOW, () => {
  let started: EtcdCluster | undefined
  let corners = 0
  beforeAll(async () => {
    if (!missing) started = await startEtcd()
  }, SLOW.timeout)
  afterAll(() => started?.close(), SLOW.timeout)

  beforeEach((context) => {
    if (missing) context.skip(missing)
  })

  /** A lease of its own for each test. */
  const corner = () => {
    if (!started) throw new Error('etcd has not started')
    const name = `shop-${++corners}`
    return { cluster: started, name, key: `hotspare/lease/${name}`, register: open({ endpoints: started.endpoints }) }
  }

  it('refuses a key that holds something else, and does not touch it', async () => {
    const { cluster, name, key, register } = corner()
    await cluster.put(key, 'not ours')
    const problem = { code: 'HOTSPARE_LEASE_RECORD', retryable: false, message: expect.stringContaining(key) }
    await expect(register.read(name, PATIENT)).rejects.toMatchObject(problem)
    await expect(register.compareAndSwap(name, null, record(), PATIENT)).rejects.toMatchObject(problem)
    await expect(register.compareAndSwap(name, record(), record({ revision: 'instance.2' }), PATIENT)).rejects.toMatchObject(problem)
    const { kvs } = (await cluster.call('/v3/kv/range', { key: btoa(key) })) as { kvs: readonly { value: string; version: string }[] }
    expect(kvs).toMatchObject([{ value: btoa('not ours'), version: '1' }])
  })

  it('refuses a key whose value is empty or no text', async () => {
    const { cluster, name, key, register } = corner()
    for (const value of ['', '\u0000\u00ff', 'x'.repeat(100_000)]) {
      await cluster.put(key, value)
      await expect(register.read(name, PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
    }
  })

  it('swaps a record that a later version wrote in other bytes, by its revision', async () => {
    const { cluster, name, key, register } = corner()
    await cluster.put(key, JSON.stringify({ site: 'fra', ...record() }))
    expect(await register.read(name, PATIENT)).toEqual(record())
    const next = record({ revision: 'instance.2' })
    expect(await register.compareAndSwap(name, record({ revision: 'instance.0' }), next, PATIENT)).toEqual({
      swapped: false,
      current: record(),
    })
    expect(await register.compareAndSwap(name, record(), next, PATIENT)).toEqual({ swapped: true })
    expect(await register.read(name, PATIENT)).toEqual(next)
  })

  it('keeps its records when etcd is killed and started anew (microsoft/etcd3#158: two leaders after a restart)', async () => {
    const { cluster, name, register } = corner()
    await register.compareAndSwap(name, null, record(), PATIENT)
    await cluster.members[0]?.kill()
    await expect(register.read(name, { timeoutMs: 2_000 })).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', retryable: true })
    cluster.members[0]?.start()
    await cluster.ready()
    const rival = record({ holder: 'web-2', revision: 'rival.1' })
    expect(await register.compareAndSwap(name, null, rival, PATIENT)).toEqual({ swapped: false, current: record() })
    expect(await register.compareAndSwap(name, record(), record({ revision: 'instance.2' }), PATIENT)).toEqual({ swapped: true })
  })

  it('asks for one linearizable range to read, and for one transaction to swap', async () => {
    const { cluster, name, key } = corner()
    const gateway = await fakeGateway(forwardTo(cluster.endpoints[0] ?? ''))
    onTestFinished(() => gateway.close())
    const register = open({ endpoints: [gateway.url] })
    const [first, second] = [record(), record({ revision: 'instance.2' })]
    await register.compareAndSwap(name, null, first, PATIENT)
    await register.compareAndSwap(name, first, second, PATIENT)
    expect(await register.read(name, PATIENT)).toEqual(second)
    const put = (value: LeaseRecord) => [{ request_put: { key: btoa(key), value: btoa(encodeRecord(value)) } }]
    const compare = { key: btoa(key), result: 'EQUAL' }
    const failure = [{ request_range: { key: btoa(key) } }]
    expect(gateway.requests).toEqual([
      {
        path: '/v3/kv/txn',
        authorization: undefined,
        body: { compare: [{ ...compare, target: 'CREATE', create_revision: '0' }], success: put(first), failure },
      },
      {
        path: '/v3/kv/txn',
        authorization: undefined,
        body: { compare: [{ ...compare, target: 'VALUE', value: btoa(encodeRecord(first)) }], success: put(second), failure },
      },
      { path: '/v3/kv/range', authorization: undefined, body: { key: btoa(key) } },
    ])
  })

  it('says where it is, and nothing else of itself', async () => {
    const { cluster, register } = corner()
    expect(register.description).toBe(`etcd at ${cluster.endpoints[0]}`)
    const secretive = open({ endpoints: ['http://127.0.0.1:1'], user: 'hotspare', password: 'open-sesame' })
    expect(inspect(secretive, { depth: 9, showHidden: true })).not.toContain('sesame')
    expect(secretive.description).toBe('etcd at http://127.0.0.1:1')
  })
})
