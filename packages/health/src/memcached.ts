import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { memcachedDialogue } from './dialogue/memcached-dialogue.ts'
import {
  type DialogueTargetOptions,
  type DialogueTlsOptions,
  plainOrTlsField,
  portWithDefault,
  type ResolvedDialogueTarget,
  targetFields,
  tlsField,
} from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a memcached probe looks at. */
export interface MemcachedProbeOptions extends DialogueTargetOptions {
  /** Default: 11211 */
  readonly port?: number | undefined
  /** Default: none */
  readonly security?: 'none' | 'tls' | undefined
  readonly tls?: DialogueTlsOptions | undefined
}

/** {@link MemcachedProbeOptions} with the defaults filled in. */
export interface ResolvedMemcachedProbeOptions extends ResolvedDialogueTarget {
  readonly port: number
  readonly security: 'none' | 'tls'
  readonly tls: DialogueTlsOptions
}

export const memcachedProbeOptionsSchema: z.ZodType<ResolvedMemcachedProbeOptions, MemcachedProbeOptions> = z.strictObject({
  ...targetFields,
  port: portWithDefault(11_211),
  security: plainOrTlsField,
  tls: tlsField,
})

/**
 * Asks for the version, in the text protocol.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function memcachedProbe(options: MemcachedProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('memcachedProbe', memcachedProbeOptionsSchema, rest)
  const { port, security, tls } = settings
  return dialogueProbe({ type: 'memcached', target: settings, port, security, tls, clock, dialogue: memcachedDialogue })
}
