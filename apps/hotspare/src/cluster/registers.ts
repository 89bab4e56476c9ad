import { assertNever, type Clock } from '@hotspare/core'
import type { LeaseRegister } from '@hotspare/lease'
import { consulRegister } from '@hotspare/lease/consul'
import { etcdRegister } from '@hotspare/lease/etcd'
import { kubernetesRegister } from '@hotspare/lease/kubernetes'
import { postgresRegister } from '@hotspare/lease/postgres'
import { s3Register } from '@hotspare/lease/s3'
import { witnessRegister } from '@hotspare/lease/witness'
import { consulOptions, kubernetesOptions, s3Options } from '../config/arbiter-options.ts'
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
    case 'consul':
      return consulRegister({ ...consulOptions(arbiter), clock })
    case 'kubernetes':
      return kubernetesRegister({ ...kubernetesOptions(arbiter), clock })
    case 's3':
      return s3Register({ ...s3Options(arbiter), clock })
    case 'witness':
      return witnessRegister({ url: arbiter.url, secret: arbiter.secret, clock })
    case 'none':
      return undefined
    default:
      return assertNever(arbiter)
  }
}
