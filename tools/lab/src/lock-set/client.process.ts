// Takes the lease, and while it has it adds elements to the set: reads it, thinks, writes it. Each element whose write
// was accepted is printed.
import { randomUUID } from 'node:crypto'
import { sleep, systemClock, systemRandom } from '@hotspare/core'
import { createLease, type HeldLease, type LeaseOptions, type LeaseRegister } from '@hotspare/lease'
import { etcdRegister } from '@hotspare/lease/etcd'
import { postgresRegister } from '@hotspare/lease/postgres'
import { witnessRegister } from '@hotspare/lease/witness'

export type Store =
  | { readonly type: 'etcd'; readonly endpoints: readonly string[] }
  | { readonly type: 'postgres'; readonly connection: string }
  | { readonly type: 'witness'; readonly url: string; readonly secret: string }

export interface ClientOptions {
  readonly name: string
  readonly store: Store
  readonly resource: string
  readonly ttlMs: number
  /** Milliseconds that its monotonic clock shows for each that passes. */
  readonly clockRate: number
  /** Believes that clocks are perfect. */
  readonly withoutMargin: boolean
}

const CALL_MS = 1_000

async function main({ name, store, resource, ttlMs, clockRate, withoutMargin }: ClientOptions): Promise<never> {
  const perfect: Partial<LeaseOptions> = withoutMargin ? { clockRateError: 0, timerLatenessMs: 0, marginMs: 0.01 } : {}
  const monotonicMs = () => systemClock.monotonicMs() * clockRate
  const bornMs = systemClock.wallMs() - monotonicMs()
  // One oscillator drives all clocks of a machine: a wall clock that goes right would give the others away.
  const clock = {
    monotonicMs,
    wallMs: () => bornMs + monotonicMs(),
    schedule: (delayMs: number, callback: () => void) => systemClock.schedule(delayMs / clockRate, callback),
  }
  const bootMs = clockRate === 1 ? {} : { bootMs: clock.monotonicMs, gapMs: ttlMs }
  const lease = createLease({ register: openRegister(store), name: 'lock-set', holder: name, ttlMs, clock, ...bootMs, ...perfect })
  lease.subscribe((event) => process.stdout.write(`${JSON.stringify(event)}\n`))
  for (;;) {
    const right = await lease.acquire()
    const untilMs = systemClock.monotonicMs() + systemRandom.next() * 4 * ttlMs
    while (right.isValid() && systemClock.monotonicMs() < untilMs) {
      // A call that failed may have arrived: its element then counts neither way.
      await addElement(name, resource, right).catch(() => {})
    }
    // Some give it back, some lose it.
    if (right.isValid() && systemRandom.next() < 0.5) await right.release()
    else await ended(right.signal)
  }
}

async function addElement(client: string, resource: string, right: HeldLease): Promise<void> {
  const { token } = right
  const read = await call(resource, { token, client })
  await sleep(5 + systemRandom.next() * 20)
  if (!read.accepted || !right.isValid()) return
  // Between this look at the clock and the write, anything may happen.
  await sleep(1 + systemRandom.next() * 30)
  const element = randomUUID().slice(0, 8)
  const written = await call(resource, { token, client, elements: [...(read.elements ?? []), element] })
  if (written.accepted) process.stdout.write(`added ${element}\n`)
}

async function call(resource: string, body: object): Promise<{ readonly accepted: boolean; readonly elements?: readonly string[] }> {
  const response = await fetch(resource, { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(CALL_MS) })
  return (await response.json()) as { readonly accepted: boolean; readonly elements?: readonly string[] }
}

function openRegister(store: Store): LeaseRegister {
  switch (store.type) {
    case 'etcd':
      return etcdRegister({ endpoints: store.endpoints })
    case 'postgres':
      return postgresRegister({ connection: store.connection })
    case 'witness':
      return witnessRegister({ url: store.url, secret: { id: 1, secret: store.secret } })
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
}

const options = process.argv[2]
if (options !== undefined) await main(JSON.parse(options) as ClientOptions)
