import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { ftpDialogue } from './dialogue/ftp-dialogue.ts'
import { type ResolvedStartTlsServer, startTlsServerFields, type StartTlsServerOptions } from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What an FTP probe looks at. */
export interface FtpProbeOptions extends StartTlsServerOptions {
  /** Default: 21, or 990 with `security: tls` */
  readonly port?: number | undefined
}

/** {@link FtpProbeOptions} with the defaults filled in. */
export type ResolvedFtpProbeOptions = ResolvedStartTlsServer

export const ftpProbeOptionsSchema: z.ZodType<ResolvedFtpProbeOptions, FtpProbeOptions> = z.strictObject(startTlsServerFields)

/**
 * The greeting, `AUTH TLS` where it is asked for, and `QUIT`. Nobody logs in.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function ftpProbe(options: FtpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('ftpProbe', ftpProbeOptionsSchema, rest)
  const { port = settings.security === 'tls' ? 990 : 21 } = settings
  return dialogueProbe({ type: 'ftp', server: { ...settings, port }, clock, dialogue: () => ftpDialogue(settings) })
}
