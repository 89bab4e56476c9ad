import { benchRecord, leaseName } from '../records.ts'
import type { LeaseSubject } from '../subject.ts'

export const bareMap: LeaseSubject = {
  name: 'bare Map',
  store: 'memory',
  role: 'floor',
  setup: 'set() of a new record in an async function',
  async open() {
    const records = new Map<string, object>()
    let renewal = 0
    return {
      async renew(lease) {
        renewal += 1
        records.set(leaseName(lease), benchRecord(renewal))
      },
    }
  },
}
