import type { Clock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { etcdDefaults } from '../defaults.ts'
import {
  type ClientTlsOptions,
  clientTlsPart,
  clockPart,
  dispatcherPart,
  originsPart,
  refuseIdleTls,
  visiblePart,
} from '../schema-parts.ts'

export interface EtcdRegisterOptions {
  /** Members of one cluster: `http://10.0.0.5:2379`. The first is asked first. */
  readonly endpoints: readonly string[]
  /** What the keys begin with; a lease `shop` is kept at `hotspare/lease/shop`. Default: `hotspare/lease/` */
  readonly prefix?: string | undefined
  /** Needs the permission to read and write the prefix. Default: none, for an etcd without authentication */
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** For `https:` endpoints. */
  readonly tls?: ClientTlsOptions | undefined
  /** The way out, for a proxy or connections of your own; it stays the caller's to close. Default: HTTP/1.1 connections that are kept */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedEtcdRegisterOptions {
  /** Origins, each once. */
  readonly endpoints: readonly string[]
  readonly prefix: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly tls?: ClientTlsOptions | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

export const etcdRegisterOptionsSchema: z.ZodType<ResolvedEtcdRegisterOptions, EtcdRegisterOptions> = z
  .strictObject({
    endpoints: originsPart('http://10.0.0.5:2379', etcdDefaults.maxEndpoints),
    prefix: visiblePart(256).default('hotspare/lease/'),
    user: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    tls: clientTlsPart.optional(),
    dispatcher: dispatcherPart,
    clock: clockPart,
  })
  .superRefine(({ endpoints: origins, user, password, tls, dispatcher }, context) => {
    if ((user === undefined) !== (password === undefined)) {
      context.addIssue({ code: 'custom', path: ['user'], message: 'user and password go together' })
    }
    refuseIdleTls({ origins, tls, dispatcher }, context)
  })
