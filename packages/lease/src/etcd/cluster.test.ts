import { HotspareError } from '@hotspare/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type EtcdCluster, etcdMissing, startEtcd, until } from './server.fixture.ts'
import { etcdRegister } from '../etcd.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'

const PATIENT = { timeoutMs: 15_000 }
/** As a lease calls: soon given up, and soon repeated. */
const LIKE_A_LEASE = { timeoutMs: 600 }
const SLOW = { timeout: 180_000 }

const missing = etcdMissing()
let counter = 0

function record(): LeaseRecord {
  return { holder: 'web-1', token: 1, ttlMs: 2_000, revision: `instance.${++counter}` }
}

/** Repeats a swap until its outcome is known, as the lease does. */
async function swapAtLast(register: LeaseRegister, name: string, expected: LeaseRecord, next: LeaseRecord): Promise<void> {
  await until(async () => {
    const result = await register.compareAndSwap(name, expected, next, LIKE_A_LEASE).catch((error: unknown) => error)
    if (HotspareError.is(result) && result.retryable) return false
    // Or its own write, whose answer never came.
    expect([{ swapped: true }, { swapped: false, current: next }]).toContainEqual(result)
    return true
  }, 'a swap succeeds')
}

describe('etcd register on three nodes', SLOW, () => {
  let started: EtcdCluster | undefined
  beforeAll(async () => {
    if (!missing) started = await startEtcd({ nodes: 3 })
  }, SLOW.timeout)
  afterAll(() => started?.close(), SLOW.timeout)

  beforeEach((context) => {
    if (missing) context.skip(missing)
  })

  /** A register that has written once, over the leader or over a follower: `used` is that member. */
  const scene = async (over: 'leader' | 'follower') => {
    if (!started) throw new Error('etcd has not started')
    const cluster = started
    const leader = await cluster.leader()
    const first = over === 'leader' ? leader : (leader + 1) % 3
    const endpoints = [0, 1, 2].map((offset) => cluster.endpoints[(first + offset) % 3] ?? '')
    const register = etcdRegister({ endpoints })
    const used = cluster.members[first]
    if (!used) throw new Error('there is no such member')
    onTestFinished(async () => {
      await register.close()
      for (const member of cluster.members) member.resume()
      await cluster.ready()
    }, SLOW.timeout)
    const name = `shop-${++counter}`
    const written = record()
    expect(await register.compareAndSwap(name, null, written, PATIENT)).toEqual({ swapped: true })
    return { cluster, name, register, written, used }
  }

  it('moves on within the call when the follower that it uses hangs', async () => {
    const { name, register, written, used } = await scene('follower')
    used.pause()
    const next = record()
    expect(await register.compareAndSwap(name, written, next, PATIENT)).toEqual({ swapped: true })
    expect(await register.read(name, PATIENT)).toEqual(next)
    used.resume()
    const last = record()
    expect(await register.compareAndSwap(name, next, last, PATIENT)).toEqual({ swapped: true })
  })

  it('goes on once another leads when the leader that it uses hangs, and no late write shows', async () => {
    const { cluster, name, register, written, used } = await scene('leader')
    used.pause()
    const next = record()
    await swapAtLast(register, name, written, next)
    const last = record()
    await swapAtLast(register, name, next, last)
    used.resume()
    // The leader of old now gets to read what it was sent: `next` again.
    await cluster.ready()
    expect(await register.read(name, PATIENT)).toEqual(last)
  })

  it('moves on when the member that it uses is killed', async () => {
    const { cluster, name, register, written, used } = await scene('follower')
    await used.kill()
    const next = record()
    expect(await register.compareAndSwap(name, written, next, PATIENT)).toEqual({ swapped: true })
    used.start()
    await cluster.ready()
    expect(await register.read(name, PATIENT)).toEqual(next)
  })

  it('fails as retryable while all members hang, and goes on when they wake', async () => {
    const { cluster, name, register, written } = await scene('follower')
    for (const member of cluster.members) member.pause()
    const next = record()
    const call = register.compareAndSwap(name, written, next, { timeoutMs: 300 })
    await expect(call).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', retryable: true })
    await expect(register.read(name, { timeoutMs: 300 })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(cluster.endpoints.map((endpoint) => `${endpoint}: no answer within 300 ms`).join('|'))),
    })
    for (const member of cluster.members) member.resume()
    await cluster.ready()
    await swapAtLast(register, name, written, next)
    expect(await register.read(name, PATIENT)).toEqual(next)
  })

  it('fails as retryable while all members are dead, and finds its record when they are back', async () => {
    const { cluster, name, register, written } = await scene('leader')
    await Promise.all(cluster.members.map((member) => member.kill()))
    const failure = { code: 'HOTSPARE_LEASE_REGISTER', retryable: true, message: expect.stringContaining('ECONNREFUSED') }
    await expect(register.read(name, PATIENT)).rejects.toMatchObject(failure)
    await expect(register.compareAndSwap(name, written, record(), PATIENT)).rejects.toMatchObject(failure)
    for (const member of cluster.members) member.start()
    await cluster.ready()
    expect(await register.read(name, PATIENT)).toEqual(written)
  })

  it('does not act on half a cluster: two of three dead, and nothing is read or written', async () => {
    const { cluster, name, register, written, used } = await scene('follower')
    const others = cluster.members.filter((member) => member !== used)
    await Promise.all(others.map((member) => member.kill()))
    await expect(register.read(name, LIKE_A_LEASE)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', retryable: true })
    await expect(register.compareAndSwap(name, written, record(), LIKE_A_LEASE)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    for (const member of others) member.start()
    await cluster.ready()
    expect((await register.read(name, PATIENT))?.holder).toBe('web-1')
  })
})
