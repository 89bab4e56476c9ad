import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HotspareError } from '@hotspare/core'
import { leaseName, recordText } from '../records.ts'
import type { LeaseSubject } from '../subject.ts'

export const bareSqlite: LeaseSubject = {
  name: 'bare sqlite UPDATE',
  store: 'sqlite',
  role: 'floor',
  setup: 'node:sqlite, one prepared UPDATE that compares the record, the same journal and synchronous settings',
  async open({ folder }, leases) {
    const database = new DatabaseSync(join(folder, 'bare.db'))
    database.exec('PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON; PRAGMA journal_mode = TRUNCATE')
    database.exec('CREATE TABLE lease (name TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL)')
    const held: string[] = []
    for (let lease = 0; lease < leases; lease++) {
      database.prepare('INSERT INTO lease VALUES (?, ?)').run(leaseName(lease), (held[lease] = recordText(0)))
    }
    const update = database.prepare('UPDATE lease SET record = ? WHERE name = ? AND record = ?')
    let renewal = 0
    return {
      async renew(lease) {
        renewal += 1
        const next = recordText(renewal)
        const { changes } = update.run(next, leaseName(lease), held[lease] ?? '')
        if (changes !== 1) throw new HotspareError({ code: 'HOTSPARE_BENCH_LOST', message: 'bench: the UPDATE changed nothing' })
        held[lease] = next
      },
    }
  },
}
