import { abortReason } from '@hotspare/core'
import { registerError } from './errors.ts'
import type { LeaseRecord, LeaseRegister, RegisterCallOptions, SwapResult } from './register.ts'

/** A register in this process's memory: for tests, examples, and work that only one process shares out. */
export function memoryRegister(): LeaseRegister {
  const records = new Map<string, LeaseRecord>()
  let closed = false
  const check = ({ signal }: RegisterCallOptions = {}) => {
    if (closed) throw registerError('memory register', 'it is closed')
    if (signal?.aborted) throw abortReason(signal)
  }
  return {
    description: 'memory',
    async read(name, options) {
      check(options)
      return records.get(name) ?? null
    },
    async compareAndSwap(name, expected, next, options): Promise<SwapResult> {
      check(options)
      const current = records.get(name) ?? null
      if (current?.revision !== expected?.revision) return { swapped: false, current }
      records.set(name, { ...next })
      return { swapped: true }
    },
    async close() {
      closed = true
    },
  }
}
