import { abortReason } from '@hotspare/core'
import type { LeaseRecord, LeaseRegister, SwapResult } from './register.ts'

/** A register in this process's memory: for tests, examples, and work that only one process shares out. */
export function memoryRegister(): LeaseRegister {
  const records = new Map<string, LeaseRecord>()
  return {
    description: 'memory',
    async read(name, options) {
      if (options?.signal?.aborted) throw abortReason(options.signal)
      return records.get(name) ?? null
    },
    async compareAndSwap(name, expected, next, options): Promise<SwapResult> {
      if (options?.signal?.aborted) throw abortReason(options.signal)
      const current = records.get(name) ?? null
      if (current?.revision !== expected?.revision) return { swapped: false, current }
      records.set(name, { ...next })
      return { swapped: true }
    },
    async close() {},
  }
}
