import type { LeaseSubject } from './subject.ts'
import { bareFile } from './subjects/bare-file.ts'
import { bareMap } from './subjects/bare-map.ts'
import { barePostgres } from './subjects/bare-postgres.ts'
import { bareSqlite } from './subjects/bare-sqlite.ts'
import { etcd } from './subjects/etcd.ts'
import { etcdKeepalive } from './subjects/etcd-keepalive.ts'
import { etcdTxn } from './subjects/etcd-txn.ts'
import { memory } from './subjects/memory.ts'
import { postgres } from './subjects/postgres.ts'
import { sqlite } from './subjects/sqlite.ts'
import { witness } from './subjects/witness.ts'

/** In the order of each round: what is compared stands side by side. */
export const subjects: readonly LeaseSubject[] = [
  memory,
  bareMap,
  sqlite,
  bareSqlite,
  witness,
  bareFile,
  etcd,
  etcdTxn,
  etcdKeepalive,
  postgres,
  barePostgres,
]

/** How many leases are renewed at the same time, each by itself one renewal after the other. */
export const concurrencies: readonly number[] = [1, 8]
