import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { postgresRegister, type PostgresRegisterOptions } from '../postgres.ts'
import { freePort, type PostgresServer, postgresMissing, startPostgres, startStandby } from './server.fixture.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'

const PASSWORD = 'app-password'
const PATIENT = { timeoutMs: 15_000 }
const POLL = { timeout: 15_000, interval: 20 }
const missing = postgresMissing()

let server: PostgresServer

const record = (token: number, revision = `me.${token}`): LeaseRecord => ({ holder: 'web-1', token, ttlMs: 2_000, revision })

function open(options: Partial<PostgresRegisterOptions> = {}): LeaseRegister {
  const register = postgresRegister({ connection: server.url('app', PASSWORD), ...options })
  onTestFinished(() => register.close())
  return register
}

/** The server's processes that serve our registers. */
async function ourBackends(): Promise<readonly number[]> {
  const rows = await server.admin(`SELECT pid FROM pg_stat_activity WHERE application_name = 'hotspare'`)
  return rows.map(({ pid }) => Number(pid))
}

/** A name for a lease of this test alone, which `register` has written once. */
let leases = 0
async function written(register: LeaseRegister): Promise<string> {
  const name = `lease-${leases++}`
  expect(await register.compareAndSwap(name, null, record(1), PATIENT)).toEqual({ swapped: true })
  return name
}

beforeAll(async () => {
  if (missing) return
  server = await startPostgres()
  await server.admin(`CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'; GRANT CREATE ON SCHEMA public TO app`)
}, 60_000)

afterAll(() => server?.close())

beforeEach((context) => (missing ? context.skip(missing) : undefined))

const late = { code: 'HOTSPARE_LEASE_REGISTER', retryable: true }

