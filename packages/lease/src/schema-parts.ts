import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { type Clock, errorText, type Logger, silentLogger, systemClock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { pathPrefixProblem } from './path-key.ts'

/** How a TLS connection to a register is made. The texts are PEM. */
export interface ClientTlsOptions {
  /** Certificates to trust instead of Node's own list. */
  readonly ca?: string | undefined
  /** This client's certificate, for a server that asks for one; with `key`. */
  readonly cert?: string | undefined
  /** The private key of `cert`. */
  readonly key?: string | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: the host that is connected to */
  readonly servername?: string | undefined
  /** `false` accepts any certificate: whoever sits in between can then grant and take rights. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
}

const text = z.string().min(1)

/** Certificates and keys are read here, so that a mistake is the caller's and not the first call's. */
export const clientTlsPart: z.ZodType<ClientTlsOptions, ClientTlsOptions> = z
  .strictObject({
    ca: text.optional(),
    cert: text.optional(),
    key: text.optional(),
    servername: text.optional(),
    rejectUnauthorized: z.boolean().optional(),
  })
  .superRefine(({ ca, cert, key }, context) => {
    if ((cert === undefined) !== (key === undefined)) context.addIssue({ code: 'custom', message: 'cert and key go together' })
    refuseUnreadable({ ca, cert, key }, context)
  })

export const clockPart: z.ZodDefault<z.ZodType<Clock, Clock>> = z
  .custom<Clock>((value) => hasMethod(value, 'schedule'), 'expected a Clock')
  .default(systemClock)

export const loggerPart: z.ZodDefault<z.ZodType<Logger, Logger>> = z
  .custom<Logger>((value) => hasMethod(value, 'error'), 'expected a Logger')
  .default(silentLogger)

export const dispatcherPart: z.ZodOptional<z.ZodType<Dispatcher, Dispatcher>> = z
  .custom<Dispatcher>((value) => hasMethod(value, 'dispatch'), 'expected a Dispatcher of undici')
  .optional()

/** A credential, or what else goes into a header as it is. */
export function visiblePart(maxCharacters: number): z.ZodString {
  return z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'expected visible ASCII characters')
    .max(maxCharacters)
}

/** What keys begin with, of stores that are asked by URL. */
export const pathPrefixPart: z.ZodDefault<z.ZodType<string, string>> = z
  .string()
  .superRefine((prefix, context) => {
    const message = pathPrefixProblem(prefix)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .default('hotspare/lease/')

/** Members of one cluster, each once. */
export function originsPart(example: string, most: number): z.ZodType<readonly string[], readonly string[]> {
  return z
    .array(originPart(example))
    .min(1)
    .max(most)
    .transform((origins) => [...new Set(origins)])
}

/** Adds an issue for TLS options that would not be used: a connection that is taken for a safe one, and is none. */
export function refuseIdleTls(
  options: { readonly tls?: unknown; readonly dispatcher?: unknown; readonly origins: readonly string[] },
  context: z.RefinementCtx,
): void {
  const { tls, dispatcher, origins } = options
  if (tls === undefined) return
  const problem = (message: string) => context.addIssue({ code: 'custom', path: ['tls'], message })
  if (dispatcher !== undefined) problem('a dispatcher makes its own connections: give it the TLS options')
  if (!origins.every((origin) => origin.startsWith('https:'))) problem('every endpoint must begin with https:// then')
}

/** A URL that is nothing but scheme, host and port, in its usual form. */
export function originPart(example: string): z.ZodType<string, string> {
  return z
    .string()
    .refine(isOrigin, `write a URL like ${example}, without user, password, path or query`)
    .transform((url) => new URL(url).origin)
}

/** Adds an issue for PEM texts that Node cannot read. */
export function refuseUnreadable(
  pem: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined },
  context: z.RefinementCtx,
): void {
  try {
    createSecureContext(pem)
    // OpenSSL takes what is no certificate for an empty list, and then trusts nobody.
    if (pem.ca !== undefined) void new X509Certificate(pem.ca)
  } catch (error) {
    context.addIssue({ code: 'custom', message: `cannot be read: ${errorText(error)}` })
  }
}

export function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}

function isOrigin(url: string): boolean {
  const parsed = /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(url) ? URL.parse(url) : null
  return parsed !== null && parsed.username === '' && parsed.password === ''
}
