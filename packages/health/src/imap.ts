import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { imapDialogue } from './dialogue/imap-dialogue.ts'
import {
  type DialogueTargetOptions,
  type DialogueTlsOptions,
  optionalPort,
  type ResolvedDialogueTarget,
  type Security,
  securityField,
  targetFields,
  tlsField,
} from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What an IMAP probe looks at. */
export interface ImapProbeOptions extends DialogueTargetOptions {
  /** Default: 143, or 993 with `security: tls` */
  readonly port?: number | undefined
  /** Default: none */
  readonly security?: Security | undefined
  readonly tls?: DialogueTlsOptions | undefined
}

/** {@link ImapProbeOptions} with the defaults filled in. */
export interface ResolvedImapProbeOptions extends ResolvedDialogueTarget {
  readonly port?: number | undefined
  readonly security: Security
  readonly tls: DialogueTlsOptions
}

export const imapProbeOptionsSchema: z.ZodType<ResolvedImapProbeOptions, ImapProbeOptions> = z.strictObject({
  ...targetFields,
  port: optionalPort,
  security: securityField,
  tls: tlsField,
})

/**
 * The greeting, STARTTLS where it is asked for, and `LOGOUT`. Nobody logs in.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function imapProbe(options: ImapProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('imapProbe', imapProbeOptionsSchema, rest)
  const { port = settings.security === 'tls' ? 993 : 143, security, tls } = settings
  return dialogueProbe({ type: 'imap', target: settings, port, security, tls, clock, dialogue: () => imapDialogue(settings) })
}
