import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import {
  plainOrTlsField,
  portSchema,
  type ProbeTlsOptions,
  type ResolvedServer,
  serverFields,
  type ServerOptions,
  tlsField,
} from './connection-options.ts'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { memcachedDialogue } from './dialogue/memcached-dialogue.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a memcached probe looks at. */
export interface MemcachedProbeOptions extends ServerOptions {
  /** Default: 11211 */
  readonly port?: number | undefined
  /** Default: none */
  readonly security?: 'none' | 'tls' | undefined
  readonly tls?: ProbeTlsOptions | undefined
}

/** {@link MemcachedProbeOptions} with the defaults filled in. */
export interface ResolvedMemcachedProbeOptions extends ResolvedServer {
  readonly port: number
  readonly security: 'none' | 'tls'
  readonly tls: ProbeTlsOptions
}

export const memcachedProbeOptionsSchema: z.ZodType<ResolvedMemcachedProbeOptions, MemcachedProbeOptions> = z.strictObject({
  ...serverFields,
  port: portSchema.default(11_211),
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
  return dialogueProbe({ type: 'memcached', server: settings, clock, dialogue: memcachedDialogue })
}
