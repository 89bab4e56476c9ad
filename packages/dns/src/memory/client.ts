import { CallBudget, CloudError } from '@hotspare/cloud'
import { abortReason, type Clock } from '@hotspare/core'
import type { CallOptions, DnsCapabilities, DnsProvider } from '../provider.ts'
import { zoneProvider } from '../zone-provider.ts'
import type { FaultQueue } from './faults.ts'
import type { MemoryStore } from './store.ts'

/** What the clients of one zone share. */
export interface MemoryZoneState {
  readonly zone: string
  readonly capabilities: DnsCapabilities
  readonly callMs: number
  readonly store: MemoryStore
  readonly faults: FaultQueue
  readonly asked: string[]
  hung: number
  listener: (() => unknown) | undefined
}

/** Longer histories of calls are cut: a process may run for months. */
const ASKED_KEPT = 1_000

/** One client of a zone in memory, which meets the faults that were asked for. */
export function memoryClient(state: MemoryZoneState, clock: Clock): DnsProvider {
  const { zone, capabilities, callMs, store } = state
  const id = `memory zone ${zone}`
  const budget = new CallBudget({ ...capabilities.rate, clock })

  /** @param work what is done, and answered */
  async function call<T>(what: string, changes: boolean, { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    budget.checkPause(id)
    await budget.take(signal)
    state.asked.push(`${changes ? 'change' : 'read'} ${what}`)
    if (state.asked.length > ASKED_KEPT) state.asked.shift()
    const met = state.faults.take(changes)
    if (!met) return work()
    if (met.fault === 'lost') await work()
    if (met.fault === 'late') clock.schedule(met.lateMs, () => void work())
    if (met.fault === 'hang') {
      state.hung += 1
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(abortReason(signal)), { once: true }))
    }
    const isRefusal = met.fault === 'limited' || met.fault === 'credentials'
    const error = new CloudError({
      who: id,
      fault: isRefusal ? met.fault : 'unavailable',
      why: isRefusal ? 'refused, as it was asked to' : 'no answer, as it was asked to',
      ...(met.fault === 'limited' ? { retryAfterMs: 1_000 } : {}),
    })
    budget.failed(error)
    throw error
  }

  return zoneProvider({
    id,
    zone,
    capabilities,
    clock,
    callMs,
    budget,
    read: (question, options) => call(`${question.name} ${question.type}`, false, options, async () => store.read(question)),
    change(replacements, options) {
      const what = replacements.map(({ expected }) => `${expected.name} ${expected.type}`).join(', ')
      return call(what, true, options, async () => {
        await state.listener?.()
        return store.change(replacements)
      })
    },
  })
}
