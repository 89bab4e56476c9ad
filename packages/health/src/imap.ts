import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { imapDialogue } from './dialogue/imap-dialogue.ts'
import { type ResolvedStartTlsServer, startTlsServerFields, type StartTlsServerOptions } from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What an IMAP probe looks at. */
export interface ImapProbeOptions extends StartTlsServerOptions {
  /** Default: 143, or 993 with `security: tls` */
  readonly port?: number | undefined
}

/** {@link ImapProbeOptions} with the defaults filled in. */
export type ResolvedImapProbeOptions = ResolvedStartTlsServer

export const imapProbeOptionsSchema: z.ZodType<ResolvedImapProbeOptions, ImapProbeOptions> = z.strictObject(startTlsServerFields)

/**
 * The greeting, STARTTLS where it is asked for, and `LOGOUT`. Nobody logs in.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function imapProbe(options: ImapProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('imapProbe', imapProbeOptionsSchema, rest)
  const { port = settings.security === 'tls' ? 993 : 143 } = settings
  return dialogueProbe({ type: 'imap', server: { ...settings, port }, clock, dialogue: () => imapDialogue(settings) })
}
