import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { portSchema, type ProbeTlsOptions, type ResolvedServer, serverFields, type ServerOptions, tlsField } from './connection-options.ts'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { postgresDialogue } from './dialogue/postgres-dialogue.ts'
import { nameSchema } from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a PostgreSQL probe looks at. */
export interface PostgresProbeOptions extends ServerOptions {
  /** Default: 5432 */
  readonly port?: number | undefined
  /** `starttls`: fails where the server does not go over to TLS. Default: none */
  readonly security?: 'none' | 'starttls' | undefined
  readonly tls?: ProbeTlsOptions | undefined
  /** Begins a session as this user, up to the server's question for a password. Without it, only the main process is asked. */
  readonly user?: string | undefined
  /** Default: the user's name */
  readonly database?: string | undefined
}

/** {@link PostgresProbeOptions} with the defaults filled in. */
export interface ResolvedPostgresProbeOptions extends ResolvedServer {
  readonly port: number
  readonly security: 'none' | 'starttls'
  readonly tls: ProbeTlsOptions
  readonly user?: string | undefined
  readonly database?: string | undefined
}

export const postgresProbeOptionsSchema: z.ZodType<ResolvedPostgresProbeOptions, PostgresProbeOptions> = z
  .strictObject({
    ...serverFields,
    port: portSchema.default(5_432),
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
  return dialogueProbe({ type: 'postgres', server: settings, clock, dialogue: () => postgresDialogue(settings) })
}
