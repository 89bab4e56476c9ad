import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { portSchema, type ResolvedServer, serverFields, type ServerOptions } from './connection-options.ts'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { mysqlDialogue } from './dialogue/mysql-dialogue.ts'
import { nameSchema } from './dialogue/options.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'

/** What a MySQL probe looks at: MySQL, MariaDB, Percona, a proxy in front of them. */
export interface MysqlProbeOptions extends ServerOptions {
  /** Default: 3306 */
  readonly port?: number | undefined
  /**
   * Logs in as this user, without a password. Without it the probe leaves after the greeting, and the server counts a broken
   * handshake each time: after `max_connect_errors` (100) of them in a row it blocks the host of the observer.
   */
  readonly user?: string | undefined
}

/** {@link MysqlProbeOptions} with the defaults filled in. */
export interface ResolvedMysqlProbeOptions extends ResolvedServer {
  readonly port: number
  readonly user?: string | undefined
}

export const mysqlProbeOptionsSchema: z.ZodType<ResolvedMysqlProbeOptions, MysqlProbeOptions> = z.strictObject({
  ...serverFields,
  port: portSchema.default(3_306),
  user: nameSchema.optional().describe('Logs in as this user, without a password, so that the server counts no broken handshakes.'),
})

/**
 * Reads the greeting, and logs in where a user is given: as HAProxy's `option mysql-check`.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function mysqlProbe(options: MysqlProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('mysqlProbe', mysqlProbeOptionsSchema, rest)
  return dialogueProbe({ type: 'mysql', server: settings, clock, dialogue: () => mysqlDialogue(settings.user) })
}
