import type { CloudHttp } from '@hotspare/cloud'
import type { RecordSetName } from '../record-set.ts'
import { sameSet } from '../value.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { applyRecords, type RecordCalls } from './apply-records.ts'
import { readingOf } from './http-zone.ts'
import { type KeptRecord, recordChanges, setOf } from './records-by-id.ts'

/** What makes one provider without sets different from another. */
export interface RecordsDriver {
  /** All records of a name and type. */
  readonly recordsOf: (question: RecordSetName, signal: AbortSignal) => Promise<readonly KeptRecord[]>
  /** How those of one name and type are changed. */
  readonly callsFor: (question: RecordSetName, signal: AbortSignal) => Promise<RecordCalls>
}

/**
 * A zone whose provider changes one record at a time. It is looked at once more right before a change, since nobody compares for us,
 * and what is not as expected is a conflict.
 */
export function recordsZone(http: CloudHttp, { recordsOf, callsFor }: RecordsDriver): Pick<ZoneDriver, 'read' | 'change'> {
  const read: ZoneDriver['read'] = async (question, { signal }) => readingOf(http, question, setOf(await recordsOf(question, signal)))

  return {
    read,
    async change([replacement], { signal }) {
      if (!replacement) return { kind: 'applied' }
      const { expected, next } = replacement
      const kept = await recordsOf(expected, signal)
      const current = readingOf(http, expected, setOf(kept))
      if (!sameSet(current.set, expected.set)) return { kind: 'conflict', current: [current] }
      const wasThere = await applyRecords(http.who, recordChanges(kept, next), await callsFor(expected, signal))
      return wasThere ? { kind: 'applied' } : { kind: 'conflict', current: [await read(expected, { signal })] }
    },
  }
}
