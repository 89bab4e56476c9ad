import { memoryRegister } from '@hotspare/lease/memory'
import { registerLeases } from '../register-leases.ts'
import type { LeaseSubject } from '../subject.ts'

export const memory: LeaseSubject = {
  name: 'Hotspare memory',
  store: 'memory',
  role: 'hotspare',
  setup: 'a Map in the process',
  open: (_site, leases) => registerLeases(memoryRegister(), leases),
}
