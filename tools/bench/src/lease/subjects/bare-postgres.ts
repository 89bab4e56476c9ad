import { HotspareError } from '@hotspare/core'
import pg from 'pg'
import { benchRecord, leaseName, recordText } from '../records.ts'
import type { LeaseSubject } from '../subject.ts'

/** As many as the driver opens. */
const CONNECTIONS = 2

export const barePostgres: LeaseSubject = {
  name: 'bare pg UPDATE',
  store: 'postgres',
  role: 'floor',
  setup: 'pg, one prepared UPDATE that compares the revision, over 2 connections; the same table',
  async open({ url }, leases) {
    const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: url }))
    for (const client of clients) await client.connect()
    const [first] = clients
    await first?.query('CREATE TABLE bare_lease (name text PRIMARY KEY, record jsonb NOT NULL)')
    for (let lease = 0; lease < leases; lease++)
      await first?.query('INSERT INTO bare_lease VALUES ($1, $2)', [leaseName(lease), recordText(0)])
    const held: string[] = Array.from({ length: leases }, () => benchRecord(0).revision)
    const text = "UPDATE bare_lease SET record = $1 WHERE name = $2 AND record->>'revision' = $3"
    let renewal = 0
    return {
      async renew(lease) {
        renewal += 1
        const next = benchRecord(renewal)
        const values = [JSON.stringify(next), leaseName(lease), held[lease]]
        const result = await clients[lease % CONNECTIONS]?.query({ name: 'renew', text, values })
        if (result?.rowCount !== 1) throw new HotspareError({ code: 'HOTSPARE_BENCH_LOST', message: 'bench: the UPDATE changed nothing' })
        held[lease] = next.revision
      },
    }
  },
}
