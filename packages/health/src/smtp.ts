import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { smtpDialogue } from './dialogue/smtp-dialogue.ts'
import { type ResolvedStartTlsServer, startTlsServerFields, type StartTlsServerOptions } from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What an SMTP probe looks at. */
export interface SmtpProbeOptions extends StartTlsServerOptions {
  /** Default: 25, or 465 with `security: tls` */
  readonly port?: number | undefined
  /** How the probe introduces itself. Default: localhost */
  readonly helo?: string | undefined
}

/** {@link SmtpProbeOptions} with the defaults filled in. */
export interface ResolvedSmtpProbeOptions extends ResolvedStartTlsServer {
  readonly helo: string
}

export const smtpProbeOptionsSchema: z.ZodType<ResolvedSmtpProbeOptions, SmtpProbeOptions> = z.strictObject({
  ...startTlsServerFields,
  helo: z
    .string()
    .regex(/^[\w.:[\]-]{1,255}$/, 'must be a host name, or an address in brackets')
    .default('localhost')
    .describe('How the probe introduces itself (EHLO).'),
})

/**
 * The greeting, `EHLO`, STARTTLS where it is asked for, and `QUIT`: a mail server that would take a mail as far as it says.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function smtpProbe(options: SmtpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('smtpProbe', smtpProbeOptionsSchema, rest)
  const { port = settings.security === 'tls' ? 465 : 25 } = settings
  return dialogueProbe({ type: 'smtp', server: { ...settings, port }, clock, dialogue: () => smtpDialogue(settings) })
}
