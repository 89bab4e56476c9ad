import { consulRegisterOptionsSchema } from '@hotspare/lease/consul'
import { kubernetesRegisterOptionsSchema } from '@hotspare/lease/kubernetes'
import { s3RegisterOptionsSchema } from '@hotspare/lease/s3'
import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { ArbiterConfig } from './config.ts'
import { defaults, limits } from './defaults.ts'
import { absolutePathSchema, type Choice, durationSchema, readable, readOption, textSchema, tokenSchema } from './schema-scalars.ts'

// Arbiters that are asked over HTTP by the drivers of `@hotspare/lease`: what is accepted here is accepted there.

export interface ConsulInput {
  readonly type: 'consul'
  readonly endpoints: string[]
  readonly datacenter: string
  readonly ttl: string
  readonly prefix?: string | undefined
  readonly token?: string | undefined
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface KubernetesInput {
  readonly type: 'kubernetes'
  readonly namespace: string
  readonly ttl: string
  readonly server?: string | undefined
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  readonly ca?: string | undefined
  readonly caFile?: string | undefined
  readonly prefix?: string | undefined
}

export interface S3Input {
  readonly type: 's3'
  readonly bucket: string
  readonly region: string
  readonly ttl: string
  readonly credentials: S3CredentialsInput
  readonly endpoint?: string | undefined
  readonly pathStyle?: boolean | undefined
  readonly prefix?: string | undefined
  readonly ca?: string | undefined
}

export type S3CredentialsInput =
  | {
      readonly type: 'static'
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string | undefined
    }
  | { readonly type: 'instance' }
  | { readonly type: 'container'; readonly url: string; readonly tokenFile?: string | undefined }

/** As it is read, before it is seen that two spellings are one. */
type ParsedStore<Type extends ArbiterConfig['type']> = Omit<Extract<ArbiterConfig, { readonly type: Type }>, 'ttlMs'> & {
  readonly ttl: number
}

/** Below a quarter of a second late timers eat up the margin; after an hour, people are quicker. */
export const ttlSchema: z.ZodType<number, string> = durationSchema('250ms', '1h').describe(
  'How long others wait before they take over from a node that does not renew its lease. A takeover after a crash takes up to 1.5 times as long.',
)

const pem = (title: string, file: string, secret?: true) =>
  readable((text) => (/-----BEGIN [A-Z0-9 ]+-----/.test(text) ? { ok: true, value: text } : { ok: false, hint: 'a text in PEM' }), {
    title,
    examples: [`\${file:/etc/hotspare/${file}}`],
    ...(secret ? { writeOnly: true as const } : {}),
  })
const caSchema = pem('certificate bundle', 'ca.pem').describe(
  'Who may have signed its certificate, in PEM, instead of the public authorities.',
)

const CONSUL = { endpoints: ['http://127.0.0.1:8500'], datacenter: 'fra' }
const consulPrefix = readable((text) => readOption(text, 'prefix', consulRegisterOptionsSchema, CONSUL), {
  title: 'key prefix',
  examples: [defaults.arbiter.prefix],
})

export const consulSchema: Choice<ParsedStore<'consul'>, ConsulInput> = z.strictObject({
  type: z.literal('consul').describe('Leases are kept in the key-value store of a Consul.'),
  endpoints: z
    .array(
      readable((text) => asOrigin(readOption(text, 'endpoints', consulRegisterOptionsSchema, { datacenter: 'fra' }, (value) => [value])), {
        title: 'Consul URL',
        examples: ['http://127.0.0.1:8500'],
      }),
    )
    .min(1)
    .max(limits.endpoints)
    .describe('Agents or servers of one cluster; the first is asked first.'),
  datacenter: readable((text) => readOption(text, 'datacenter', consulRegisterOptionsSchema, CONSUL), {
    title: 'data centre',
    examples: ['fra'],
  }).describe(
    "Consul's name of the data centre whose store it is, the same on all nodes: each has a store of its own, and nodes at two sites would otherwise keep two leases.",
  ),
  ttl: ttlSchema,
  prefix: consulPrefix.prefault(defaults.arbiter.prefix).describe('What the keys begin with; the same on all nodes.'),
  token: tokenSchema.optional().describe('For a Consul with ACLs: one that may write below the prefix. Keep it out of the file.'),
  ca: caSchema.optional(),
  cert: pem('certificate', 'consul.pem')
    .optional()
    .describe("This node's certificate, in PEM, for a Consul that asks for one; with a key."),
  key: pem('private key', 'consul-key.pem', true).optional().describe('Of the certificate, in PEM. Keep it out of the file.'),
})

const KUBERNETES = { namespace: 'hotspare' }

export const kubernetesSchema: Choice<ParsedStore<'kubernetes'>, KubernetesInput> = z.strictObject({
  type: z.literal('kubernetes').describe('Leases are kept in Lease objects of a Kubernetes.'),
  namespace: readable((text) => readOption(text, 'namespace', kubernetesRegisterOptionsSchema, {}), {
    title: 'namespace',
    examples: ['hotspare'],
  }).describe('Of the Lease objects, the same on all nodes; it has to exist.'),
  ttl: ttlSchema,
  server: readable((text) => asOrigin(readOption(text, 'server', kubernetesRegisterOptionsSchema, KUBERNETES)), {
    title: 'API server URL',
    examples: ['https://10.0.0.1:6443'],
  })
    .optional()
    .describe('The API server. Default: the one that every pod knows, https://kubernetes.default.svc.'),
  token: tokenSchema.optional().describe('A bearer token that is not replaced; instead of tokenFile. Keep it out of the file.'),
  tokenFile: absolutePathSchema
    .optional()
    .describe("A file with a bearer token, read again each minute. Default: that of the pod's service account."),
  ca: caSchema.optional(),
  caFile: absolutePathSchema
    .optional()
    .describe(
      "A file with such certificates, read again each minute. Default: that of the pod's service account, where there is no server.",
    ),
  prefix: readable((text) => readOption(text, 'prefix', kubernetesRegisterOptionsSchema, KUBERNETES), {
    title: 'name prefix',
    examples: [defaults.arbiter.objectPrefix],
  })
    .prefault(defaults.arbiter.objectPrefix)
    .describe('What the names of the objects begin with; the same on all nodes.'),
})

const credentials = { type: 'instance' }
const S3 = { bucket: 'hotspare', region: 'eu-central-1', credentials }
const keyPart = (title: string, example: string) =>
  readable(
    (text) => (/^[\x21-\x7e]+$/.test(text) ? { ok: true, value: text } : { ok: false, hint: 'visible ASCII characters without spaces' }),
    {
      title,
      examples: [example],
      writeOnly: true,
    },
  )

const credentialsSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('static').describe('A key that is not replaced.'),
    accessKeyId: textSchema('access key', 'AKIAEXAMPLE').describe('The id of the key.'),
    secretAccessKey: keyPart('secret key', '${file:/run/secrets/s3}').describe('Keep it out of the file: ${env:NAME} or ${file:/path}.'),
    sessionToken: keyPart('session token', '${env:AWS_SESSION_TOKEN}').optional().describe('Where the key has one; it is over with it.'),
  }),
  z.strictObject({ type: z.literal('instance').describe('The role of the machine, from its metadata (EC2, IMDSv2); renewed in time.') }),
  z.strictObject({
    type: z.literal('container').describe('The role of the container (ECS, EKS Pod Identity); renewed in time.'),
    url: readable((text) => readOption(text, 'credentials', s3RegisterOptionsSchema, S3, (url) => ({ type: 'container', url })), {
      title: 'URL',
      examples: ['${env:AWS_CONTAINER_CREDENTIALS_FULL_URI}'],
    }).describe(
      'What AWS_CONTAINER_CREDENTIALS_FULL_URI says; or http://169.254.170.2 and what AWS_CONTAINER_CREDENTIALS_RELATIVE_URI says.',
    ),
    tokenFile: absolutePathSchema.optional().describe('What AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE says.'),
  }),
])

