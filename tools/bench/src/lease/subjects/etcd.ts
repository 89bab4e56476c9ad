import { etcdRegister } from '@hotspare/lease/etcd'
import { registerLeases } from '../register-leases.ts'
import type { LeaseSubject } from '../subject.ts'

export const etcd: LeaseSubject = {
  name: 'Hotspare etcd',
  store: 'etcd',
  role: 'hotspare',
  setup: 'one member, no authentication; a transaction over the v3 JSON gateway, on the disk when it is answered',
  open: ({ url }, leases) => registerLeases(etcdRegister({ endpoints: [url] }), leases),
}
