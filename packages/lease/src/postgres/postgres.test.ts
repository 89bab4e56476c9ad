import { inspect } from 'node:util'
import { sleep } from '@hotspare/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { postgresRegister, type PostgresRegisterOptions } from '../postgres.ts'
import { type PostgresServer, postgresMissing, startPostgres } from './server.fixture.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { describeRegisterContract } from '../testing/index.ts'

const PASSWORD = 'app-pa$$/word'
const PATIENT = { timeoutMs: 15_000 }
const PATIENT_POLL = { timeout: 15_000, interval: 20 }
const missing = postgresMissing()

let server: PostgresServer
let tables = 0

/** A table that no other test uses. */
const freshTable = () => `lease_${tables++}`

const record = (token: number, revision = `me.${token}`): LeaseRecord => ({ holder: 'web-1', token, ttlMs: 2_000, revision })

function open(options: Partial<PostgresRegisterOptions> = {}): LeaseRegister {
  const register = postgresRegister({ connection: server.url('app', PASSWORD), table: freshTable(), ...options })
  onTestFinished(() => register.close())
  return register
}

beforeAll(async () => {
  if (missing) return
  server = await startPostgres()
  // The worst defaults that an administrator can have set.
  await server.admin(`
    CREATE ROLE app LOGIN PASSWORD '${PASSWORD}';
    GRANT CREATE ON SCHEMA public TO app;
    ALTER ROLE app SET synchronous_commit = off;
    ALTER ROLE app SET default_transaction_isolation = 'serializable';
    ALTER ROLE app SET standard_conforming_strings = off;
    ALTER ROLE app SET log_statement = 'all';
    CREATE ROLE guest LOGIN PASSWORD '${PASSWORD}'`)
}, 60_000)

afterAll(() => server?.close())

beforeEach((context) => (missing ? context.skip(missing) : undefined))

describeRegisterContract(
  { describe, it },
  {
    title: 'postgres register',
    durable: true,
    async open() {
      const table = freshTable()
      const opened: LeaseRegister[] = []
      const another = async () => {
        const register = postgresRegister({ connection: server.url('app', PASSWORD), table })
        opened.push(register)
        return register
      }
      const register = await another()
      return {
        register,
        another,
        async reopen() {
          await register.close()
          return another()
        },
        close: async () => void (await Promise.all(opened.map((each) => each.close()))),
      }
    },
  },
)

