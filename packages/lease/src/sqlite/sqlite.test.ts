import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DatabaseSync } from 'node:sqlite'
import { seededRandom, sleep } from '@hotspare/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { sqliteRegister, type SqliteRegisterOptions } from '../sqlite.ts'
import { describeRegisterContract } from '../testing/index.ts'

const CONTENDER = join(import.meta.dirname, 'contender.process.fixture.ts')
const PATIENT = { timeoutMs: 15_000 }
const NOBODY = 65_534

const record = (token: number, revision = `me.${token}`): LeaseRecord => ({ holder: 'web-1', token, ttlMs: 2_000, revision })

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(file: string, options: Partial<SqliteRegisterOptions> = {}): LeaseRegister {
  const register = sqliteRegister({ file, ...options })
  onTestFinished(() => register.close())
  return register
}

/** Somebody else's connection, with whatever they do to the file. */
function openRaw(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  onTestFinished(() => (database.isOpen ? database.close() : undefined))
  return database
}

function contend(file: string, me: string, count: number): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=@hotspare/source', '--no-warnings', CONTENDER, file, me, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

describeRegisterContract(
  { describe, it },
  {
    title: 'sqlite register',
    durable: true,
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'hotspare-sqlite-'))
      const opened: LeaseRegister[] = []
      const another = async () => {
        const register = sqliteRegister({ file: join(folder, 'lease.db') })
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
        async close() {
          await Promise.all(opened.map((each) => each.close()))
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
  },
)

describe('a sqlite register that cannot work says why', () => {
  it.each([
    [{ file: '' }],
    [{ file: ':memory:' }],
    [{ file: 'a.db', table: 'robert"; drop table students' }],
    [{ file: 'a.db', table: '' }],
    [{ file: 'a.db', tabel: 'x' }],
  ])('refuses the options %j', (options) => {
    expect(() => sqliteRegister(options)).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS' }))
  })

  it('touches no file before the first call', () => {
    const file = join(temporaryFolder(), 'lease.db')
    open(file)
    expect(existsSync(file)).toBe(false)
  })

  it('names the folder that is missing', async () => {
    const register = open(join(temporaryFolder(), 'missing', 'lease.db'))
    await expect(register.read('shop')).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringMatching(/the folder .*missing does not exist/),
    })
  })

  it('says that a folder is no file', async () => {
    await expect(open(temporaryFolder()).read('shop')).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining('it is a folder'),
    })
  })

  it('leaves a file that is no database as it is', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    writeFileSync(file, 'these are the minutes of the last meeting\n'.repeat(100))
    const register = open(file)
    await expect(register.read('shop')).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', retryable: true })
    await expect(register.compareAndSwap('shop', null, record(1))).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })

  it('does not write into a database whose pages are damaged', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const first = open(file)
    for (let index = 0; index < 40; index++) {
      await first.compareAndSwap(`${'x'.repeat(100)}${index}`, null, { ...record(1), holder: 'y'.repeat(128) }, PATIENT)
    }
    await first.close()
    const database = openRaw(file)
    const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number }
    database.close()
    const descriptor = openSync(file, 'r+')
    writeSync(descriptor, Buffer.alloc(2 * pageSize, 0xa5), 0, 2 * pageSize, pageSize)
    closeSync(descriptor)
    await expect(open(file).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })

  it('will not use a table that is not its own', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    openRaw(file).exec('CREATE TABLE hotspare_lease (id INTEGER PRIMARY KEY, note TEXT)')
    await expect(open(file).compareAndSwap('shop', null, record(1))).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining('its columns are id, note'),
    })
    const elsewhere = open(file, { table: 'other_lease' })
    expect(await elsewhere.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
  })

  it('takes nothing over from a row that is no record', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const register = open(file)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const database = openRaw(file)
    for (const garbage of ['', 'null', '{"holder":"web-1"}', '{"holder":null,"token":-1,"ttlMs":1,"revision":"a.1"}', 'x'.repeat(10_000)]) {
      database.prepare('UPDATE hotspare_lease SET record = ?').run(garbage)
      await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
      await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
      expect(database.prepare('SELECT record FROM hotspare_lease').get()).toEqual({ record: garbage })
    }
  })

  it('is refused where it may not write', async (context) => {
    const folder = temporaryFolder()
    const file = join(folder, 'lease.db')
    await open(file).compareAndSwap('shop', null, record(1), PATIENT)
    chmodSync(file, 0o444)
    // Root may do everything, so a process of somebody else has to try.
    chmodSync(folder, 0o755)
    const locked = join(folder, 'locked')
    mkdirSync(locked, { mode: 0o500 })
    const script = `
      const { sqliteRegister } = await import(${JSON.stringify(join(import.meta.dirname, '../sqlite.ts'))})
      for (const file of process.argv.slice(1)) {
        const next = { holder: 'a', token: 2, ttlMs: 1, revision: 'a.1' }
        const swap = sqliteRegister({ file }).compareAndSwap('shop', ${JSON.stringify(record(1))}, next)
        console.log(await swap.then(JSON.stringify, (thrown) => thrown.code))
      }`
    const nobody = (...rest: string[]) =>
      spawn(process.execPath, ['--conditions=@hotspare/source', '--no-warnings', ...rest], {
        ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
        cwd: '/',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    // A checkout or a Node under root's own home is out of the other user's reach.
    const look = nobody('--eval', `require('node:fs').accessSync(${JSON.stringify(CONTENDER)})`)
    const [status] = await once(look, 'exit').catch(() => ['unreadable'])
    if (status !== 0) return context.skip('another user cannot read this checkout')
    const trial = nobody('--input-type=module', '--eval', script, file, join(locked, 'lease.db'))
    expect(await text(trial.stdout)).toBe('HOTSPARE_LEASE_REFUSED\nHOTSPARE_LEASE_REFUSED\n')
  })
})

