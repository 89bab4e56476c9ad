import { HotspareError } from '@hotspare/core'
import { etcdCalls } from '../etcd-calls.ts'
import type { LeaseSubject } from '../subject.ts'

const TTL_SECONDS = 60

export const etcdKeepalive: LeaseSubject = {
  name: '/v3/lease/keepalive',
  store: 'etcd',
  role: 'alternative',
  setup: "etcd's own lease over the same gateway, by undici alone; kept in the leader's memory, so nothing is written to the disk",
  async open({ url }, leases) {
    const call = etcdCalls(url)
    const ids: unknown[] = []
    for (let lease = 0; lease < leases; lease++) ids.push((await call('/v3/lease/grant', { TTL: TTL_SECONDS }))['ID'])
    return {
      async renew(lease) {
        const { result } = await call('/v3/lease/keepalive', { ID: ids[lease] })
        // Zero is left out: an answer without it is about a lease that has expired.
        if (typeof result === 'object' && result !== null && 'TTL' in result) return
        throw new HotspareError({ code: 'HOTSPARE_BENCH_LOST', message: 'bench: the lease of etcd has expired' })
      },
    }
  },
}
