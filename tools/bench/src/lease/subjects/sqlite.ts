import { join } from 'node:path'
import { sqliteRegister } from '@hotspare/lease/sqlite'
import { registerLeases } from '../register-leases.ts'
import type { LeaseSubject } from '../subject.ts'

export const sqlite: LeaseSubject = {
  name: 'Hotspare sqlite',
  store: 'sqlite',
  role: 'hotspare',
  setup: 'rollback journal (TRUNCATE), synchronous = EXTRA; reads, compares and writes in one transaction',
  open: ({ folder }, leases) => registerLeases(sqliteRegister({ file: join(folder, 'hotspare.db') }), leases),
}
