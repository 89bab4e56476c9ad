import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { ftpDialogue } from './dialogue/ftp-dialogue.ts'
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

/** What an FTP probe looks at. */
export interface FtpProbeOptions extends DialogueTargetOptions {
  /** Default: 21, or 990 with `security: tls` */
  readonly port?: number | undefined
  /** Default: none */
  readonly security?: Security | undefined
  readonly tls?: DialogueTlsOptions | undefined
}

/** {@link FtpProbeOptions} with the defaults filled in. */
export interface ResolvedFtpProbeOptions extends ResolvedDialogueTarget {
  readonly port?: number | undefined
  readonly security: Security
  readonly tls: DialogueTlsOptions
}

export const ftpProbeOptionsSchema: z.ZodType<ResolvedFtpProbeOptions, FtpProbeOptions> = z.strictObject({
  ...targetFields,
  port: optionalPort,
  security: securityField,
  tls: tlsField,
})

/**
 * The greeting, `AUTH TLS` where it is asked for, and `QUIT`. Nobody logs in.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function ftpProbe(options: FtpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('ftpProbe', ftpProbeOptionsSchema, rest)
  const { port = settings.security === 'tls' ? 990 : 21, security, tls } = settings
  return dialogueProbe({ type: 'ftp', target: settings, port, security, tls, clock, dialogue: () => ftpDialogue(settings) })
}
