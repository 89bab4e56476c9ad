import { etcdRegisterOptionsSchema } from '@hotspare/lease/etcd'
import { postgresRegisterOptionsSchema } from '@hotspare/lease/postgres'
import { witnessRegisterOptionsSchema } from '@hotspare/lease/witness'
import { z } from 'zod'
import type { ArbiterConfig, NamedSecret } from './config.ts'
import { defaults, limits } from './defaults.ts'
import {
  asOrigin,
  type ConsulInput,
  consulSchema,
  type KubernetesInput,
  kubernetesSchema,
  type S3Input,
  s3Schema,
  ttlSchema as ttl,
} from './schema-arbiter-stores.ts'
import { namedSecretSchema, readable, readOption, textSchema } from './schema-scalars.ts'

export type ArbiterInput = EtcdInput | PostgresInput | ConsulInput | KubernetesInput | S3Input | WitnessInput | NoneInput

interface EtcdInput {
  readonly type: 'etcd'
  readonly endpoints: string[]
  readonly ttl: string
  readonly prefix?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
}

interface PostgresInput {
  readonly type: 'postgres'
  readonly connection: string | string[]
  readonly ttl: string
  readonly table?: string | undefined
}

interface WitnessInput {
  readonly type: 'witness'
  readonly url: string
  readonly secret: NamedSecret
  readonly ttl: string
}

interface NoneInput {
  readonly type: 'none'
  readonly acceptSplitBrain?: boolean | undefined
}

/** As the file has it: without an arbiter, that what it means is accepted is checked later, with words of its own. */
export type ParsedArbiter =
  | Exclude<ArbiterConfig, { readonly type: 'none' }>
  | { readonly type: 'none'; readonly acceptSplitBrain: boolean }

// Each of these is understood by the register that will use it, so that what is accepted here is accepted there.
const ETCD = { endpoints: ['http://10.0.0.5:2379'] }
const endpointSchema = readable((text) => asOrigin(readOption(text, 'endpoints', etcdRegisterOptionsSchema, {}, (value) => [value])), {
  title: 'etcd URL',
  examples: ['http://10.0.0.5:2379'],
})
const prefixSchema = readable((text) => readOption(text, 'prefix', etcdRegisterOptionsSchema, ETCD), {
  title: 'key prefix',
  examples: [defaults.arbiter.prefix],
})
const connectionSchema = readable((text) => readOption(text, 'connection', postgresRegisterOptionsSchema, {}), {
  title: 'PostgreSQL URL',
  examples: ['postgres://hotspare@10.0.0.6/hotspare'],
  writeOnly: true,
})
const tableSchema = readable((text) => readOption(text, 'table', postgresRegisterOptionsSchema, { connection: 'postgres://u@h' }), {
  title: 'table',
  examples: [defaults.arbiter.table],
})
const witnessUrlSchema = readable((text) => asOrigin(readOption(text, 'url', witnessRegisterOptionsSchema, { secret: {} })), {
  title: 'witness URL',
  examples: ['http://10.0.0.9:7402'],
})
const passwordSchema = readable((text) => readOption(text, 'password', etcdRegisterOptionsSchema, ETCD), {
  title: 'password',
  examples: ['${env:ETCD_PASSWORD}'],
  writeOnly: true,
})

export const arbiterSchema: z.ZodType<ParsedArbiter, ArbiterInput> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('etcd').describe('Leases are kept in an etcd 3.4 or later.'),
      endpoints: z.array(endpointSchema).min(1).max(limits.endpoints).describe('Members of one etcd cluster; the first is asked first.'),
      ttl,
      prefix: prefixSchema.prefault(defaults.arbiter.prefix).describe('What the keys begin with; the same on all nodes.'),
      user: textSchema('user', 'hotspare').optional().describe('For an etcd with authentication; with a password.'),
      password: passwordSchema.optional().describe('Of the user. Keep it out of the file: ${env:NAME} or ${file:/path}.'),
    }),
    z.strictObject({
      type: z.literal('postgres').describe('Leases are kept in a table of a PostgreSQL.'),
      connection: z
        .union([connectionSchema, z.array(connectionSchema).min(1).max(limits.endpoints)])
        .describe('postgres://user:password@host:5432/database, or a list of servers of one cluster.'),
      ttl,
      table: tableSchema
        .prefault(defaults.arbiter.table)
        .describe('The table, with or without a schema; created where it is missing. The same on all nodes.'),
    }),
    consulSchema,
    kubernetesSchema,
    s3Schema,
    z.strictObject({
      type: z.literal('witness').describe('Leases are kept by `hotspare witness` on a third machine.'),
      url: witnessUrlSchema.describe('Where the witness listens.'),
      secret: namedSecretSchema.describe('One that the witness knows.'),
      ttl,
    }),
    z.strictObject({
      type: z.literal('none').describe('Nobody is asked: nodes that cannot see each other are all active, as with VRRP.'),
      acceptSplitBrain: z.boolean().prefault(false).describe('Has to be true: that two nodes may be active at once is accepted.'),
    }),
  ])
  .transform(({ ...arbiter }): ParsedArbiter => {
    if (arbiter.type === 'none') return arbiter
    const { ttl: ttlMs, ...rest } = arbiter
    if (rest.type === 'etcd') return { ...rest, endpoints: [...new Set(rest.endpoints)], user: rest.user, password: rest.password, ttlMs }
    if (rest.type === 'consul') return { ...rest, endpoints: [...new Set(rest.endpoints)], ttlMs }
    return rest.type === 'postgres' ? { ...rest, connection: [rest.connection].flat(), ttlMs } : { ...rest, ttlMs }
  })
