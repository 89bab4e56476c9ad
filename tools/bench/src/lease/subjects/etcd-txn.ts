import { HotspareError } from '@hotspare/core'
import { base64, etcdCalls } from '../etcd-calls.ts'
import { leaseName, recordText } from '../records.ts'
import type { LeaseSubject } from '../subject.ts'

export const etcdTxn: LeaseSubject = {
  name: 'bare /v3/kv/txn',
  store: 'etcd',
  role: 'floor',
  setup: 'the same comparison and write, by undici alone',
  async open({ url }, leases) {
    const call = etcdCalls(url)
    const held: string[] = []
    const keys = Array.from({ length: leases }, (_, lease) => base64(`bare/${leaseName(lease)}`))
    for (const [lease, key] of keys.entries()) await call('/v3/kv/put', { key, value: (held[lease] = base64(recordText(0))) })
    let renewal = 0
    return {
      async renew(lease) {
        renewal += 1
        const key = keys[lease]
        const value = base64(recordText(renewal))
        const answer = await call('/v3/kv/txn', {
          compare: [{ key, result: 'EQUAL', target: 'VALUE', value: held[lease] }],
          success: [{ request_put: { key, value } }],
        })
        if (answer['succeeded'] !== true)
          throw new HotspareError({ code: 'HOTSPARE_BENCH_LOST', message: 'bench: the transaction did not fit' })
        held[lease] = value
      },
    }
  },
}
