import type { Bucket, Condition } from './bucket.ts'
import type { Put } from './messages.ts'

/** No ETag of any object: those of content are hashes. */
const NO_ETAG = '"0-hotspare-0"'
const ATTEMPTS = 5

/**
 * Finds out whether a store heeds the conditions of a write, before a lease relies on it: of stores that call themselves
 * compatible, some take `If-Match` and write anyway, and would grant one right twice. Three writes that have to be refused,
 * and one to have something there. The object stays: nothing of ours needs the right to delete.
 *
 * @param key of an object that nothing else uses; the same for all nodes
 * @param absentKey where nothing was ever written
 * @returns what the store does wrong, or undefined
 * @throws what the bucket throws
 */
export async function tryConditions(
  bucket: Bucket,
  { key, absentKey }: { readonly key: string; readonly absentKey: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const put = async (at: string, condition: Condition): Promise<Put> => {
    for (let attempt = 1; ; attempt++) {
      const result = await bucket.put(at, 'A trial of conditional writes. Hotspare writes it once.\n', condition, signal)
      // Another node tries at the same moment.
      if (result.type !== 'conflict' || attempt === ATTEMPTS) return result
    }
  }
  const isHeeded = async (at: string, condition: Condition) => {
    const { type } = await put(at, condition)
    if (type === 'conflict') throw new Error('trial of the store: a conflict that does not pass')
    return type === 'unfit'
  }
  await put(key, 'absent')
  if (!(await isHeeded(key, 'absent'))) return 'it ignores If-None-Match on a write'
  if (!(await isHeeded(key, { match: NO_ETAG }))) return 'it ignores If-Match on a write'
  // MinIO wrote here until August 2025.
  if (!(await isHeeded(absentKey, { match: NO_ETAG }))) return 'it ignores If-Match on a write where nothing is there'
  return undefined
}
