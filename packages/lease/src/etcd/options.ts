import { createSecureContext } from 'node:tls'
import { type Clock, errorText, systemClock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { etcdDefaults } from '../defaults.ts'

/** How a TLS connection to etcd is made. The texts are PEM. */
export interface EtcdTlsOptions {
  /** Certificates to trust instead of Node's own list. */
  readonly ca?: string | undefined
  /** This client's certificate, for an etcd that asks for one (`--client-cert-auth`); with `key`. */
  readonly cert?: string | undefined
  /** The private key of `cert`. */
  readonly key?: string | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: the endpoint's host */
  readonly servername?: string | undefined
  /** `false` accepts any certificate: whoever sits in between can then grant and take rights. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
}

export interface EtcdRegisterOptions {
  /** Members of one cluster: `http://10.0.0.5:2379`. The first is asked first. */
  readonly endpoints: readonly string[]
  /** What the keys begin with; a lease `shop` is kept at `hotspare/lease/shop`. Default: `hotspare/lease/` */
  readonly prefix?: string | undefined
  /** Needs the permission to read and write the prefix. Default: none, for an etcd without authentication */
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** For `https:` endpoints. */
  readonly tls?: EtcdTlsOptions | undefined
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
  readonly tls?: EtcdTlsOptions | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

const tlsPart: z.ZodType<EtcdTlsOptions, EtcdTlsOptions> = z
  .strictObject({
    ca: z.string().min(1).optional(),
    cert: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    servername: z.string().min(1).optional(),
    rejectUnauthorized: z.boolean().optional(),
  })
  .superRefine(({ ca, cert, key }, context) => {
    if ((cert === undefined) !== (key === undefined)) context.addIssue({ code: 'custom', message: 'cert and key go together' })
    try {
      createSecureContext({ ca, cert, key })
    } catch (error) {
      context.addIssue({ code: 'custom', message: `cannot be read: ${errorText(error)}` })
    }
  })

const endpointPart = z
  .string()
  .refine(isOrigin, 'write a URL like http://10.0.0.5:2379, without user, password, path or query')
  .transform((text) => new URL(text).origin)

export const etcdRegisterOptionsSchema: z.ZodType<ResolvedEtcdRegisterOptions, EtcdRegisterOptions> = z
  .strictObject({
    endpoints: z
      .array(endpointPart)
      .min(1)
      .max(etcdDefaults.maxEndpoints)
      .transform((endpoints) => [...new Set(endpoints)]),
    prefix: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'expected visible ASCII characters')
      .max(256)
      .default('hotspare/lease/'),
    user: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    tls: tlsPart.optional(),
    dispatcher: z.custom<Dispatcher>((value) => hasMethod(value, 'dispatch'), 'expected a Dispatcher of undici').optional(),
    clock: z.custom<Clock>((value) => hasMethod(value, 'schedule'), 'expected a Clock').default(systemClock),
  })
  .superRefine(({ endpoints, user, password, tls, dispatcher }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((user === undefined) !== (password === undefined)) problem('user', 'user and password go together')
    if (tls && dispatcher) problem('tls', 'a dispatcher makes its own connections: give it the TLS options')
    if (tls && !endpoints.every((endpoint) => endpoint.startsWith('https:'))) problem('tls', 'every endpoint must begin with https:// then')
  })

function isOrigin(text: string): boolean {
  const url = /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text) ? URL.parse(text) : null
  return url !== null && url.username === '' && url.password === ''
}

function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}