describe('a postgres register in trouble', { timeout: 90_000 }, () => {
  it('gives up on a process of the server that hangs, and goes on with another', async () => {
    const register = open()
    const name = await written(register)
    const backends = await ourBackends()
    for (const pid of backends) process.kill(pid, 'SIGSTOP')
    onTestFinished(async () => {
      for (const pid of await ourBackends()) process.kill(pid, 'SIGCONT')
    })
    await expect(register.compareAndSwap(name, record(1), record(2), { timeoutMs: 300 })).rejects.toMatchObject({
      ...late,
      message: expect.stringContaining('no answer within 300 ms'),
    })
    expect(await register.read(name, PATIENT)).toEqual(record(1))
    expect(await register.compareAndSwap(name, record(1), record(3), PATIENT)).toEqual({ swapped: true })
    for (const pid of backends) process.kill(pid, 'SIGCONT')
    // The late write finds that it is too late.
    await expect.poll(async () => (await ourBackends()).filter((pid) => backends.includes(pid)), POLL).toEqual([])
    expect(await register.read(name, PATIENT)).toEqual(record(3))
  })

  it('gives up on a server that hangs as a whole, and works again when it goes on', async () => {
    const register = open()
    const name = await written(register)
    server.pause()
    onTestFinished(() => server.resume())
    await expect(register.read(name, { timeoutMs: 200 })).rejects.toMatchObject(late)
    await expect(register.compareAndSwap(name, record(1), record(2), { timeoutMs: 200 })).rejects.toMatchObject(late)
    const controller = new AbortController()
    const connecting = register.read(name, { ...PATIENT, signal: controller.signal })
    await sleep(20)
    controller.abort(new Error('enough'))
    await expect(connecting).rejects.toThrow('enough')
    server.resume()
    expect(await register.compareAndSwap(name, record(1), record(3), PATIENT)).toMatchObject({ swapped: true })
  })

  it('outlives that its idle connections are cut', async () => {
    const register = open()
    const name = await written(register)
    await server.admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hotspare'`)
    await expect.poll(ourBackends, POLL).toEqual([])
    await sleep(20)
    expect(await register.compareAndSwap(name, record(1), record(2), PATIENT)).toEqual({ swapped: true })
  })

  it('finds its record again after the server was killed', async () => {
    const register = open()
    const name = await written(register)
    await server.kill()
    await expect(register.read(name, { timeoutMs: 500 })).rejects.toMatchObject(late)
    await server.start()
    expect(await register.read(name, PATIENT)).toEqual(record(1))
    expect(await register.compareAndSwap(name, record(1), record(2), PATIENT)).toEqual({ swapped: true })
  })

  it('loses nothing that was answered when the server is killed in the middle of writes', async () => {
    const register = open()
    const name = await written(register)
    let answered = 1
    let tried = 1
    const writing = (async () => {
      for (;;) {
        tried++
        const result = await register.compareAndSwap(name, record(answered), record(tried), PATIENT)
        if (!result.swapped) throw new Error('somebody else has written')
        answered = tried
      }
    })()
    const ended = writing.catch((error: unknown) => error)
    await sleep(100)
    await server.kill()
    expect(await ended).toMatchObject(late)
    await server.start()
    // The last write may have arrived, and was not answered.
    expect([answered, tried]).toContain((await register.read(name, PATIENT))?.token)
  })

  it('does not call a write durable that did not wait for its standby', async () => {
    const register = open()
    const name = await written(register)
    const standbys = async (names: string) => {
      await server.admin(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`)
      await server.admin('SELECT pg_reload_conf()')
      await expect.poll(() => server.admin('SHOW synchronous_standby_names'), POLL).toEqual([{ synchronous_standby_names: names }])
    }
    await standbys('nobody')
    onTestFinished(async () => {
      await server.admin('ALTER SYSTEM RESET synchronous_standby_names')
      await server.admin('SELECT pg_reload_conf()')
    })
    await expect(register.compareAndSwap(name, record(1), record(2), { timeoutMs: 300 })).rejects.toMatchObject(late)
    const waiting = () => server.admin(`SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)
    const cancel = () => server.admin(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)
    // The late write holds its row until somebody ends its wait.
    await expect.poll(waiting, POLL).toHaveLength(1)
    await cancel()
    await expect.poll(waiting, POLL).toEqual([])
    const swap = register.compareAndSwap(name, record(2), record(3), PATIENT)
    const refused = swap.catch((error: unknown) => error)
    await expect.poll(waiting, POLL).toHaveLength(1)
    await cancel()
    expect(await refused).toMatchObject({ ...late, message: expect.stringContaining('durable is unknown') })
    expect(await register.read(name, PATIENT)).toEqual(record(3))
  })
})

describe('a postgres register with several servers', { timeout: 90_000 }, () => {
  it('writes to the one that takes writes, and follows a promotion', async () => {
    const primary = await startPostgres()
    onTestFinished(() => primary.close())
    await primary.admin(`CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'; GRANT CREATE ON SCHEMA public TO app`)
    const standby = await startStandby(primary)
    onTestFinished(() => standby.close())

    const first = open({ connection: primary.url('app', PASSWORD) })
    const name = await written(first)
    const lonely = open({ connection: standby.url('app', PASSWORD) })
    await expect.poll(() => lonely.read(name, PATIENT), POLL).toEqual(record(1))
    await expect(lonely.compareAndSwap(name, record(1), record(2), PATIENT)).rejects.toMatchObject({
      ...late,
      message: expect.stringContaining('25006'),
    })

    const dead = `postgres://app@127.0.0.1:${await freePort()}/postgres`
    const register = open({ connection: [dead, standby.url('app', PASSWORD), primary.url('app', PASSWORD)] })
    expect(await register.compareAndSwap(name, record(1), record(2), PATIENT)).toEqual({ swapped: true })
    expect(await register.compareAndSwap(name, record(2), record(3), PATIENT)).toEqual({ swapped: true })
    await expect.poll(() => lonely.read(name, PATIENT), POLL).toEqual(record(3))

    await primary.kill()
    await expect(register.compareAndSwap(name, record(3), record(4), { timeoutMs: 1_000 })).rejects.toMatchObject(late)
    await standby.admin('SELECT pg_promote()')
    expect(await register.compareAndSwap(name, record(3), record(4), PATIENT)).toEqual({ swapped: true })
  })

  it('passes by one that does not answer at all, within the time of one call', async () => {
    const silent = await startPostgres()
    onTestFinished(() => silent.close())
    const register = open({ connection: [silent.url('app', PASSWORD), server.url('app', PASSWORD)] })
    silent.pause()
    onTestFinished(() => silent.resume())
    expect(await register.compareAndSwap('passed-by', null, record(1), { timeoutMs: 4_000 })).toEqual({ swapped: true })
  })
})

describe('a postgres register over TLS', { timeout: 60_000 }, () => {
  it('believes the authority that it was given, and no other', async (context) => {
    if (spawnSync('openssl', ['version']).status !== 0) return context.skip('not installed: openssl')
    const [cert, key] = [join(server.data, 'server.crt'), join(server.data, 'server.key')]
    const subject = ['-subj', '/CN=hotspare-test', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' })
    const { uid, gid } = statSync(server.data)
    for (const file of [cert, key]) {
      chownSync(file, uid, gid)
      chmodSync(file, 0o600)
    }
    const parts = { host: '127.0.0.1', port: server.port, user: 'app', password: PASSWORD, database: 'postgres' }
    const ca = readFileSync(cert, 'utf8')
    await expect(open({ connection: { ...parts, tls: true } }).read('shop', PATIENT)).rejects.toMatchObject(late)

    await server.admin('ALTER SYSTEM SET ssl = on')
    await server.admin('SELECT pg_reload_conf()')
    await expect.poll(() => server.admin('SHOW ssl'), POLL).toEqual([{ ssl: 'on' }])
    await expect(open({ connection: { ...parts, tls: true } }).read('shop', PATIENT)).rejects.toMatchObject(late)
    const register = open({ connection: { ...parts, tls: { ca } } })
    const name = await written(register)
    expect(await register.read(name, PATIENT)).toEqual(record(1))
    expect(
      await server.admin(
        `SELECT bool_and(s.ssl) AS ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'hotspare'`,
      ),
    ).toEqual([{ ssl: true }])
    const careless = open({ connection: { ...parts, tls: { rejectUnauthorized: false } } })
    expect(await careless.read(name, PATIENT)).toEqual(record(1))
  })
})
