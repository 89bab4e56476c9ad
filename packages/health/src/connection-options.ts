import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { probeDefaults } from './defaults.ts'
import { milliseconds } from './rules.ts'

/** Whom a probe asks, on a connection of its own. */
export interface ServerOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  /** Which addresses of a name are used. Default: whichever answers first */
  readonly family?: 4 | 6 | undefined
  /** One deadline over name, connection, TLS and all that is said, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link ServerOptions} with the defaults filled in. */
export interface ResolvedServer {
  readonly host: string
  readonly family?: 4 | 6 | undefined
  readonly timeoutMs: number
}

/** How TLS is spoken, wherever it is. */
export interface ProbeTlsOptions {
  /** `false` accepts any certificate: the probe then proves that something answers, not who. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: the host that is asked, in HTTP that of its Host header */
  readonly servername?: string | undefined
  /** Certificates to trust instead of Node's own list, PEM. */
  readonly ca?: string | undefined
}

/** Where to connect to instead of a URL's host and port. */
export interface ConnectTo {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

export const hostSchema: z.ZodString = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\s\p{Cc}[\]]*$/u, 'must be a name or an address, IPv6 without brackets')
  .describe('A name or an address, IPv6 without brackets.')

export const portSchema: z.ZodInt = z.int().min(1).max(65_535).describe('The TCP port.')

export const familySchema: z.ZodUnion<readonly [z.ZodLiteral<4>, z.ZodLiteral<6>]> = z
  .union([z.literal(4), z.literal(6)])
  .describe('Which addresses of a name are used: 4 or 6; both where it is left out.')

export const serverFields: {
  readonly host: z.ZodString
  readonly family: z.ZodOptional<typeof familySchema>
  readonly timeoutMs: z.ZodDefault<z.ZodInt>
} = {
  host: hostSchema,
  family: familySchema.optional(),
  timeoutMs: milliseconds
    .default(probeDefaults.timeoutMs)
    .describe('One deadline over name, connection, TLS and all that is said, in milliseconds.'),
}

export const connectToSchema: z.ZodType<ConnectTo, ConnectTo> = z
  .strictObject({ host: hostSchema.optional(), port: portSchema.optional() })
  .describe("Where to connect to instead of the URL's host and port.")

export const tlsFields: {
  readonly rejectUnauthorized: z.ZodOptional<z.ZodBoolean>
  readonly servername: z.ZodOptional<z.ZodString>
  readonly ca: z.ZodOptional<z.ZodString>
} = {
  rejectUnauthorized: z.boolean().optional().describe('`false` accepts any certificate; `true` unless set.'),
  servername: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The name asked for (SNI) and checked in the certificate; unless set, the host, in HTTP that of the Host header.'),
  ca: z
    .string()
    .refine(holdsCertificate, { message: 'must hold a certificate in PEM' })
    .optional()
    .describe("Certificates to trust instead of Node's own list, PEM."),
}

export const tlsField: z.ZodDefault<z.ZodType<ProbeTlsOptions, ProbeTlsOptions>> = z
  .strictObject(tlsFields)
  .default({})
  .describe('How TLS is spoken, where it is.')

/** For protocols without a word of their own for going over to TLS. */
export const plainOrTlsField: z.ZodDefault<z.ZodEnum<{ none: 'none'; tls: 'tls' }>> = z
  .enum(['none', 'tls'])
  .default('none')
  .describe('`none`, or `tls` from the first byte on.')

/** Names of protocols for ALPN: 1 to 255 bytes each (RFC 7301), of which the registered ones are visible ASCII. */
export const alpnSchema: z.ZodType<readonly string[], readonly string[]> = z.array(z.string().regex(/^[!-~]{1,255}$/)).max(10)

function holdsCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

/** @returns `host:port`, an IPv6 address in brackets */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
