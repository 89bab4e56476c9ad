import { HotspareError, clipDetail } from '@hotspare/core'
import { z } from 'zod'
import type { LeaseRecord } from './register.ts'

/** The longest name of a lease, holder or revision, in characters. */
const LONGEST_NAME = 128

/** The longest time to live that a record may ask for: one day. */
export const LONGEST_TTL_MS = 86_400_000

/** The largest token: far beyond the time of day in milliseconds, and from here on up there is room to count. */
export const LARGEST_TOKEN = 9_000_000_000_000_000

/** Letters, digits and `. _ - /`: safe in a path, a key, a URL and a log line. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/u, 'expected letters, digits and . _ - /, beginning with a letter or digit')
export const boundedName: z.ZodString = name.max(LONGEST_NAME)

/** Tolerant towards what a later version may add, strict in what is read. */
export const recordSchema: z.ZodType<LeaseRecord> = z.object({
  holder: boundedName.nullable(),
  token: z.int().positive().max(LARGEST_TOKEN),
  ttlMs: z.number().positive().max(LONGEST_TTL_MS),
  revision: boundedName,
})

/** @returns what is wrong with a name of a lease or a holder, or undefined */
export function leaseNameProblem(text: string): string | undefined {
  return boundedName.safeParse(text).error?.issues[0]?.message
}

/** The one text form of a record: JSON, the same bytes for the same record. */
export function encodeRecord({ holder, token, ttlMs, revision }: LeaseRecord): string {
  return JSON.stringify({ holder, token, ttlMs, revision })
}

/**
 * Reads what a register gave back as text.
 *
 * @param where for the message: `etcd: key hotspare/lease/shop`
 * @throws HotspareError `HOTSPARE_LEASE_RECORD` when it is no record; nothing is taken over then, since nobody knows
 * whose it is
 */
export function parseRecord(text: string, where: string): LeaseRecord {
  return toRecord(parseJson(text), where, text)
}

/** The same for a value that has been parsed already, as a part of a JSON answer. */
export function toRecord(value: unknown, where: string, shown: string = JSON.stringify([value])): LeaseRecord {
  const parsed = recordSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new HotspareError({
    code: 'HOTSPARE_LEASE_RECORD',
    message: `${where}: not a lease record: ${clipDetail(shown)}; use another name, or delete it while nobody holds the lease`,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
