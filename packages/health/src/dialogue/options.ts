import { z } from 'zod'
import { probeDefaults } from '../defaults.ts'
import { milliseconds } from '../rules.ts'

/** What every probe that holds a dialogue is told. */
export interface DialogueTargetOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  /** Which addresses of a name are used. Default: whichever answers first */
  readonly family?: 4 | 6 | undefined
  /** One deadline over name, connection, TLS and the whole dialogue, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link DialogueTargetOptions} with the defaults filled in. */
export interface ResolvedDialogueTarget {
  readonly host: string
  readonly family?: 4 | 6 | undefined
  readonly timeoutMs: number
}

/** How TLS is spoken, wherever it is. */
export interface DialogueTlsOptions {
  /** `false` accepts any certificate: the probe then proves that something answers, not who. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: `host`, where it is a name */
  readonly servername?: string | undefined
  /** Certificates to trust instead of Node's own list, PEM. */
  readonly ca?: string | undefined
}

/** `none`; `tls`: from the first byte on; `starttls`: the protocol's own word for going over to TLS. */
export type Security = 'none' | 'tls' | 'starttls'

export const targetFields: {
  readonly host: z.ZodString
  readonly family: z.ZodOptional<z.ZodUnion<readonly [z.ZodLiteral<4>, z.ZodLiteral<6>]>>
  readonly timeoutMs: z.ZodDefault<z.ZodInt>
} = {
  host: z.string().min(1).max(255).describe('A name or an address, IPv6 without brackets.'),
  family: z
    .union([z.literal(4), z.literal(6)])
    .optional()
    .describe('Which addresses of a name are used: 4 or 6; both where it is left out.'),
  timeoutMs: milliseconds
    .default(probeDefaults.timeoutMs)
    .describe('One deadline over name, connection, TLS and the whole dialogue, in milliseconds.'),
}

export const portSchema: z.ZodInt = z.int().min(1).max(65_535)

/** The port of a protocol that has one for TLS from the start. */
export const optionalPort: z.ZodOptional<z.ZodInt> = portSchema
  .optional()
  .describe('Default: the port of the protocol, as `security` has it.')

export function portWithDefault(port: number): z.ZodDefault<z.ZodInt> {
  return portSchema.default(port).describe('The port of the server.')
}

export const tlsField: z.ZodDefault<z.ZodType<DialogueTlsOptions, DialogueTlsOptions>> = z
  .strictObject({
    rejectUnauthorized: z.boolean().optional().describe('`false` accepts any certificate.'),
    servername: z.string().min(1).max(255).optional().describe('The name asked for (SNI) and checked in the certificate.'),
    ca: z.string().min(1).optional().describe("Certificates to trust instead of Node's own list, PEM."),
  })
  .default({})
  .describe('How TLS is spoken, where it is.')

export const securityField: z.ZodDefault<z.ZodEnum<{ none: 'none'; tls: 'tls'; starttls: 'starttls' }>> = z
  .enum(['none', 'tls', 'starttls'])
  .default('none')
  .describe('`none`; `tls` from the first byte on; `starttls`: in the clear at first, then TLS.')

/** For protocols without a word for going over to TLS. */
export const plainOrTlsField: z.ZodDefault<z.ZodEnum<{ none: 'none'; tls: 'tls' }>> = z
  .enum(['none', 'tls'])
  .default('none')
  .describe('`none`, or `tls` from the first byte on.')

/** A name in a message that a NUL ends. */
export const nameSchema: z.ZodString = z
  .string()
  .min(1)
  .max(63)
  .regex(/^\P{Cc}+$/u, 'holds a control character')
