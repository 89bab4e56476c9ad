import { seededRandom } from '@hotspare/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLease } from './lease.ts'
import type { LeaseRecord, LeaseRegister } from './register.ts'
import type { StandIn, StandInAnswer, Trouble } from './stand-in.fixture.ts'

const PATIENT = { timeoutMs: 15_000 }
const HASTY = { timeoutMs: 200 }
const unusable = { code: 'HOTSPARE_LEASE_REGISTER', retryable: true }

export interface HostileStore {
  readonly title: string
  /** A store with nothing in it, and a register that has settled in: trials are over. */
  open(): Promise<{ readonly store: StandIn; readonly register: LeaseRegister; readonly another: () => LeaseRegister }>
  /** Whether a request is the one that writes a record. */
  isWrite(request: StandIn['requests'][number]): boolean
  /** What this store answers when it has too much to do. */
  readonly busy: StandInAnswer
}

const record = (number: number): LeaseRecord => ({ holder: 'web-1', token: 1, ttlMs: 2_000, revision: `instance.${number}` })

/** What every driver does with a store, or a way to it, that is not well. */
export function describeHostileStore(hostile: HostileStore): void {
  const rows: readonly { name: string; trouble: Trouble; options: { timeoutMs: number } }[] = [
    { name: 'silence', trouble: 'silence', options: HASTY },
    { name: 'a reset', trouble: 'reset', options: PATIENT },
    { name: 'a reset after it was done', trouble: 'done-reset', options: PATIENT },
    { name: 'half an answer', trouble: 'done-half-answer', options: PATIENT },
    { name: 'status 500', trouble: { answer: { status: 500, body: 'oh no' } }, options: PATIENT },
    { name: 'too much to do', trouble: { answer: hostile.busy }, options: PATIENT },
    { name: 'too many questions', trouble: { answer: { status: 429, body: 'slow down' } }, options: PATIENT },
    { name: 'a redirect', trouble: { answer: { status: 307, headers: { location: 'http://127.0.0.1:1/' } } }, options: PATIENT },
    { name: 'a proxy that knows no such path', trouble: { answer: { status: 404, body: 'Not Found' } }, options: PATIENT },
    { name: 'no content', trouble: { answer: { status: 204 } }, options: PATIENT },
    { name: 'a page of somebody else', trouble: { answer: { status: 200, body: '<html>welcome</html>' } }, options: PATIENT },
    { name: 'more than anybody keeps', trouble: { answer: { status: 200, body: 'x'.repeat(3_000_000) } }, options: PATIENT },
    { name: 'an answer that comes too late', trouble: { delayMs: 400 }, options: HASTY },
  ]
  describe(`${hostile.title} and a store that is not well`, () => {
    it.for(rows)('is sure of nothing: $name', async ({ trouble, options }) => {
      const { store, register } = await hostile.open()
      store.trouble = () => trouble
      await expect(register.read('shop', options)).rejects.toMatchObject(unusable)
      await expect(register.compareAndSwap('shop', null, record(1), options)).rejects.toMatchObject(unusable)
      await expect(register.compareAndSwap('shop', record(1), record(2), options)).rejects.toMatchObject(unusable)
    })

    const unknown: readonly Trouble[] = ['done-silence', 'done-reset', 'done-half-answer', { doneAnswer: { status: 500, body: '' } }]
    it.for(unknown)('does not know whether a write has arrived, and finds it afterwards: %j', async (trouble) => {
      const { store, register, another } = await hostile.open()
      expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
      store.trouble = (request) => (hostile.isWrite(request) ? trouble : 'none')
      const options = { timeoutMs: trouble === 'done-silence' ? 200 : 2_000 }
      await expect(register.compareAndSwap('shop', record(1), record(2), options)).rejects.toMatchObject(unusable)
      store.trouble = () => 'none'
      expect(await register.read('shop', PATIENT)).toEqual(record(2))
      const late = { swapped: false, current: record(2) }
      expect(await register.compareAndSwap('shop', record(1), record(3), PATIENT)).toEqual(late)
      expect(await another().compareAndSwap('shop', record(1), record(3), PATIENT)).toEqual(late)
      expect(await register.compareAndSwap('shop', record(2), record(4), PATIENT)).toEqual({ swapped: true })
    })

    it('hangs up on a call that is given up, and is well again with the next', async () => {
      const { store, register } = await hostile.open()
      store.trouble = () => 'silence'
      const reason = new Error('enough')
      const controller = new AbortController()
      const call = register.read('shop', { ...PATIENT, signal: controller.signal })
      setTimeout(() => controller.abort(reason), 20)
      await expect(call).rejects.toBe(reason)
      store.trouble = () => 'none'
      expect(await register.read('shop', PATIENT)).toBe(null)
    })

    it('two nodes never have one lease, while two of five requests go wrong in every way', { timeout: 60_000 }, async () => {
      const { store, register, another } = await hostile.open()
      const random = seededRandom(7)
      const troubles: readonly Trouble[] = [
        'silence',
        'reset',
        'done-silence',
        'done-reset',
        'done-half-answer',
        'done-garbage',
        { delayMs: 60 },
        { answer: hostile.busy },
      ]
      store.trouble = () => (random.next() < 0.4 ? (troubles[Math.floor(random.next() * troubles.length)] ?? 'none') : 'none')
      const grants: number[] = []
      const ended = new AbortController()
      const holders = [register, another()].map((each, index) =>
        createLease({ register: each, name: 'shop', holder: `web-${index}`, ttlMs: 600 }),
      )
      onTestFinished(async () => {
        ended.abort()
        await Promise.all(holders.map((lease) => lease.stop()))
      })
      const valid: (() => boolean)[] = []
      let overlaps = 0
      const compete = async (lease: (typeof holders)[number]) => {
        while (!ended.signal.aborted && grants.length < 6) {
          const right = await lease.acquire({ signal: ended.signal }).catch(() => undefined)
          if (!right) return
          grants.push(right.token)
          if (valid.some((isValid) => isValid())) overlaps++
          valid.push(() => right.isValid())
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, 60)
            right.signal.addEventListener('abort', () => {
              clearTimeout(timer)
              resolve()
            })
          })
          // Most ends are told; some are just gone, and another has to wait.
          await right.release()
        }
      }
      await Promise.race([Promise.all(holders.map(compete)), new Promise((resolve) => setTimeout(resolve, 20_000))])
      expect(overlaps).toBe(0)
      expect(grants.length).toBeGreaterThan(1)
      expect(grants).toEqual([...new Set(grants)].toSorted((one, other) => one - other))
    })
  })
}