describe('a postgres register that may not', () => {
  it.for([
    ['a wrong password', () => server.url('app', 'hunter2')],
    ['a user that is not there', () => server.url('nobody', 'hunter2')],
    ['no password', () => server.url('app')],
  ] as const)('is refused for %s, and does not say what it was', async ([, connection]) => {
    const error: unknown = await open({ connection: connection() })
      .read('shop', PATIENT)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2')
  })

  it('is refused where it may not create the table, or write to it', async () => {
    const connection = server.url('guest', PASSWORD)
    const table = freshTable()
    await expect(open({ connection, table }).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REFUSED',
      message: expect.stringContaining('42501'),
    })
    await server.admin(`CREATE TABLE ${table} (name text PRIMARY KEY, record jsonb NOT NULL); GRANT SELECT ON ${table} TO guest`)
    expect(await open({ connection, table }).read('shop', PATIENT)).toBeNull()
    await expect(open({ connection, table }).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REFUSED',
    })
  })

  it('needs no right to create a table that is there', async () => {
    const table = freshTable()
    await server.admin(
      `CREATE TABLE ${table} (name text PRIMARY KEY, record jsonb NOT NULL); GRANT SELECT, INSERT, UPDATE ON ${table} TO guest`,
    )
    const register = open({ connection: server.url('guest', PASSWORD), table })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
  })

  it('says which table is missing where it is not to create it', async () => {
    const register = open({ table: 'missing_lease', createTable: false })
    const expected = { code: 'HOTSPARE_LEASE_REGISTER', message: expect.stringContaining('create it: CREATE TABLE "missing_lease"') }
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(expected)
    await expect(register.compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(expected)
  })

  it("leaves somebody else's table alone", async () => {
    const table = freshTable()
    await server.admin(`CREATE TABLE ${table} (name text PRIMARY KEY, note text); GRANT ALL ON ${table} TO app`)
    await expect(open({ table }).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining("somebody else's"),
    })
    expect(await server.admin(`TABLE ${table}`)).toEqual([])
  })

  it('takes nothing over from a row that is no record', async () => {
    const table = freshTable()
    const register = open({ table })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const garbage = ['null', '[]', '"text"', '{"holder":"web-1"}', '{"holder":null,"token":1e30,"ttlMs":1,"revision":"me.1"}']
    for (const value of garbage) {
      await server.admin(`UPDATE ${table} SET record = '${value}'`)
      await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
      await expect(register.compareAndSwap('shop', null, record(2), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
      await expect(register.compareAndSwap('shop', record(9), record(2), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
    }
    await server.admin(`UPDATE ${table} SET record = '{"holder":null,"token":7,"ttlMs":1.5,"revision":"a.1","added":"later"}'`)
    expect(await register.read('shop', PATIENT)).toEqual({ holder: null, token: 7, ttlMs: 1.5, revision: 'a.1' })
  })
})

describe('a postgres register and its table', () => {
  it('reads null from a table that is not there, without creating it', async () => {
    const table = freshTable()
    expect(await open({ table }).read('shop', PATIENT)).toBeNull()
    expect(await server.admin(`SELECT to_regclass('${table}') AS found`)).toEqual([{ found: null }])
  })

  it('survives that several create it at once', async () => {
    for (let round = 0; round < 5; round++) {
      const table = freshTable()
      const rivals = Array.from({ length: 8 }, () => open({ table }))
      await Promise.all(rivals.map((rival) => rival.read('shop', PATIENT)))
      const results = await Promise.all(
        rivals.map((rival, index) => rival.compareAndSwap('shop', null, record(1, `rival${index}.1`), PATIENT)),
      )
      expect(results.filter(({ swapped }) => swapped)).toHaveLength(1)
    }
  }, 60_000)

  it('finds a table by schema and by the letters of its name', async () => {
    await server.admin('CREATE SCHEMA "Ops"; GRANT ALL ON SCHEMA "Ops" TO app')
    const register = open({ table: "Ops.Robert'; DROP TABLE students" })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(await server.admin(`SELECT name, record->>'token' AS token FROM "Ops"."Robert'; DROP TABLE students"`)).toEqual([
      { name: 'shop', token: '1' },
    ])
    await expect(open({ table: 'nowhere.lease' }).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
    })
  })

  it('quotes whatever is in a name', async () => {
    const register = open()
    const name = `'; DROP TABLE x; -- \\' " $1 ü`
    expect(await register.compareAndSwap(name, null, record(1, `it's\\'.1`.replaceAll(/[^a-z.0-9]/gu, '')), PATIENT)).toEqual({
      swapped: true,
    })
    expect(await register.read(name, PATIENT)).toMatchObject({ token: 1 })
  })
})

describe('a postgres register writes', () => {
  it('with one message, which asks for a durable commit and for limits', async () => {
    const register = open({ table: 'logged_lease' })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const insert =
      `SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = N; SET LOCAL statement_timeout = N; ` +
      `SET LOCAL synchronous_commit = on; INSERT INTO "logged_lease" (name, record) VALUES ('shop', ` +
      `'{"holder":"web-1","token":1,"ttlMs":2000,"revision":"me.1"}'::jsonb) ON CONFLICT (name) DO NOTHING; ` +
      `SELECT record::text AS record FROM "logged_lease" WHERE name = 'shop'`
    const logged = () =>
      server
        .log()
        .split('\n')
        .filter((line) => line.includes('statement: ') && line.includes('logged_lease'))
        .map((line) => line.replace(/^.*statement: /u, '').replaceAll(/timeout = \d+/gu, 'timeout = N'))
    await expect.poll(logged, PATIENT_POLL).toHaveLength(3)
    expect(logged()).toEqual([insert, expect.stringContaining('CREATE TABLE IF NOT EXISTS "logged_lease"'), insert])
    await register.compareAndSwap('shop', record(1), record(2), PATIENT)
    await expect.poll(logged, PATIENT_POLL).toHaveLength(4)
    expect(logged()[3]).toContain(`WHERE name = 'shop' AND record->>'revision' = 'me.1'`)
  })

  it('durably and in READ COMMITTED, whatever the defaults of its role are', async () => {
    const table = freshTable()
    const register = open({ table })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    await server.admin(`
      CREATE TABLE ${table}_seen (setting text); GRANT INSERT ON ${table}_seen TO app;
      CREATE FUNCTION ${table}_look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO ${table}_seen SELECT current_setting(s) FROM unnest(ARRAY['synchronous_commit', 'transaction_isolation']) s;
        RETURN NEW;
      END $$;
      CREATE TRIGGER look BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_look()`)
    await register.compareAndSwap('shop', record(1), record(2), PATIENT)
    expect(await server.admin(`TABLE ${table}_seen`)).toEqual([{ setting: 'on' }, { setting: 'read committed' }])
  })

  it('only when the server has written: a trigger that swallows or changes a write is no success', async () => {
    const table = freshTable()
    const register = open({ table })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    await server.admin(`
      CREATE FUNCTION ${table}_meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER meddle BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_meddle()`)
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: record(1) })
    await server.admin(`CREATE OR REPLACE FUNCTION ${table}_meddle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.record = OLD.record; RETURN NEW; END $$`)
    await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })
})

