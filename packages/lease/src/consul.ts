import { registerDefaults } from './defaults.ts'
import { consulDefaults } from './consul/defaults.ts'
import { type ConsulRegisterOptions, consulRegisterOptionsSchema } from './consul/options.ts'
import { consulStore } from './consul/store.ts'
import { registerError } from './errors.ts'
import { parseOptions } from './parse-options.ts'
import { pathKey } from './path-key.ts'
import { encodeRecord, parseRecord } from './record.ts'
import type { LeaseRegister, RegisterCallOptions, SwapResult } from './register.ts'

export { consulDefaults } from './consul/defaults.ts'
export { consulRegisterOptionsSchema } from './consul/options.ts'
export type { ConsulRegisterOptions, ResolvedConsulRegisterOptions } from './consul/options.ts'
export type { ClientTlsOptions } from './schema-parts.ts'

/**
 * A register in the key-value store of a Consul, over its HTTP API. A record is a plain key: no session of Consul's, which
 * could end on a verdict of its gossip, is in it. A swap is a read and a check-and-set of what was read, so nothing is
 * remembered between calls, and an index that begins anew after a restore means nothing.
 *
 * Source: https://developer.hashicorp.com/consul/api-docs/kv
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` when the options cannot work
 */
export function consulRegister(options: ConsulRegisterOptions): LeaseRegister {
  const resolved = parseOptions('consul register', consulRegisterOptionsSchema, options)
  const { endpoints, prefix, clock } = resolved
  const store = consulStore(resolved)

  /** What is left of one call's time, for each question in it. */
  const budget = ({ timeoutMs = registerDefaults.timeoutMs, signal }: RegisterCallOptions = {}) => {
    const untilMs = clock.monotonicMs() + timeoutMs
    return () => ({ timeoutMs: Math.max(0, untilMs - clock.monotonicMs()), signal })
  }

  async function look(key: string, call: ReturnType<ReturnType<typeof budget>>) {
    const entry = await store.get(key, call)
    return { modifyIndex: entry?.modifyIndex ?? 0, current: entry && parseRecord(entry.text, `consul: key ${key}`) }
  }

  return {
    description: `consul at ${endpoints.join(', ')}`,
    async read(name, callOptions) {
      return (await look(pathKey(prefix, name), budget(callOptions)())).current
    },
    async compareAndSwap(name, expected, next, callOptions): Promise<SwapResult> {
      const key = pathKey(prefix, name)
      const rest = budget(callOptions)
      let wasRepeated = false
      for (let round = 1; round <= consulDefaults.swapRounds; round++) {
        const { modifyIndex, current } = await look(key, rest())
        if (current?.revision !== expected?.revision) {
          // Asked twice, the second attempt fails because the first has succeeded.
          return wasRepeated && current?.revision === next.revision ? { swapped: true } : { swapped: false, current }
        }
        const { swapped, repeated } = await store.put(key, modifyIndex, encodeRecord(next), rest())
        if (swapped) return { swapped: true }
        wasRepeated ||= repeated
      }
      throw registerError('consul', `key ${key} changes while its revision stays: somebody edits it`)
    },
    close: () => store.close(),
  }
}
