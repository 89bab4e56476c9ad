import { createSecureContext } from 'node:tls'
import { type Clock, errorText, systemClock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { type WitnessSecret, witnessSecretSchema } from './secret.ts'

/** How a TLS connection to the witness is made. The texts are PEM. */
export interface WitnessRegisterTlsOptions {
  /** Certificates to trust instead of Node's own list. */
  readonly ca?: string | undefined
  /** This client's certificate, for a witness that asks for one (`clientCa`); with `key`. */
  readonly cert?: string | undefined
  /** The private key of `cert`. */
  readonly key?: string | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: the host of the URL */
  readonly servername?: string | undefined
}

export interface WitnessRegisterOptions {
  /** `http://10.0.0.9:7402`, or with `https:`. */
  readonly url: string
  /** One that the witness knows. */
  readonly secret: WitnessSecret
  /** For an `https:` URL. */
  readonly tls?: WitnessRegisterTlsOptions | undefined
  /** The way out, for a proxy or connections of your own; it stays the caller's to close. Default: HTTP/1.1 connections that are kept */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedWitnessRegisterOptions {
  /** An origin. */
  readonly url: string
  readonly secret: WitnessSecret
  readonly tls?: WitnessRegisterTlsOptions | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

const pem = z.string().min(1)

const tlsPart: z.ZodType<WitnessRegisterTlsOptions, WitnessRegisterTlsOptions> = z
  .strictObject({ ca: pem.optional(), cert: pem.optional(), key: pem.optional(), servername: z.string().min(1).optional() })
  .superRefine(({ ca, cert, key }, context) => {
    if ((cert === undefined) !== (key === undefined)) context.addIssue({ code: 'custom', message: 'cert and key go together' })
    try {
      createSecureContext({ ca, cert, key })
    } catch (error) {
      context.addIssue({ code: 'custom', message: `cannot be read: ${errorText(error)}` })
    }
  })

export const witnessRegisterOptionsSchema: z.ZodType<ResolvedWitnessRegisterOptions, WitnessRegisterOptions> = z
  .strictObject({
    url: z
      .string()
      .refine(isOrigin, 'write a URL like http://10.0.0.9:7402, without user, password, path or query')
      .transform((text) => new URL(text).origin),
    secret: witnessSecretSchema,
    tls: tlsPart.optional(),
    dispatcher: z.custom<Dispatcher>((value) => hasMethod(value, 'dispatch'), 'expected a Dispatcher of undici').optional(),
    clock: z.custom<Clock>((value) => hasMethod(value, 'schedule'), 'expected a Clock').default(systemClock),
  })
  .superRefine(({ url, tls, dispatcher }, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', path: ['tls'], message })
    if (tls && dispatcher) problem('a dispatcher makes its own connections: give it the TLS options')
    if (tls && !url.startsWith('https:')) problem('the URL must begin with https:// then')
  })

function isOrigin(text: string): boolean {
  const url = /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text) ? URL.parse(text) : null
  return url !== null && url.username === '' && url.password === ''
}

function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}