describe('a postgres register whose row is locked', () => {
  it('is told so before its deadline, leaves nothing behind, and serves other leases meanwhile', async () => {
    const table = freshTable()
    const register = open({ table })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    await register.compareAndSwap('mail', null, record(1), PATIENT)
    const letGo = await server.hold(`SELECT * FROM ${table} WHERE name = 'shop' FOR UPDATE`)
    const stuck = register.compareAndSwap('shop', record(1), record(2), { timeoutMs: 3_000 })
    const [outcome, other] = await Promise.allSettled([stuck, register.compareAndSwap('mail', record(1), record(2), { timeoutMs: 3_000 })])
    expect(other).toMatchObject({ status: 'fulfilled', value: { swapped: true } })
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { code: 'HOTSPARE_LEASE_REGISTER', retryable: true, message: expect.stringContaining('55P03') },
    })
    expect(await server.admin(`SELECT 1 FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'`)).toEqual([])
    expect(await register.read('shop', PATIENT)).toEqual(record(1))
    await letGo()
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
  })

  it('lets a call wait for a connection no longer than its deadline', async () => {
    const table = freshTable()
    const register = open({ table, maxConnections: 1 })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const letGo = await server.hold(`SELECT * FROM ${table} FOR UPDATE`)
    const stuck = register.compareAndSwap('shop', record(1), record(2), PATIENT)
    await expect(register.read('shop', { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining('no answer within 100 ms'),
    })
    const controller = new AbortController()
    const givenUp = register.read('shop', { ...PATIENT, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(givenUp).rejects.toThrow('enough')
    const waiting = register.read('shop', PATIENT)
    await letGo()
    expect(await stuck).toEqual({ swapped: true })
    expect(await waiting).toEqual(record(2))
  })

  it('ends its calls and its connections when it is closed', async () => {
    const table = freshTable()
    const register = open({ table, connection: server.url('guest', PASSWORD) })
    await server.admin(`CREATE TABLE ${table} (name text PRIMARY KEY, record jsonb NOT NULL); GRANT ALL ON ${table} TO guest`)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const letGo = await server.hold(`SELECT * FROM ${table} FOR UPDATE`)
    const stuck = register.compareAndSwap('shop', record(1), record(2), PATIENT).catch((error: unknown) => error)
    await sleep(50)
    await register.close()
    expect(await stuck).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    await expect(register.read('shop')).rejects.toMatchObject({ message: expect.stringContaining('it is closed') })
    await letGo()
    await expect.poll(() => server.admin(`SELECT 1 FROM pg_stat_activity WHERE usename = 'guest'`), PATIENT_POLL).toEqual([])
  })
})
