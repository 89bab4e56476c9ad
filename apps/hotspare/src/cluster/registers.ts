import { assertNever, type Clock } from '@hotspare/core'
import type { LeaseRegister } from '@hotspare/lease'
import { etcdRegister } from '@hotspare/lease/etcd'
import { postgresRegister } from '@hotspare/lease/postgres'
import { witnessRegister } from '@hotspare/lease/witness'
import type { ArbiterConfig } from '../config/config.ts'

/** The register of an arbiter; undefined where there is none. */
export function registerFor(arbiter: ArbiterConfig, clock: Clock): LeaseRegister | undefined {
  switch (arbiter.type) {
    case 'etcd': {
      const { endpoints, prefix, user, password } = arbiter
      return etcdRegister({ endpoints, prefix, user, password, clock })
    }
    case 'postgres':
      return postgresRegister({ connection: arbiter.connection, table: arbiter.table, clock })
    case 'witness':
      return witnessRegister({ url: arbiter.url, secret: arbiter.secret, clock })
    case 'none':
      return undefined
    default:
      return assertNever(arbiter)
  }
}
