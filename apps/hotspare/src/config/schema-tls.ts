import { z } from 'zod'
import type { CertificateConfig, TlsConfig } from './config-tls.ts'
import { limits } from './defaults.ts'
import { readable } from './schema-scalars.ts'

export interface TlsInput {
  readonly certificates: CertificateInput[]
  readonly unknownServerName?: TlsConfig['unknownServerName'] | undefined
  readonly minVersion?: TlsConfig['minVersion'] | undefined
  readonly http2?: boolean | undefined
  readonly clientCa?: string | undefined
  readonly requireClientCertificate?: boolean | undefined
}

interface CertificateInput {
  readonly cert: string
  readonly key: string
  readonly serverNames?: string[] | undefined
}

/** Linux's PATH_MAX. */
const LONGEST_PATH = 4_095

const pemFileSchema: z.ZodType<string, string> = readable(
  (text) =>
    /^\/[^\0\r\n]*[^\0\r\n/]$/.test(text) && text.length <= LONGEST_PATH
      ? { ok: true, value: text }
      : { ok: false, hint: 'an absolute path of a file in PEM' },
  { title: 'PEM file', examples: ['/etc/letsencrypt/live/shop.example/fullchain.pem'] },
)

const serverNameSchema: z.ZodType<string, string> = readable(
  (text) =>
    /^(?:\*\.)?[\w-]{1,63}(?:\.[\w-]{1,63})*$/.test(text) && text.length <= 253
      ? { ok: true, value: text.toLowerCase() }
      : { ok: false, hint: 'a name like shop.example, or *.shop.example for one label' },
  { title: 'server name', examples: ['shop.example', '*.shop.example'] },
)

const certificateSchema: z.ZodType<CertificateConfig, CertificateInput> = z.strictObject({
  cert: pemFileSchema.describe("The server's certificate, and behind it those that lead to a root."),
  key: pemFileSchema.describe('Its private key, not encrypted.'),
  serverNames: z
    .array(serverNameSchema)
    .min(1)
    .max(limits.serverNames)
    .optional()
    .describe('For whom it is shown. Default: the names in the certificate.'),
})

/** TLS in front of a proxy, and HTTP/2 with it. */
export const tlsSchema: z.ZodType<TlsConfig, TlsInput> = z
  .strictObject({
    certificates: z
      .array(certificateSchema)
      .min(1)
      .max(limits.certificates)
      .describe(
        'Which one is shown is chosen by the name that the client asks for; the first one is for all others. The files are looked at every few seconds, and followed without a restart.',
      ),
    unknownServerName: z
      .enum(['default', 'refuse'])
      .prefault('default')
      .describe('Clients that name a server that no certificate has: they are shown the first one, or turned away.'),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).prefault('TLSv1.2').describe('The oldest TLS that is spoken.'),
    http2: z.boolean().prefault(true).describe('Whether HTTP/2 is offered beside HTTP/1.1.'),
    clientCa: pemFileSchema.optional().describe('Clients must show a certificate that one of the authorities in this file has signed.'),
    requireClientCertificate: z
      .boolean()
      .optional()
      .describe('With `clientCa`: whether a client without a certificate is turned away. Default: true.'),
  })
  .refine(({ clientCa, requireClientCertificate }) => clientCa !== undefined || requireClientCertificate !== true, {
    path: ['requireClientCertificate'],
    message: 'needs "clientCa", a file of those who sign',
  })
  .transform(({ requireClientCertificate, ...rest }) => ({
    ...rest,
    requireClientCertificate: requireClientCertificate ?? rest.clientCa !== undefined,
  }))
