import { z } from 'zod'
import { portSchema, type ProbeTlsOptions, type ResolvedServer, serverFields, type ServerOptions, tlsField } from '../connection-options.ts'

/** `none`; `tls`: from the first byte on; `starttls`: the protocol's own word for going over to TLS. */
export type Security = 'none' | 'tls' | 'starttls'

/** Whom a probe asks in a protocol that has a port for TLS, and a word for going over to it. */
export interface StartTlsServerOptions extends ServerOptions {
  /** Default: the port of the protocol, as `security` has it */
  readonly port?: number | undefined
  /** Default: none */
  readonly security?: Security | undefined
  readonly tls?: ProbeTlsOptions | undefined
}

/** {@link StartTlsServerOptions} with the defaults filled in. */
export interface ResolvedStartTlsServer extends ResolvedServer {
  readonly port?: number | undefined
  readonly security: Security
  readonly tls: ProbeTlsOptions
}

export const startTlsServerFields: typeof serverFields & {
  readonly port: z.ZodOptional<z.ZodInt>
  readonly security: z.ZodDefault<z.ZodEnum<{ none: 'none'; tls: 'tls'; starttls: 'starttls' }>>
  readonly tls: typeof tlsField
} = {
  ...serverFields,
  port: portSchema
    .optional()
    .describe('Default: the port of the protocol, with `tls` the one for it: SMTP 25 (465), IMAP 143 (993), POP3 110 (995), FTP 21 (990).'),
  security: z
    .enum(['none', 'tls', 'starttls'])
    .default('none')
    .describe('`none`; `tls` from the first byte on; `starttls`: in the clear at first, then TLS.'),
  tls: tlsField,
}

/** A name in a message that a NUL ends. */
export const nameSchema: z.ZodString = z
  .string()
  .min(1)
  .max(63)
  .regex(/^\P{Cc}+$/u, 'holds a control character')
