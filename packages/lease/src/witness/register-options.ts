import type { Clock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { type ClientTlsOptions, clientTlsPart, clockPart, dispatcherPart, originPart } from '../schema-parts.ts'
import { type WitnessSecret, witnessSecretSchema } from './secret.ts'

export interface WitnessRegisterOptions {
  /** `http://10.0.0.9:7402`, or with `https:`. */
  readonly url: string
  /** One that the witness knows. */
  readonly secret: WitnessSecret
  /** For an `https:` URL. */
  readonly tls?: ClientTlsOptions | undefined
  /** The way out, for a proxy or connections of your own; it stays the caller's to close. Default: HTTP/1.1 connections that are kept */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedWitnessRegisterOptions {
  /** An origin. */
  readonly url: string
  readonly secret: WitnessSecret
  readonly tls?: ClientTlsOptions | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

export const witnessRegisterOptionsSchema: z.ZodType<ResolvedWitnessRegisterOptions, WitnessRegisterOptions> = z
  .strictObject({
    url: originPart('http://10.0.0.9:7402'),
    secret: witnessSecretSchema,
    tls: clientTlsPart.optional(),
    dispatcher: dispatcherPart,
    clock: clockPart,
  })
  .superRefine(({ url, tls, dispatcher }, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', path: ['tls'], message })
    if (tls && dispatcher) problem('a dispatcher makes its own connections: give it the TLS options')
    if (tls && !url.startsWith('https:')) problem('the URL must begin with https:// then')
  })
