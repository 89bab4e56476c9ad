import { type Clock, type Logger, LONGEST_DELAY_MS, optionsError } from '@hotspare/core'
import { z } from 'zod'
import { engineDefaults } from '../engines/defaults.ts'
import { engineNameSchema } from '../engines/members.ts'

export interface HaproxyOptions {
  /** Path of the runtime API's socket (`stats socket ... level admin`); or `host` and `port`. */
  readonly socket?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Name of the backend. */
  readonly backend: string
  /**
   * `existing` (default): each member is a server that HAProxy's configuration has, and other servers are left alone.
   * `managed`: the backend is Hotspare's: servers that it lacks are added, and all others removed. Needs HAProxy 2.4.
   */
  readonly servers?: 'existing' | 'managed' | undefined
  /** Words that follow the address of a server that is added, as `['maxconn', '200']`. Default: none */
  readonly serverParameters?: readonly string[] | undefined
  /** Until a command is answered, in milliseconds. Default: 2,000 */
  readonly commandTimeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

export interface HaproxySettings {
  readonly socket?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly backend: string
  readonly servers: 'existing' | 'managed'
  readonly serverParameters: readonly string[]
  readonly commandTimeoutMs: number
}

/** One word of a command: nothing that ends it (`;`, a line break), and nothing that HAProxy would read as more than one word. */
const WORD = /^[A-Za-z0-9_./:,@%+=-]{1,200}$/

export const haproxySettingsSchema: z.ZodType<HaproxySettings, Omit<HaproxyOptions, 'clock' | 'logger'>> = z
  .strictObject({
    socket: z
      .string()
      // sun_path of Linux's unix(7) has 108 bytes, with the zero at its end.
      .regex(/^\/[^\0\r\n]{1,106}$/, { error: 'an absolute path of up to 107 characters' })
      .optional(),
    host: z.string().min(1).max(253).optional(),
    port: z.int().min(1).max(65_535).optional(),
    backend: engineNameSchema,
    servers: z.enum(['existing', 'managed']).default('existing'),
    serverParameters: z
      .array(z.string().regex(WORD, { error: 'one word of a server line' }))
      .max(50)
      .default([]),
    commandTimeoutMs: z.int().min(1).max(LONGEST_DELAY_MS).default(engineDefaults.commandTimeoutMs),
  })
  .refine(
    ({ socket, host, port }) =>
      socket === undefined ? host !== undefined && port !== undefined : host === undefined && port === undefined,
    {
      error: 'give either socket, or host and port',
      path: ['socket'],
    },
  )

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` */
export function readHaproxyOptions(options: unknown): HaproxySettings {
  const parsed = haproxySettingsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_PROXY_OPTIONS', who: 'haproxy', issues: parsed.error.issues })
}
