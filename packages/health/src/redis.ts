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
import { redisDialogue } from './dialogue/redis-dialogue.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a Redis probe looks at: Redis, Valkey, KeyDB, a sentinel. */
export interface RedisProbeOptions extends ServerOptions {
  /** Default: 6379 */
  readonly port?: number | undefined
  /** Default: none */
  readonly security?: 'none' | 'tls' | undefined
  readonly tls?: ProbeTlsOptions | undefined
  /** Needs a password. Default: Redis's own default user */
  readonly user?: string | undefined
  /** Sent with AUTH, and shown nowhere. */
  readonly password?: string | undefined
  /** Asks for the replication too: another role fails. `any`: the lag is measured, whatever the role. */
  readonly role?: 'primary' | 'replica' | 'any' | undefined
  /** A replica that has not heard its primary for longer fails, in seconds. Default: none */
  readonly maxLagSeconds?: number | undefined
}

/** {@link RedisProbeOptions} with the defaults filled in. */
export interface ResolvedRedisProbeOptions extends ResolvedServer {
  readonly port: number
  readonly security: 'none' | 'tls'
  readonly tls: ProbeTlsOptions
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly role?: 'primary' | 'replica' | 'any' | undefined
  readonly maxLagSeconds?: number | undefined
}

export const redisProbeOptionsSchema: z.ZodType<ResolvedRedisProbeOptions, RedisProbeOptions> = z
  .strictObject({
    ...serverFields,
    port: portSchema.default(6_379),
    security: plainOrTlsField,
    tls: tlsField,
    user: z.string().min(1).max(255).optional().describe("For `password`; default: Redis's own default user."),
    password: z.string().min(1).max(1_024).optional().describe('Sent with AUTH.'),
    role: z
      .enum(['primary', 'replica', 'any'])
      .optional()
      .describe('Asks for the replication too: another role fails, and the lag is measured.'),
    maxLagSeconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .optional()
      .describe('A replica that has not heard its primary for longer fails, in seconds; more than 10, as often an idle primary is heard.'),
  })
  .refine(({ user, password }) => user === undefined || password !== undefined, { path: ['user'], message: 'needs a password' })

/**
 * `AUTH` where a password is given, `PING`, and `INFO replication` where a role or a lag matters.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function redisProbe(options: RedisProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('redisProbe', redisProbeOptionsSchema, rest)
  return dialogueProbe({ type: 'redis', server: settings, clock, dialogue: () => redisDialogue(settings) })
}
