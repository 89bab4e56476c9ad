import { CloudError } from '@hotspare/cloud'
import type { KeptRecord, NewRecord, RecordChanges } from './records-by-id.ts'

/** The calls of a provider that changes one record at a time. */
export interface RecordCalls {
  /** @returns whether it was there */
  update(record: KeptRecord): Promise<boolean>
  create(record: NewRecord): Promise<void>
  /** One that is gone already is as good as removed. */
  remove(id: string): Promise<void>
}

/**
 * Record after record: first those that are rewritten, then those that are new, and last those that go, so that a name is never without
 * its records, also where this ends in the middle.
 *
 * @returns false where the first of them was no longer there, so that nothing was changed
 * @throws CloudError `busy` where somebody else has changed a part of it in between; `unavailable` whatever ends it in the middle;
 *   what the first call throws
 */
export async function applyRecords(who: string, { updates, creates, deletes }: RecordChanges, calls: RecordCalls): Promise<boolean> {
  let done = 0
  try {
    for (const record of updates) {
      if (await calls.update(record)) done += 1
      else if (done === 0) return false
      else throw new CloudError({ who, fault: 'busy', why: 'somebody else has changed records while they were changed here' })
    }
    for (const record of creates) {
      await calls.create(record)
      done += 1
    }
    for (const id of deletes) {
      await calls.remove(id)
      done += 1
    }
    return true
  } catch (error) {
    throw done > 0 && error instanceof CloudError ? inTheMiddle(who, error) : error
  }
}

/** A refusal says that nothing was done; here a part was. */
function inTheMiddle(who: string, error: CloudError): CloudError {
  if (error.fault === 'unavailable' || error.fault === 'busy') return error
  const { message, retryAfterMs } = error
  return new CloudError({ who, fault: 'unavailable', why: `a part of it was done: ${message}`, retryAfterMs, cause: error })
}
