import { registerDefaults, etcdDefaults } from './defaults.ts'
import { registerError } from './errors.ts'
import { etcdGateway } from './etcd/gateway.ts'
import { rangeRequest, readRange, readSwap, swapRequest } from './etcd/messages.ts'
import { type EtcdRegisterOptions, etcdRegisterOptionsSchema } from './etcd/options.ts'
import { parseOptions } from './parse-options.ts'
import { encodeRecord, parseRecord } from './record.ts'
import type { LeaseRecord, LeaseRegister, SwapResult } from './register.ts'

export { etcdRegisterOptionsSchema } from './etcd/options.ts'
export type { EtcdRegisterOptions, ResolvedEtcdRegisterOptions } from './etcd/options.ts'
export type { ClientTlsOptions } from './schema-parts.ts'

/**
 * A register in etcd 3.4 or newer, over its v3 JSON gateway. A record is a plain key, without a lease of etcd's: it is
 * never deleted, so the token never begins anew.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` when the options cannot work
 */
export function etcdRegister(options: EtcdRegisterOptions): LeaseRegister {
  const resolved = parseOptions('etcd register', etcdRegisterOptionsSchema, options)
  const { endpoints, prefix, clock } = resolved
  const gateway = etcdGateway(resolved)

  return {
    description: `etcd at ${endpoints.join(', ')}`,
    async read(name, { timeoutMs = registerDefaults.timeoutMs, signal } = {}) {
      const key = `${prefix}${name}`
      const body = rangeRequest(key)
      const { value } = await gateway.call({ path: '/v3/kv/range', body, read: (answer) => readRange(answer, key), timeoutMs, signal })
      return decode(value, key)
    },
    async compareAndSwap(name, expected, next, { timeoutMs = registerDefaults.timeoutMs, signal } = {}): Promise<SwapResult> {
      const key = `${prefix}${name}`
      const untilMs = clock.monotonicMs() + timeoutMs
      const written = Buffer.from(encodeRecord(next))
      // The bytes that the record has as a rule: a renewal is one round trip, and nothing needs to be remembered.
      let bytes: Uint8Array | null = expected === null ? null : Buffer.from(encodeRecord(expected))
      for (let round = 1; round <= etcdDefaults.swapRounds; round++) {
        const { value, repeated } = await gateway.call({
          path: '/v3/kv/txn',
          body: swapRequest(key, bytes, written),
          read: (answer) => readSwap(answer, key),
          timeoutMs: untilMs - clock.monotonicMs(),
          signal,
        })
        if (value.swapped) return value
        // Asked twice, the second attempt fails because the first has succeeded.
        if (repeated && value.found?.equals(written)) return { swapped: true }
        const current = decode(value.found, key)
        if (value.found === null || current?.revision !== expected?.revision) return { swapped: false, current }
        // The record that was expected, in other bytes: by another version, or from a caller who knew its revision only.
        bytes = value.found
      }
      throw registerError('etcd', `key ${key} changes while its revision stays: somebody edits it`)
    },
    close: () => gateway.close(),
  }
}

function decode(value: Buffer | null, key: string): LeaseRecord | null {
  return value === null ? null : parseRecord(value.toString('utf8'), `etcd: key ${key}`)
}
