import { join } from 'node:path'
import { inspect } from 'node:util'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { fakeGateway, forwardTo, type FakeGateway } from './gateway.fixture.ts'
import { type EtcdCluster, etcdMissing, type EtcdOptions, ROOT, startEtcd } from './server.fixture.ts'
import { type EtcdRegisterOptions, etcdRegister } from '../etcd.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'

const PATIENT = { timeoutMs: 15_000 }
const SLOW = { timeout: 120_000 }
const PASSWORD = 'open-sesame'
const missing = etcdMissing({ tls: 'server' })
const user = { user: 'hotspare', password: PASSWORD }

function record(revision: number): LeaseRecord {
  return { holder: 'web-1', token: 1, ttlMs: 2_000, revision: `instance.${revision}` }
}

function open(options: EtcdRegisterOptions): LeaseRegister {
  const register = etcdRegister(options)
  onTestFinished(() => register.close())
  return register
}

async function start(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const cluster = await startEtcd({ auth: { password: PASSWORD }, ...options })
  onTestFinished(() => cluster.close(), SLOW.timeout)
  return cluster
}

/** Sees what goes to etcd. */
async function tap(cluster: EtcdCluster): Promise<FakeGateway> {
  const gateway = await fakeGateway(forwardTo(cluster.endpoints[0] ?? ''))
  onTestFinished(() => gateway.close())
  return gateway
}

const paths = ({ requests }: FakeGateway) => requests.map(({ path }) => path.split('/').at(-1))

const jwt = (folder: string) =>
  `jwt,pub-key=${join(folder, 'server.pem')},priv-key=${join(folder, 'server-key.pem')},sign-method=ES256,ttl=3s`

describe('etcd register with authentication', SLOW, () => {
  beforeEach((context) => {
    if (missing) context.skip(missing)
  })

  it('is refused with a wrong password, an unknown user, or none at all, and never repeats the password', async () => {
    const { endpoints } = await start()
    const refusals: unknown[] = []
    for (const wrong of [{ user: 'hotspare', password: 'sesame-wrong' }, { user: 'nobody', password: 'sesame-too' }, {}]) {
      const register = open({ endpoints, ...wrong })
      refusals.push(await register.read('shop', PATIENT).catch((error: unknown) => error))
      refusals.push(await register.compareAndSwap('shop', null, record(1), PATIENT).catch((error: unknown) => error))
    }
    expect(refusals).toHaveLength(6)
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false })
      expect(inspect(refusal, { depth: 9 })).not.toContain('sesame')
    }
  })

  it('is refused outside of what the user may read and write', async () => {
    const { endpoints } = await start()
    const register = open({ endpoints, ...user, prefix: 'elsewhere/' })
    const refused = { code: 'HOTSPARE_LEASE_REFUSED', retryable: false, message: expect.stringContaining('permission denied') }
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(refused)
    await expect(register.compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(refused)
  })

  it('authenticates once, and again after a restart, which makes etcd forget its tokens', async () => {
    const cluster = await start()
    const gateway = await tap(cluster)
    const register = open({ endpoints: [gateway.url], ...user })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    expect(paths(gateway)).toEqual(['authenticate', 'txn', 'txn'])
    expect(gateway.requests[0]?.body).toEqual({ name: 'hotspare', password: PASSWORD })
    // An orderly end: after SIGKILL, etcd may find its last tokens again in its log.
    await cluster.members[0]?.kill('SIGTERM')
    cluster.members[0]?.start()
    await cluster.ready()
    expect(await register.compareAndSwap('shop', record(2), record(3), PATIENT)).toEqual({ swapped: true })
    expect(await register.read('shop', PATIENT)).toEqual(record(3))
    expect(paths(gateway)).toEqual(['authenticate', 'txn', 'txn', 'txn', 'authenticate', 'txn', 'range'])
    const [, first, , forgotten, , second] = gateway.requests.map(({ authorization }) => authorization)
    expect(forgotten).toBe(first)
    expect(second).not.toBe(first)
  })

  it('is refused after its password was changed, and lets in whoever has the new one', async () => {
    const cluster = await start()
    const register = open({ endpoints: cluster.endpoints, ...user })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    await cluster.call('/v3/auth/user/changepw', { name: 'hotspare', password: 'another' })
    await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED' })
    const renewed = open({ endpoints: cluster.endpoints, user: 'hotspare', password: 'another' })
    expect(await renewed.read('shop', PATIENT)).toEqual(record(1))
  })

  it('goes on without a token while authentication is off, and with one when it is switched on', async () => {
    const cluster = await start({ auth: undefined })
    const register = open({ endpoints: cluster.endpoints, user: ROOT.name, password: ROOT.password })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    await cluster.call('/v3/auth/user/add', ROOT)
    await cluster.call('/v3/auth/role/add', { name: 'root' })
    await cluster.call('/v3/auth/user/grant', { user: 'root', role: 'root' })
    await cluster.call('/v3/auth/enable', {})
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
  })

  it('authenticates again when a signed token has expired, or is older than a change of the users', async () => {
    const cluster = await start({ authToken: jwt })
    const gateway = await tap(cluster)
    const register = open({ endpoints: [gateway.url], ...user })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    await cluster.call('/v3/auth/role/add', { name: 'unrelated' })
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    expect(paths(gateway)).toEqual(['authenticate', 'txn', 'txn', 'authenticate', 'txn'])
    await wait(4_000)
    expect(await register.compareAndSwap('shop', record(2), record(3), PATIENT)).toEqual({ swapped: true })
    expect(paths(gateway).slice(5)).toEqual(['txn', 'authenticate', 'txn'])
  })

  it('works over any member of a cluster, with the token of the first', async () => {
    const cluster = await start({ nodes: 3 })
    const register = open({ endpoints: cluster.endpoints, ...user })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    cluster.members[0]?.pause()
    expect(await register.read('shop', { timeoutMs: 12_000 })).toEqual(record(1))
    cluster.members[0]?.resume()
  })
})
