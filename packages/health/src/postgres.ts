import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { postgresDialogue } from './dialogue/postgres-dialogue.ts'
import {
  type DialogueTargetOptions,
  type DialogueTlsOptions,
  nameSchema,
  portWithDefault,
  type ResolvedDialogueTarget,
  targetFields,
  tlsField,
} from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a PostgreSQL probe looks at. */
export interface PostgresProbeOptions extends DialogueTargetOptions {
  /** Default: 5432 */
  readonly port?: number | undefined
  /** `starttls`: fails where the server does not go over to TLS. Default: none */
  readonly security?: 'none' | 'starttls' | undefined
  readonly tls?: DialogueTlsOptions | undefined
  /** Begins a session as this user, up to the server's question for a password. Without it, only the main process is asked. */
  readonly user?: string | undefined
  /** Default: the user's name */
  readonly database?: string | undefined
}

/** {@link PostgresProbeOptions} with the defaults filled in. */
export interface ResolvedPostgresProbeOptions extends ResolvedDialogueTarget {
  readonly port: number
  readonly security: 'none' | 'starttls'
  readonly tls: DialogueTlsOptions
  readonly user?: string | undefined
  readonly database?: string | undefined
}

export const postgresProbeOptionsSchema: z.ZodType<ResolvedPostgresProbeOptions, PostgresProbeOptions> = z
  .strictObject({
    ...targetFields,
    port: portWithDefault(5_432),
    security: z
      .enum(['none', 'starttls'])
      .default('none')
      .describe('`none`, or `starttls`: fails where the server does not go over to TLS.'),
    tls: tlsField,
    user: nameSchema.optional().describe("Begins a session as this user, up to the server's question for a password."),
    database: nameSchema.optional().describe("The database of that session; default: the user's name."),
  })
  .refine(({ user, database }) => database === undefined || user !== undefined, { path: ['database'], message: 'needs a user' })

/**
 * Without a user: SSLRequest, which the main process answers even while it starts. With one: the beginning of a session, as
 * HAProxy's `option pgsql-check`; a question for a password is proof enough.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function postgresProbe(options: PostgresProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('postgresProbe', postgresProbeOptionsSchema, rest)
  const { port, security, tls } = settings
  return dialogueProbe({ type: 'postgres', target: settings, port, security, tls, clock, dialogue: () => postgresDialogue(settings) })
}
