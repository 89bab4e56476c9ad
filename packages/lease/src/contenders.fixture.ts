import type { Clock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import type { LeaseEvent } from './events.ts'
import type { HeldLease } from './held-lease.ts'
import { createLease, type Lease } from './lease.ts'
import type { LeaseOptions } from './options.ts'
import { type ScriptedRegister, scriptedRegister } from './scripted-register.fixture.ts'

export const TTL_MS = 2_000
/** By when a right that is not renewed has ended: ttl less the margin of 397.9 ms. */
export const RIGHT_MS = 1_603

export interface Contender {
  readonly lease: Lease
  readonly register: ScriptedRegister
  readonly events: LeaseEvent[]
  readonly types: () => string[]
}

export interface Contenders {
  readonly clock: TestClock
  readonly register: ScriptedRegister
  readonly contender: (holder: string, own?: ScriptedRegister, ownClock?: Clock) => Contender
  /** The machine sleeps: its monotonic clock stands still. */
  readonly suspend: (forMs: number) => void
}

export function setUp(options: Partial<LeaseOptions> = {}): Contenders {
  const clock = new TestClock()
  const register = scriptedRegister()
  let bootAheadMs = 0
  const contender = (holder: string, own: ScriptedRegister = register.another(), ownClock: Clock = clock): Contender => {
    const events: LeaseEvent[] = []
    const lease = createLease({
      register: own,
      name: 'shop',
      holder,
      ttlMs: TTL_MS,
      clock: ownClock,
      bootMs: () => clock.monotonicMs() + bootAheadMs,
      ...options,
    })
    lease.subscribe((event) => events.push(event))
    return { lease, register: own, events, types: () => events.map(({ type }) => type) }
  }
  const suspend = (forMs: number) => {
    bootAheadMs += forMs
    clock.stepWall(forMs)
  }
  return { clock, register, contender, suspend }
}

export function timeOf(clock: TestClock): Clock {
  return {
    monotonicMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs(),
    schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
  }
}

/** The first lease of a new register: granted after one ttl in which the record is seen absent. */
export async function granted(clock: TestClock, lease: Lease): Promise<HeldLease> {
  const right = lease.acquire()
  await clock.advance(TTL_MS)
  return right
}
