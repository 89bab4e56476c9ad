import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { pop3Dialogue } from './dialogue/pop3-dialogue.ts'
import { type ResolvedStartTlsServer, startTlsServerFields, type StartTlsServerOptions } from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a POP3 probe looks at. */
export interface Pop3ProbeOptions extends StartTlsServerOptions {
  /** Default: 110, or 995 with `security: tls` */
  readonly port?: number | undefined
}

/** {@link Pop3ProbeOptions} with the defaults filled in. */
export type ResolvedPop3ProbeOptions = ResolvedStartTlsServer

export const pop3ProbeOptionsSchema: z.ZodType<ResolvedPop3ProbeOptions, Pop3ProbeOptions> = z.strictObject(startTlsServerFields)

/**
 * The greeting, `STLS` where it is asked for, and `QUIT`. Nobody logs in.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function pop3Probe(options: Pop3ProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('pop3Probe', pop3ProbeOptionsSchema, rest)
  const { port = settings.security === 'tls' ? 995 : 110 } = settings
  return dialogueProbe({ type: 'pop3', server: { ...settings, port }, clock, dialogue: () => pop3Dialogue(settings) })
}
