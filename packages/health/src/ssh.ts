import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { portSchema, type ResolvedServer, serverFields, type ServerOptions } from './connection-options.ts'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { sshDialogue } from './dialogue/ssh-dialogue.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What an SSH probe looks at. */
export interface SshProbeOptions extends ServerOptions {
  /** Default: 22 */
  readonly port?: number | undefined
}

/** {@link SshProbeOptions} with the defaults filled in. */
export interface ResolvedSshProbeOptions extends ResolvedServer {
  readonly port: number
}

export const sshProbeOptionsSchema: z.ZodType<ResolvedSshProbeOptions, SshProbeOptions> = z.strictObject({
  ...serverFields,
  port: portSchema.default(22),
})

/**
 * Reads the server's version and tells its own, so that the server takes note of a client that left and not of a broken one.
 * No keys are exchanged.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function sshProbe(options: SshProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('sshProbe', sshProbeOptionsSchema, rest)
  return dialogueProbe({ type: 'ssh', server: settings, clock, dialogue: sshDialogue })
}