export const s3Schema: Choice<ParsedStore<'s3'>, S3Input> = z.strictObject({
  type: z
    .literal('s3')
    .describe(
      'Leases are kept in a bucket of S3, or of a store that heeds If-Match on a write as S3 does; whether it does is tried at the start.',
    ),
  bucket: readable((text) => readOption(text, 'bucket', s3RegisterOptionsSchema, { region: S3.region, credentials }), {
    title: 'bucket',
    examples: ['hotspare'],
  }).describe('One whose objects nothing deletes or brings back: no expiry, no replication from elsewhere.'),
  region: readable((text) => readOption(text, 'region', s3RegisterOptionsSchema, { bucket: S3.bucket, credentials }), {
    title: 'region',
    examples: ['eu-central-1'],
  }).describe('As requests are signed for: us-east-1 for a store that has none, auto for R2.'),
  ttl: ttlSchema,
  credentials: credentialsSchema.describe('As whom it is asked.'),
  endpoint: readable((text) => asOrigin(readOption(text, 'endpoint', s3RegisterOptionsSchema, S3)), {
    title: 'S3 URL',
    examples: ['https://minio.example.com:9000'],
  })
    .optional()
    .describe('Of a store that is not Amazon. Default: that of the region.'),
  pathStyle: z
    .boolean()
    .optional()
    .describe("Whether the bucket is in the path, and not in the host's name. Default: true with an endpoint, and for a bucket with dots."),
  prefix: readable((text) => readOption(text, 'prefix', s3RegisterOptionsSchema, S3), {
    title: 'key prefix',
    examples: [defaults.arbiter.prefix],
  })
    .prefault(defaults.arbiter.prefix)
    .describe('What the keys begin with; the same on all nodes.'),
  ca: caSchema.optional(),
})

/** One spelling of each, so that one that is there twice is seen to be. */
export function asOrigin(reading: Reading<string>): Reading<string> {
  return reading.ok ? { ok: true, value: new URL(reading.value).origin } : reading
}
