import { witnessRegister } from '@hotspare/lease/witness'
import { registerLeases } from '../register-leases.ts'
import type { LeaseSubject } from '../subject.ts'
import { benchSecret } from '../witness-secret.ts'

export const witness: LeaseSubject = {
  name: 'Hotspare witness',
  store: 'witness',
  role: 'hotspare',
  setup: 'signed HTTP to a witness in a process of its own, which replaces and syncs its file; what comes together shares a write',
  open: ({ url }, leases) => registerLeases(witnessRegister({ url, secret: benchSecret }), leases),
}