describe('a sqlite register among others', () => {
  it('waits for a lock without blocking the process, and gives up at the deadline', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const register = open(file, { random: seededRandom(1) })
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const other = openRaw(file)
    other.exec('BEGIN EXCLUSIVE')
    let turns = 0
    const turning = setInterval(() => turns++, 1)
    onTestFinished(() => clearInterval(turning))
    await expect(register.compareAndSwap('shop', record(1), record(2), { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      retryable: true,
      message: expect.stringContaining('no answer within 300 ms'),
    })
    expect(turns).toBeGreaterThan(3)
    await expect(register.read('shop', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    const waiting = register.compareAndSwap('shop', record(1), record(2), PATIENT)
    await sleep(50)
    other.exec('ROLLBACK')
    expect(await waiting).toEqual({ swapped: true })
  })

  it('undoes a write that a reader holds up, and ends it once the reader is done', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const register = open(file)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const reader = openRaw(file)
    reader.exec('BEGIN')
    reader.prepare('SELECT * FROM hotspare_lease').all()
    await expect(register.compareAndSwap('shop', record(1), record(2), { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
    })
    expect(await register.read('shop', PATIENT)).toEqual(record(1))
    const waiting = register.compareAndSwap('shop', record(1), record(2), PATIENT)
    await sleep(50)
    reader.exec('ROLLBACK')
    expect(await waiting).toEqual({ swapped: true })
  })

  it('ends its wait for a lock when the caller gives up', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const register = open(file)
    await register.read('shop', PATIENT)
    openRaw(file).exec('BEGIN EXCLUSIVE')
    const controller = new AbortController()
    const waiting = register.read('shop', { ...PATIENT, signal: controller.signal })
    await sleep(20)
    controller.abort(new Error('not needed any more'))
    await expect(waiting).rejects.toThrow('not needed any more')
  })

  it('hands each token to one process only', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const outputs = await Promise.all(['a', 'b', 'c', 'd'].map((me) => text(contend(file, me, 25).stdout!)))
    const tokens = outputs.flatMap((output) => output.trim().split('\n').map(Number))
    expect(tokens.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(await open(file).read('shop', PATIENT)).toMatchObject({ token: 100 })
  }, 60_000)

  it('loses nothing that was answered when a writer is killed', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const random = seededRandom(7)
    for (let round = 0; round < 6; round++) {
      const child = contend(file, `writer${round}`, 1_000_000)
      let output = ''
      child.stdout!.on('data', (chunk) => (output += String(chunk)))
      await expect.poll(() => output.includes('\n'), { timeout: 15_000, interval: 5 }).toBe(true)
      await sleep(random.next() * 60)
      child.kill('SIGKILL')
      await once(child, 'close')
      const answered = Number(output.split('\n').at(-2))
      const register = open(file)
      const found = await register.read('shop', PATIENT)
      expect(found?.token).toBeGreaterThanOrEqual(answered)
      expect(await register.compareAndSwap('shop', found, record((found?.token ?? 0) + 1, `after.${round}`), PATIENT)).toEqual({
        swapped: true,
      })
      expect(openRaw(file).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    }
  }, 60_000)
})

describe('a sqlite register keeps what it writes', () => {
  it('asks SQLite for the journal and the syncs that outlast a power loss', async () => {
    const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
    onTestFinished(() => exec.mockRestore())
    await open(join(temporaryFolder(), 'lease.db')).compareAndSwap('shop', null, record(1), PATIENT)
    expect(exec.mock.calls.flat()).toEqual([
      'PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON',
      'PRAGMA journal_mode = TRUNCATE',
      expect.stringContaining('CREATE TABLE IF NOT EXISTS "hotspare_lease"'),
      'BEGIN IMMEDIATE',
      'COMMIT',
    ])
  })

  it('uses a database that is in WAL mode as it is', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    const other = openRaw(file)
    other.exec('PRAGMA journal_mode = WAL; CREATE TABLE mine (id)')
    expect(await open(file).compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  })

  it('never writes to, or reads from, a file that has lost its name', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'lease.db')
    const [first, second] = [open(file), open(file)]
    await first.compareAndSwap('shop', null, record(5), PATIENT)
    await second.read('shop', PATIENT)
    renameSync(file, join(folder, 'gone.db'))
    expect(await first.read('shop', PATIENT)).toBeNull()
    expect(await first.compareAndSwap('shop', null, record(1, 'first.1'), PATIENT)).toEqual({ swapped: true })
    expect(await second.compareAndSwap('shop', record(5), record(6), PATIENT)).toEqual({ swapped: false, current: record(1, 'first.1') })
  })

  it('recovers by itself when a file that was damaged has been replaced', async () => {
    const file = join(temporaryFolder(), 'lease.db')
    writeFileSync(file, 'garbage'.repeat(1_000))
    const register = open(file)
    await expect(register.read('shop')).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    rmSync(file)
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
  })

  it('says no more after it was closed', async () => {
    const register = open(join(temporaryFolder(), 'lease.db'))
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    await register.close()
    await expect(register.read('shop')).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining('it is closed'),
    })
  })
})
