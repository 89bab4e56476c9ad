import { assertNever } from '@hotspare/core'
import { type ConsulRegisterOptions, consulDefaults, consulRegisterOptionsSchema } from '@hotspare/lease/consul'
import { type KubernetesRegisterOptions, kubernetesDefaults, kubernetesRegisterOptionsSchema } from '@hotspare/lease/kubernetes'
import { type S3RegisterOptions, s3Defaults, s3RegisterOptionsSchema } from '@hotspare/lease/s3'
import type { ParsedArbiter } from './schema-arbiter.ts'
import type { ArbiterConfig, ConsulArbiterConfig, KubernetesArbiterConfig, S3ArbiterConfig } from './config-cluster.ts'

// An arbiter of the file, as the options of the register that will keep its leases.

export function consulOptions({ endpoints, datacenter, prefix, token, ca, cert, key }: ConsulArbiterConfig): ConsulRegisterOptions {
  const hasTls = [ca, cert, key].some((text) => text !== undefined)
  return { endpoints, datacenter, prefix, token, ...(hasTls ? { tls: { ca, cert, key } } : {}) }
}

export function kubernetesOptions(arbiter: KubernetesArbiterConfig): KubernetesRegisterOptions {
  const { type: _, ttlMs: __, ...options } = arbiter
  return options
}

export function s3Options({ bucket, region, credentials, endpoint, pathStyle, prefix, ca }: S3ArbiterConfig): S3RegisterOptions {
  return { bucket, region, credentials, endpoint, pathStyle, prefix, ...(ca === undefined ? {} : { tls: { ca } }) }
}

/** What the register says of options that are each in order, with the key of the file that it is about. */
export function optionsProblem(arbiter: ParsedArbiter): { readonly key: string; readonly message: string } | undefined {
  const issue = issueOf(arbiter)
  if (!issue) return undefined
  const [name] = issue.path
  const written = ['ca', 'cert', 'key'].find((key) => Reflect.get(arbiter, key) !== undefined)
  return { key: name === 'tls' || name === undefined ? (written ?? 'type') : String(name), message: issue.message }
}

function issueOf(arbiter: ParsedArbiter) {
  switch (arbiter.type) {
    case 'consul':
      return consulRegisterOptionsSchema.safeParse(consulOptions(arbiter)).error?.issues[0]
    case 'kubernetes':
      return kubernetesRegisterOptionsSchema.safeParse(kubernetesOptions(arbiter)).error?.issues[0]
    case 's3':
      return s3RegisterOptionsSchema.safeParse(s3Options(arbiter)).error?.issues[0]
    case 'etcd':
    case 'postgres':
    case 'witness':
    case 'none':
      return undefined
    default:
      return assertNever(arbiter)
  }
}

/** With a shorter ttl, answers that this kind of store gives now and then come too late; undefined where none is known. */
export function calmTtlMs(type: ArbiterConfig['type']): number | undefined {
  switch (type) {
    case 'consul':
      return consulDefaults.calmTtlMs
    case 'kubernetes':
      return kubernetesDefaults.calmTtlMs
    case 's3':
      return s3Defaults.calmTtlMs
    case 'etcd':
    case 'postgres':
    case 'witness':
    case 'none':
      return undefined
    default:
      return assertNever(type)
  }
}

/** Which of the stores of its kind it is; undefined where its kind says it all. */
export function placeOfLeases(arbiter: ArbiterConfig): string | undefined {
  switch (arbiter.type) {
    case 'consul':
      return `data centre ${arbiter.datacenter}`
    case 'kubernetes':
      return `namespace ${arbiter.namespace}`
    case 's3':
      return `bucket ${arbiter.bucket} in ${arbiter.region}`
    case 'etcd':
    case 'postgres':
    case 'witness':
    case 'none':
      return undefined
    default:
      return assertNever(arbiter)
  }
}
