import { randomUUID } from 'node:crypto'
import type { HotspareError } from '@hotspare/core'
import { refusedError, registerError } from './errors.ts'
import { parseOptions } from './parse-options.ts'
import { pathKey } from './path-key.ts'
import { encodeRecord, parseRecord } from './record.ts'
import { registerCall } from './register-call.ts'
import type { LeaseRecord, LeaseRegister, SwapResult } from './register.ts'
import { type Condition, openBucket, until } from './s3/bucket.ts'
import { s3Defaults } from './s3/defaults.ts'
import { type S3RegisterOptions, s3RegisterOptionsSchema } from './s3/options.ts'
import { tryConditions } from './s3/trial.ts'

export { s3Defaults } from './s3/defaults.ts'
export { s3RegisterOptionsSchema } from './s3/options.ts'
export type { ResolvedS3RegisterOptions, S3Credentials, S3RegisterOptions } from './s3/options.ts'
export type { ClientTlsOptions } from './schema-parts.ts'

interface Seen {
  readonly revision: string
  readonly etag: string
}

/**
 * A register in a bucket of S3, or of a store that speaks its protocol and heeds `If-Match` and `If-None-Match: *` on a
 * write: Amazon S3 since November 2024. Whether it does is tried once, before the first swap. The version of a record is
 * its ETag, which is never that of other bytes; it is remembered, so that a renewal is one request.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` when the options cannot work
 */
export function s3Register(options: S3RegisterOptions): LeaseRegister {
  const resolved = parseOptions('s3 register', s3RegisterOptionsSchema, options)
  const { base, prefix, clock } = resolved
  const who = `s3 at ${base}`
  const bucket = openBucket(resolved, who)
  const seen = new Map<string, Seen>()
  let trial: Promise<void> | undefined
  let verdict: HotspareError | undefined

  async function tryOnce(signal: AbortSignal): Promise<void> {
    // Names of leases have no "~" in them.
    const problem = await tryConditions(bucket, { key: `${prefix}~trial`, absentKey: `${prefix}~trial-${randomUUID()}` }, signal)
    if (problem === undefined) return
    verdict = refusedError(who, `${problem}, so two nodes could hold one lease: use another store, or a later version of it`)
    throw verdict
  }

  /** It goes on when the call that needed it has been given up; one that could not be made is made again by the next call. */
  function tried(): Promise<void> {
    if (trial) return trial
    const started = bucket.aside('trial of the store', s3Defaults.trialMs, tryOnce)
    started.catch(() => (trial = undefined))
    trial = started
    return started
  }

  function remember(key: string, revision: string, etag: string): void {
    seen.delete(key)
    seen.set(key, { revision, etag })
    for (const oldest of seen.keys()) {
      if (seen.size <= s3Defaults.remembered) break
      seen.delete(oldest)
    }
  }

  async function look(key: string, signal: AbortSignal): Promise<LeaseRecord | null> {
    const found = await bucket.get(key, signal)
    if (!found) {
      seen.delete(key)
      return null
    }
    const record = parseRecord(found.text, `s3: key ${key}`)
    remember(key, record.revision, found.etag)
    return record
  }

  async function swap(key: string, expected: LeaseRecord | null, next: LeaseRecord, signal: AbortSignal): Promise<SwapResult> {
    if (verdict) throw verdict
    await until(tried(), signal)
    for (let round = 1; round <= s3Defaults.swapRounds; round++) {
      const known = seen.get(key)
      // Only the version of what was expected will do; what is there is looked at where it is not known.
      if (round > 1 || (expected !== null && known?.revision !== expected.revision)) {
        const current = await look(key, signal)
        if (current?.revision !== expected?.revision) return { swapped: false, current }
      }
      const condition: Condition = expected === null ? 'absent' : { match: seen.get(key)?.etag ?? '' }
      const put = await bucket.put(key, encodeRecord(next), condition, signal)
      if (put.type === 'written') {
        remember(key, next.revision, put.etag)
        return { swapped: true }
      }
    }
    throw registerError(who, `key ${key}: conflicts that do not pass, or somebody edits it`)
  }

  return {
    description: who,
    async read(name, callOptions) {
      return registerCall({ who, what: `read ${name}`, clock, options: callOptions }, async (signal) => {
        // A store that is of no use says so to whoever only looks, too.
        if (verdict) throw verdict
        // In time for the first swap.
        void tried().catch(() => {})
        return look(pathKey(prefix, name), signal)
      })
    },
    async compareAndSwap(name, expected, next, callOptions) {
      return registerCall({ who, what: `swap ${name}`, clock, options: callOptions }, (signal) =>
        swap(pathKey(prefix, name), expected, next, signal),
      )
    },
    close: () => bucket.close(),
  }
}
