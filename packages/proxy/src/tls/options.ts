import { LONGEST_DELAY_MS, optionsError } from '@hotspare/core'
import { z } from 'zod'
import type { ServerCertificate } from './certificate.ts'
import { tlsDefaults } from './defaults.ts'

/** TLS in front of a proxy. */
export interface TlsOptions {
  /** The first one is for clients that name no server, or one that none of these has. */
  readonly certificates: readonly ServerCertificate[]
  /** Who names a server that no certificate has is shown the first one, or turned away. Default: `default` */
  readonly unknownServerName?: 'default' | 'refuse' | undefined
  /** Default: `TLSv1.2` */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  /** Offers HTTP/2 beside HTTP/1.1. Default: true */
  readonly http2?: boolean | undefined
  /** 48 bytes. Proxies that have the same ones take each other's sessions up. Default: random ones of this proxy */
  readonly ticketKeys?: Uint8Array | undefined
  /** Asks clients for a certificate, and believes those that these authorities have signed; PEM. */
  readonly clientCa?: string | Uint8Array | undefined
  /** Whether a client without such a certificate is turned away. Default: true, where there is a `clientCa` */
  readonly requireClientCertificate?: boolean | undefined
  /** From the connection to the end of the handshake. Default: 10,000 */
  readonly handshakeTimeoutMs?: number | undefined
  /** Handshakes in progress; past it, those who have not begun theirs go first. Default: 1,000 */
  readonly maxHandshakes?: number | undefined
  /** Requests at a time on one HTTP/2 connection. Default: 128 */
  readonly maxConcurrentStreams?: number | undefined
}

/** With its defaults filled in. */
export interface TlsSettings {
  readonly certificates: readonly ServerCertificate[]
  readonly unknownServerName: 'default' | 'refuse'
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly http2: boolean
  readonly ticketKeys?: Uint8Array | undefined
  readonly clientCa?: string | Uint8Array | undefined
  readonly requireClientCertificate: boolean
  readonly handshakeTimeoutMs: number
  readonly maxHandshakes: number
  readonly maxConcurrentStreams: number
}

const TICKET_KEYS_BYTES = 48
const pem = z.union([z.string(), z.instanceof(Uint8Array)])
const certificates = z.array(z.strictObject({ cert: pem, key: pem, serverNames: z.array(z.string().min(1)).min(1).optional() })).min(1)

const tlsSettingsSchema: z.ZodType<TlsSettings, TlsOptions> = z
  .strictObject({
    certificates,
    unknownServerName: z.enum(['default', 'refuse']).default('default'),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
    http2: z.boolean().default(true),
    ticketKeys: z
      .instanceof(Uint8Array)
      .refine(({ length }) => length === TICKET_KEYS_BYTES, `must be ${TICKET_KEYS_BYTES} bytes`)
      .optional(),
    clientCa: pem.optional(),
    requireClientCertificate: z.boolean().optional(),
    handshakeTimeoutMs: z.number().int().min(1).max(LONGEST_DELAY_MS).default(tlsDefaults.handshakeTimeoutMs),
    maxHandshakes: z.number().int().min(1).default(tlsDefaults.maxHandshakes),
    maxConcurrentStreams: z.number().int().min(1).max(1_000).default(tlsDefaults.maxConcurrentStreams),
  })
  .refine(({ clientCa, requireClientCertificate }) => clientCa !== undefined || requireClientCertificate !== true, {
    path: ['requireClientCertificate'],
    message: 'needs a clientCa',
  })
  .transform((settings) => ({
    ...settings,
    requireClientCertificate: settings.requireClientCertificate ?? settings.clientCa !== undefined,
  }))

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option */
export function parseTlsOptions(options: TlsOptions): TlsSettings {
  const parsed = tlsSettingsSchema.safeParse(options)
  if (parsed.success) return Object.freeze(parsed.data)
  throw optionsError({
    code: 'HOTSPARE_PROXY_OPTIONS',
    who: 'proxy',
    issues: parsed.error.issues.map((issue) => ({ ...issue, path: ['tls', ...issue.path] })),
  })
}

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` */
export function parseCertificates(list: readonly ServerCertificate[]): readonly ServerCertificate[] {
  const parsed = certificates.safeParse(list)
  if (parsed.success) return parsed.data
  throw optionsError({
    code: 'HOTSPARE_PROXY_OPTIONS',
    who: 'proxy',
    issues: parsed.error.issues.map((issue) => ({ ...issue, path: ['certificates', ...issue.path] })),
  })
}
