import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ConsulRegisterOptions, consulRegister } from '../consul.ts'
import { makeCertificates } from '../etcd/certificates.fixture.ts'
import { describeHostileStore } from '../hostile-store.fixture.ts'
import { encodeRecord } from '../record.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { describeRegisterContract } from '../testing/index.ts'
import { type FakeConsul, fakeConsul } from './server.fixture.ts'

const PATIENT = { timeoutMs: 15_000 }
const KEY = 'hotspare/lease/shop'
const record = (number: number, holder = 'web-1'): LeaseRecord => ({ holder, token: 1, ttlMs: 2_000, revision: `${holder}.${number}` })

async function start(options: Parameters<typeof fakeConsul>[0] = {}): Promise<FakeConsul> {
  const consul = await fakeConsul(options)
  onTestFinished(() => consul.close())
  return consul
}

function open(consuls: readonly FakeConsul[], options: Partial<ConsulRegisterOptions> = {}): LeaseRegister {
  const register = consulRegister({ endpoints: consuls.map(({ url }) => url), datacenter: 'fra', ...options })
  onTestFinished(() => register.close())
  return register
}

describeRegisterContract(
  { describe, it },
  {
    title: 'consul register',
    durable: true,
    async open() {
      const consul = await fakeConsul()
      const opened: LeaseRegister[] = []
      const another = async () => {
        const register = consulRegister({ endpoints: [consul.url], datacenter: 'fra' })
        opened.push(register)
        return register
      }
      const close = async () => {
        await Promise.all(opened.map((each) => each.close()))
        await consul.close()
      }
      return { register: await another(), another, reopen: another, close }
    },
  },
)

describeHostileStore({
  title: 'consul register',
  busy: { status: 500, body: 'No cluster leader' },
  isWrite: ({ method }) => method === 'PUT',
  async open() {
    const store = await start()
    return { store, register: open([store]), another: () => open([store]) }
  },
})

