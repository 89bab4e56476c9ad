import type { Clock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import {
  type ClientTlsOptions,
  clientTlsPart,
  clockPart,
  dispatcherPart,
  originPart,
  pathPrefixPart,
  refuseIdleTls,
  visiblePart,
} from '../schema-parts.ts'

/** Who asks. */
export type S3Credentials =
  /** A key of one's own; with a session token where it has one, which is not renewed then. */
  | {
      readonly type: 'static'
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string | undefined
    }
  /** The role of the machine (EC2, IMDSv2). */
  | {
      readonly type: 'instance'
      /** Default: `http://169.254.169.254` */
      readonly url?: string | undefined
    }
  /** The role of the container (ECS, EKS Pod Identity). */
  | {
      readonly type: 'container'
      /** What `AWS_CONTAINER_CREDENTIALS_FULL_URI` says, or `http://169.254.170.2` and what `..._RELATIVE_URI` says. */
      readonly url: string
      /** An absolute path: what `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` says. It is read with each renewal. */
      readonly tokenFile?: string | undefined
    }

export interface S3RegisterOptions {
  readonly bucket: string
  /** As it is signed: `eu-central-1`; `us-east-1` for a store that has none, `auto` for R2. */
  readonly region: string
  /** Default: `https://s3.<region>.amazonaws.com` */
  readonly endpoint?: string | undefined
  /** The bucket in the path, and not in the host's name. Default: true with an `endpoint` of your own, and for a bucket with dots */
  readonly pathStyle?: boolean | undefined
  readonly credentials: S3Credentials
  /** What the keys begin with; a lease `shop` is kept at `hotspare/lease/shop`. Default: `hotspare/lease/` */
  readonly prefix?: string | undefined
  /** For an `https:` endpoint. */
  readonly tls?: ClientTlsOptions | undefined
  /** The way out, for a proxy or connections of your own; it stays the caller's to close. Default: HTTP/1.1 connections that are kept */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedS3RegisterOptions {
  readonly bucket: string
  readonly region: string
  /** What keys follow: `https://bucket.s3.eu-central-1.amazonaws.com/` */
  readonly base: string
  readonly credentials: S3Credentials
  readonly prefix: string
  readonly tls: ClientTlsOptions | undefined
  readonly dispatcher: Dispatcher | undefined
  readonly clock: Clock
}

const credentialsSchema: z.ZodType<S3Credentials, S3Credentials> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('static'),
    accessKeyId: visiblePart(256),
    secretAccessKey: visiblePart(1_024),
    sessionToken: visiblePart(16_384).optional(),
  }),
  z.strictObject({ type: z.literal('instance'), url: originPart('http://169.254.169.254').optional() }),
  z.strictObject({
    type: z.literal('container'),
    url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => URL.parse(url)?.username === '' && URL.parse(url)?.password === '', 'write a URL without user and password'),
    tokenFile: z.string().startsWith('/', 'expected an absolute path').max(4_096).optional(),
  }),
])

export const s3RegisterOptionsSchema: z.ZodType<ResolvedS3RegisterOptions, S3RegisterOptions> = z
  .strictObject({
    // Amazon's rules for names; other stores are seldom wider.
    bucket: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9]))*[a-z0-9]$/, 'expected 3 to 63 lower-case letters, digits, "-" and "."')
      .min(3)
      .max(63),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'expected a region like eu-central-1')
      .max(64),
    endpoint: originPart('https://minio.example.com:9000').optional(),
    pathStyle: z.boolean().optional(),
    credentials: credentialsSchema,
    prefix: pathPrefixPart,
    tls: clientTlsPart.optional(),
    dispatcher: dispatcherPart,
    clock: clockPart,
  })
  .superRefine(({ endpoint, tls, dispatcher }, context) =>
    refuseIdleTls({ origins: endpoint === undefined ? [] : [endpoint], tls, dispatcher }, context),
  )
  .transform(({ endpoint, pathStyle, ...rest }): ResolvedS3RegisterOptions => {
    const { bucket, region, credentials, prefix, tls, dispatcher, clock } = rest
    const isInPath = pathStyle ?? (endpoint !== undefined || bucket.includes('.'))
    const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`)
    const base = isInPath ? `${url.origin}/${bucket}/` : `${url.protocol}//${bucket}.${url.host}/`
    return { bucket, region, base, credentials, prefix, tls, dispatcher, clock }
  })
