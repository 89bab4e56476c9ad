import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createProxy, type ProxyEvent, type ProxyTarget } from '../index.ts'
import type { LoadReport } from './load.process.fixture.ts'
import type { Behaviour } from './origin.process.fixture.ts'

interface OriginProcess extends ProxyTarget {
  readonly child: ChildProcess
  readonly behave: (behaviour: Partial<Behaviour>) => void
}

/** What is done to one of the two targets of a proxy that knows nothing of health, in the middle of a load. */
export interface Fault {
  readonly name: string
  readonly strike: (origin: OriginProcess) => void
  /** The share of requests that are for a megabyte. */
  readonly bigShare?: number
  /** What it comes to: all is answered, with or without a second attempt; or a megabyte, which is not kept back, is lost. */
  readonly freezes?: true
  readonly leads: 'to nothing' | 'to retries' | 'to cuts'
}

export const faults: readonly Fault[] = [
  { name: 'drips its answers for a second each', strike: ({ behave }) => behave({ kind: 'drip' }), leads: 'to nothing' },
  {
    name: 'resets in the middle of answers of 64 KiB',
    strike: ({ behave }) => behave({ kind: 'break', bytes: 65_536 }),
    leads: 'to retries',
  },
  { name: 'resets in the middle of answers of 1 MB', strike: ({ behave }) => behave({ big: 'break' }), bigShare: 1 / 9, leads: 'to cuts' },
  { name: 'is stopped and thawed', strike: ({ child }) => void stopAndThaw(child), freezes: true, leads: 'to retries' },
  { name: 'is killed', strike: ({ child }) => void child.kill('SIGKILL'), leads: 'to retries' },
]

const FROZEN_MS = 2_000
/** Short enough to be felt within that, and long for a target that is alive on a machine with much to do. */
const FIRST_BYTE_MS = 1_000

async function stopAndThaw(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP')
  await wait(FROZEN_MS)
  child.kill('SIGCONT')
}

export interface FaultReport {
  readonly load: LoadReport
  /** How many the proxy says to have failed, in the words of the load. */
  readonly told: Readonly<Record<string, number>>
  /** Of those, the distinct reasons. */
  readonly reasons: readonly string[]
  readonly answered: number
  readonly retried: number
  /** Picks that were not given back. */
  readonly held: number
}

const RATE = 500

/** Origins, load and proxy each have a process of their own; the proxy has this one. */
export async function runFault(fault: Fault, seconds: number): Promise<FaultReport> {
  const origins = await Promise.all([startOrigin('one'), startOrigin('two')])
  const events: ProxyEvent[] = []
  let turn = 0
  let held = 0
  const proxy = createProxy({
    port: 0,
    lameDuckMs: 0,
    firstByteTimeoutMs: fault.freezes ? FIRST_BYTE_MS : 20_000,
    // Half of all requests meet the fault: what is shown here is what a retry can save, not what a budget holds back.
    retryRatio: 1,
    minimumRetriesPerSecond: 1_000,
    pick: ({ exclude }) => {
      if (exclude.size === 0) turn += 1
      const target = origins.find(({ id }, index) => index === turn % 2 && !exclude.has(id)) ?? origins.find(({ id }) => !exclude.has(id))
      if (!target) return undefined
      held += 1
      return { target, reason: 'its turn', done: () => (held -= 1) }
    },
  })
  proxy.subscribe((event) => events.push(event))
  try {
    await proxy.start()
    const load = fork(
      join(import.meta.dirname, 'load.process.fixture.ts'),
      [`http://127.0.0.1:${proxy.address?.port}`, String(RATE), String(seconds), String(fault.bigShare ?? 0)],
      { execArgv: [] },
    )
    const reported = once(load, 'message')
    await wait(300)
    fault.strike(origins[0])
    const [report] = (await reported) as [LoadReport]
    const finished = events.filter((event) => event.type === 'request-finished')
    const lost = finished.filter(({ outcome }) => outcome !== 'answered')
    const told: Record<string, number> = {}
    for (const { outcome, status } of lost) {
      const way = outcome === 'refused' ? `status ${status}` : outcome === 'cut' ? 'broken' : outcome
      told[way] = (told[way] ?? 0) + 1
    }
    return {
      load: report,
      told,
      reasons: [...new Set(lost.map(({ because }) => because ?? ''))],
      answered: finished.length - lost.length,
      retried: events.filter(({ type }) => type === 'request-retried').length,
      held,
    }
  } finally {
    await proxy.stop()
    for (const { child } of origins) child.kill('SIGKILL')
  }
}

async function startOrigin(id: string): Promise<OriginProcess> {
  const child = fork(join(import.meta.dirname, 'origin.process.fixture.ts'), [], { execArgv: [] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const usual: Behaviour = { kind: 'answer', bytes: 64, big: 'answer' }
  return { id, url: `http://127.0.0.1:${port}`, child, behave: (behaviour) => void child.send({ ...usual, ...behaviour }) }
}