describe('consul register', () => {
  it('is refused with a wrong token or none, once and for all endpoints, and never repeats the token', async () => {
    for (const token of ['open-sesame-wrong', undefined]) {
      const [first, second] = [await start({ token: 'open-sesame' }), await start({ token: 'open-sesame' })]
      const register = open([first, second], token === undefined ? {} : { token })
      for (const call of [() => register.read('shop', PATIENT), () => register.compareAndSwap('shop', null, record(1), PATIENT)]) {
        const refusal: unknown = await call().catch((error: unknown) => error)
        expect(refusal).toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false, message: expect.stringContaining('403') })
        expect(inspect(refusal, { depth: 9 })).not.toContain('sesame')
      }
      // One of them for each call: what one refuses, the other would refuse too.
      expect(first.requests.length + second.requests.length).toBe(2)
    }
  })

  it('asks for a consistent read in its data centre, and swaps what it read by its index', async () => {
    const consul = await start({ token: 'open-sesame' })
    const register = open([consul], { token: 'open-sesame' })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    await register.compareAndSwap('shop', record(1), record(2), PATIENT)
    expect(consul.requests.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['GET', `/v1/kv/${KEY}?dc=fra&consistent`, ''],
      ['PUT', `/v1/kv/${KEY}?dc=fra&cas=0`, encodeRecord(record(1))],
      ['GET', `/v1/kv/${KEY}?dc=fra&consistent`, ''],
      ['PUT', `/v1/kv/${KEY}?dc=fra&cas=13`, encodeRecord(record(2))],
    ])
    expect(consul.requests.every(({ headers }) => headers['x-consul-token'] === 'open-sesame')).toBe(true)
  })

  it('refuses a key that holds something else, and does not touch it', async () => {
    const consul = await start()
    for (const text of ['not ours', '', '{"holder":7}']) {
      consul.edit(KEY, text)
      const problem = { code: 'HOTSPARE_LEASE_RECORD', retryable: false, message: expect.stringContaining(KEY) }
      await expect(open([consul]).read('shop', PATIENT)).rejects.toMatchObject(problem)
      await expect(open([consul]).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(problem)
      expect(consul.entries.get(KEY)?.value).toBe(text)
    }
  })

  it('takes no answer about another key, and no 404 of another server, for one', async () => {
    const consul = await start()
    consul.edit('other', encodeRecord(record(1)))
    const shown = [{ LockIndex: 0, Key: 'other', Flags: 0, Value: btoa(encodeRecord(record(1))), ModifyIndex: 5 }]
    consul.trouble = () => ({ answer: { status: 200, headers: { 'x-consul-index': '5' }, body: JSON.stringify(shown) } })
    await expect(open([consul]).read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    consul.trouble = () => ({ answer: { status: 404 } })
    await expect(open([consul]).read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })

  it('keeps names apart whose paths a URL would make one', async () => {
    const consul = await start()
    const register = open([consul])
    const names = ['a/../b', 'b', 'a//b', 'a/./b', 'a/b', 'a/b/', 'a/.', 'a', 'a/..']
    for (const [index, name] of names.entries()) await register.compareAndSwap(name, null, record(index), PATIENT)
    for (const [index, name] of names.entries()) expect(await register.read(name, PATIENT)).toEqual(record(index))
  })

  it('knows its own write when the answer to it got lost on the way, and asks the next endpoint', async () => {
    const consul = await start()
    const register = open([consul])
    let writes = 0
    consul.trouble = ({ method }) => (method === 'PUT' && writes++ === 0 ? 'done-reset' : 'none')
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(writes).toBe(2)
    const dead = await start()
    const both = open([dead, consul])
    dead.trouble = () => 'reset'
    expect(await both.read('shop', PATIENT)).toEqual(record(1))
    expect(await both.read('shop', PATIENT)).toEqual(record(1))
    expect(dead.requests).toHaveLength(1)
  })

  it('loses to whoever writes between its look and its swap, even where the index begins anew after a restore', async () => {
    const consul = await start()
    const register = open([consul])
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    consul.trouble = ({ method }) => {
      if (method === 'PUT') consul.edit(KEY, encodeRecord(record(7, 'web-2')))
      return 'none'
    }
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: record(7, 'web-2') })
    consul.trouble = () => 'none'
    const entry = consul.entries.get(KEY)
    if (entry) Object.assign(entry, { modifyIndex: 13 })
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: record(7, 'web-2') })
  })

  it('gives up on a key that an editor changes while its revision stays', async () => {
    const consul = await start()
    const register = open([consul])
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    consul.trouble = ({ method }) => {
      if (method === 'PUT') consul.edit(KEY, encodeRecord(record(1)))
      return 'none'
    }
    const failure = { code: 'HOTSPARE_LEASE_REGISTER', message: expect.stringContaining('somebody edits it') }
    await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject(failure)
  })

  it('speaks TLS with a certificate of its own, and to nobody whom it does not trust', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hotspare-consul-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const { ca, otherCa, client, files } = makeCertificates(folder)
    const consul = await start({
      tls: { cert: readFileSync(files.serverCert), key: readFileSync(files.serverKey), ca, requestCert: true, rejectUnauthorized: true },
    })
    const trusting = open([consul], { tls: { ca, ...client } })
    expect(await trusting.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    for (const tls of [{ ca }, { ca: otherCa, ...client }]) {
      await expect(open([consul], { tls }).read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    }
  })
})

describe('options of the consul register', () => {
  const endpoints = ['http://127.0.0.1:8500']
  const wrong: readonly { options: unknown; says: string }[] = [
    { options: { endpoints }, says: 'datacenter' },
    { options: { endpoints, datacenter: 'a b' }, says: 'datacenter: expected letters' },
    { options: { endpoints: [], datacenter: 'fra' }, says: 'endpoints' },
    { options: { endpoints: ['http://open-sesame@127.0.0.1:8500'], datacenter: 'fra' }, says: 'without user, password' },
    { options: { endpoints, datacenter: 'fra', token: 'open sesame' }, says: 'token: expected visible' },
    { options: { endpoints, datacenter: 'fra', prefix: '/x' }, says: 'prefix: it begins with no' },
    { options: { endpoints, datacenter: 'fra', prefix: 'a/../b' }, says: 'prefix: it begins with no' },
    { options: { endpoints, datacenter: 'fra', prefix: 'a?b' }, says: 'prefix: up to 256' },
    { options: { endpoints, datacenter: 'fra', tls: {} }, says: 'tls: every endpoint must begin' },
    { options: { endpoints, datacenter: 'fra', session: 'x' }, says: 'session' },
  ]
  it.for(wrong)('that cannot work are named, and no secret is: $says', ({ options, says }) => {
    const make = () => consulRegister(options as ConsulRegisterOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(says) }))
    expect(make).not.toThrow('sesame')
  })
})
