import assert from 'node:assert/strict'
import type { LeaseRecord, LeaseRegister, SwapResult } from '../register.ts'

/** The two functions of a test runner that the suite needs; those of vitest, jest and node:test fit. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

/** A register to test, and others that look at the same records. */
export interface RegisterFixture {
  readonly register: LeaseRegister
  /** Another client of the same store; it is closed with the fixture. */
  readonly another: () => Promise<LeaseRegister>
  /** Forgets the client and opens the same store anew; required of a durable one. */
  readonly reopen?: (() => Promise<LeaseRegister>) | undefined
  close(): Promise<void>
}

export interface RegisterContract {
  /** What is tested: `etcd register`. */
  readonly title: string
  /** Whether what was written outlives the process. */
  readonly durable: boolean
  /** A store of its own, or a corner of one that no other test uses. */
  open(): Promise<RegisterFixture>
}

const RIVALS = 8
const ROUNDS = 10

/** A call to a loaded store on a test machine. */
const PATIENT = { timeoutMs: 15_000 }

const record = (changes: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holder: 'web-1',
  token: 1,
  ttlMs: 2_000,
  revision: 'instance.1',
  ...changes,
})

/** What every {@link LeaseRegister} promises, as tests. */
export function describeRegisterContract({ describe, it }: ContractRunner, contract: RegisterContract): void {
  const test = (name: string, body: (register: LeaseRegister, fixture: RegisterFixture) => Promise<void>) =>
    it(name, async () => {
      const fixture = await contract.open()
      try {
        await body(fixture.register, fixture)
      } finally {
        await fixture.close()
      }
    })

  describe(`${contract.title} keeps the contract of a register`, () => {
    test('a name that nobody has written to is null', async (register) => {
      assert.equal(await register.read('shop', PATIENT), null)
    })
    test('a swap of what is not there fails, says so, and writes nothing', async (register) => {
      assert.deepEqual(await register.compareAndSwap('shop', record(), record({ revision: 'instance.2' }), PATIENT), {
        swapped: false,
        current: null,
      })
      assert.equal(await register.read('shop', PATIENT), null)
    })
    test('what was written is read back whole, by others too', async (register, { another }) => {
      const written = record({ holder: null, token: 9_000_000_000_000_000, ttlMs: 1_234.5, revision: 'a-B_9.77' })
      assert.deepEqual(await register.compareAndSwap('shop', null, written, PATIENT), { swapped: true })
      assert.deepEqual(await register.read('shop', PATIENT), written)
      assert.deepEqual(await (await another()).read('shop', PATIENT), written)
    })
    test('a creation fails once it is there, and gives what is', async (register) => {
      await register.compareAndSwap('shop', null, record(), PATIENT)
      const second = await register.compareAndSwap('shop', null, record({ holder: 'web-2', revision: 'other.1' }), PATIENT)
      assert.deepEqual(second, { swapped: false, current: record() })
    })
    test('a swap goes by the revision alone, and a revision that has gone never comes back', async (register) => {
      await register.compareAndSwap('shop', null, record(), PATIENT)
      const renewed = record({ revision: 'instance.2' })
      assert.deepEqual(await register.compareAndSwap('shop', record({ ttlMs: 7, token: 5 }), renewed, PATIENT), { swapped: true })
      assert.deepEqual(await register.compareAndSwap('shop', record(), record({ revision: 'instance.3' }), PATIENT), {
        swapped: false,
        current: renewed,
      })
      assert.deepEqual(await register.read('shop', PATIENT), renewed)
    })
    test('names do not touch each other, whatever is in them', async (register) => {
      const names = ['shop', 'shop/eu', 'Shop', 'shop.', 'shop-1', 'shop_1', `s${'x'.repeat(127)}`]
      for (const [index, name] of names.entries()) {
        await register.compareAndSwap(name, null, record({ revision: `instance.${index}` }), PATIENT)
      }
      for (const [index, name] of names.entries()) {
        assert.equal((await register.read(name, PATIENT))?.revision, `instance.${index}`)
      }
    })
    test('of rivals who swap at the same moment exactly one wins, every time', async (register, { another }) => {
      const rivals = [register, ...(await Promise.all(Array.from({ length: RIVALS - 1 }, another)))]
      let expected: LeaseRecord | null = null
      for (let round = 1; round <= ROUNDS; round++) {
        const before: LeaseRecord | null = expected
        const next = rivals.map((_, index) => record({ holder: `web-${index}`, token: round, revision: `rival${index}.${round}` }))
        const results: readonly SwapResult[] = await Promise.all(
          rivals.map((rival, index) => rival.compareAndSwap('shop', before, next[index] ?? record(), PATIENT)),
        )
        const winners = next.filter((_, index) => results[index]?.swapped)
        assert.equal(winners.length, 1, `round ${round}: ${winners.length} winners`)
        expected = winners[0] ?? null
        assert.deepEqual(await register.read('shop', PATIENT), expected)
      }
    })
    test('a signal that has aborted rejects with its reason and writes nothing', async (register) => {
      const reason = new Error('not today')
      const options = { signal: AbortSignal.abort(reason) }
      await assert.rejects(register.read('shop', options), reason)
      await assert.rejects(register.compareAndSwap('shop', null, record(), options), reason)
      assert.equal(await register.read('shop', PATIENT), null)
    })
    test('it says what it is, and can be closed twice', async (register) => {
      assert.notEqual(register.description, '')
      await register.close()
      await register.close()
    })
    test('a call after close() fails', async (register) => {
      await register.close()
      const closed = { code: 'HOTSPARE_LEASE_REGISTER' }
      await assert.rejects(register.read('shop', PATIENT), closed)
      await assert.rejects(register.compareAndSwap('shop', null, record(), PATIENT), closed)
    })
    if (!contract.durable) return
    test('what was written is there after the store was opened anew', async (register, { reopen }) => {
      await register.compareAndSwap('shop', null, record(), PATIENT)
      assert.ok(reopen, 'a durable store can be opened anew')
      assert.deepEqual(await (await reopen()).read('shop', PATIENT), record())
    })
  })
}
