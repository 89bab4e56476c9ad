import { postgresRegister } from '@hotspare/lease/postgres'
import { registerLeases } from '../register-leases.ts'
import type { LeaseSubject } from '../subject.ts'

export const postgres: LeaseSubject = {
  name: 'Hotspare postgres',
  store: 'postgres',
  role: 'hotspare',
  setup: 'fsync on; settings, UPDATE and SELECT in one message, over at most 2 connections, one call on each at a time',
  open: ({ url }, leases) => registerLeases(postgresRegister({ connection: url }), leases),
}
