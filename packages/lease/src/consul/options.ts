import type { Clock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import {
  type ClientTlsOptions,
  clientTlsPart,
  clockPart,
  dispatcherPart,
  originsPart,
  pathPrefixPart,
  refuseIdleTls,
  visiblePart,
} from '../schema-parts.ts'
import { consulDefaults } from './defaults.ts'

export interface ConsulRegisterOptions {
  /** Agents or servers of one cluster: `http://127.0.0.1:8500`. The first is asked first. */
  readonly endpoints: readonly string[]
  /**
   * Whose key-value store it is: each data centre of Consul has one of its own, and an agent that is not told answers from
   * that of its own, so nodes at two sites would keep two leases.
   */
  readonly datacenter: string
  /** What the keys begin with; a lease `shop` is kept at `hotspare/lease/shop`. Default: `hotspare/lease/` */
  readonly prefix?: string | undefined
  /** Of the ACL system; needs `key_prefix "hotspare/lease/" { policy = "write" }`. Default: none */
  readonly token?: string | undefined
  /** For `https:` endpoints. */
  readonly tls?: ClientTlsOptions | undefined
  /** The way out, for a proxy or connections of your own; it stays the caller's to close. Default: HTTP/1.1 connections that are kept */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedConsulRegisterOptions {
  /** Origins, each once. */
  readonly endpoints: readonly string[]
  readonly datacenter: string
  readonly prefix: string
  readonly token?: string | undefined
  readonly tls?: ClientTlsOptions | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

export const consulRegisterOptionsSchema: z.ZodType<ResolvedConsulRegisterOptions, ConsulRegisterOptions> = z
  .strictObject({
    endpoints: originsPart('http://127.0.0.1:8500', consulDefaults.maxEndpoints),
    // As Consul's own configuration takes it.
    datacenter: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/, 'expected letters, digits, "-" and "_"')
      .max(64),
    prefix: pathPrefixPart,
    token: visiblePart(consulDefaults.maxTokenCharacters).optional(),
    tls: clientTlsPart.optional(),
    dispatcher: dispatcherPart,
    clock: clockPart,
  })
  .superRefine(({ endpoints: origins, tls, dispatcher }, context) => refuseIdleTls({ origins, tls, dispatcher }, context))
