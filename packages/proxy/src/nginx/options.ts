import { type Clock, type Logger, LONGEST_DELAY_MS, optionsError } from '@hotspare/core'
import { z } from 'zod'
import { engineDefaults } from '../engines/defaults.ts'

/** A program and its arguments, started without a shell. */
export type Argv = readonly [string, ...string[]]

export interface NginxOptions {
  /** Path of the file that is written: `include` it inside `http { }`. Nobody else writes to it. */
  readonly file: string
  /** Name of the upstream, for `proxy_pass http://NAME`. */
  readonly upstream: string
  /** What tests the configuration. Default: `['nginx', '-t']` */
  readonly test?: Argv | undefined
  /** What makes nginx read it, or `'signal'`: SIGHUP to the process in `pidFile`. Default: `['nginx', '-s', 'reload']` */
  readonly reload?: Argv | 'signal' | undefined
  /** Where nginx writes its process id (`pid`). With it, a reload counts once new workers are there (on Linux). Default: a reload counts when its command has succeeded */
  readonly pidFile?: string | undefined
  /** How clients spread, as a line of the upstream: `least_conn`, `random two`. Default: none, weighted round robin */
  readonly method?: string | undefined
  /** Idle connections to the members that each worker keeps; 0 for none. Default: 32 */
  readonly keepalive?: number | undefined
  /** Failed attempts after which nginx itself leaves a member alone; 0 for never. Default: 1 */
  readonly maxFails?: number | undefined
  /** For how long it then does, in whole seconds. Default: 1 */
  readonly failTimeoutSeconds?: number | undefined
  /** Reloads are at least so far apart, in milliseconds; what is wanted last in between counts. Default: 1,000 */
  readonly minReloadIntervalMs?: number | undefined
  /** Until a program has ended, in milliseconds. Default: 20,000 */
  readonly programTimeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

export interface NginxSettings {
  readonly file: string
  readonly upstream: string
  readonly test: Argv
  readonly reload: Argv | 'signal'
  readonly pidFile?: string | undefined
  readonly method?: string | undefined
  readonly keepalive: number
  readonly maxFails: number
  readonly failTimeoutSeconds: number
  readonly minReloadIntervalMs: number
  readonly programTimeoutMs: number
}

const pathSchema = z.string().regex(/^\/[^\0\r\n]{1,4000}$/, { error: 'an absolute path' })
const wordSchema = z
  .string()
  .min(1)
  .max(4_000)
  .refine((word) => !word.includes('\0'), { error: 'no zero byte' })
const argvSchema: z.ZodType<Argv, Argv> = z.tuple([wordSchema], wordSchema)

/** Words that nothing can break out of a line with: no `;`, brace, quotation mark, `#` or line break. */
const METHOD = /^(?:least_conn|ip_hash|random|hash|least_time)(?: [A-Za-z0-9_$=.-]{1,100}){0,5}$/

export const nginxSettingsSchema: z.ZodType<NginxSettings, Omit<NginxOptions, 'clock' | 'logger'>> = z
  .strictObject({
    file: pathSchema,
    upstream: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, { error: 'up to 63 letters, digits, "-", "_" and "."; a letter or digit first' }),
    test: argvSchema.default(['nginx', '-t']),
    reload: z.union([z.literal('signal'), argvSchema]).default(['nginx', '-s', 'reload']),
    pidFile: pathSchema.optional(),
    method: z.string().regex(METHOD, { error: 'a balancing method of nginx, without ";"' }).optional(),
    keepalive: z.int().min(0).max(10_000).default(engineDefaults.keepalive),
    maxFails: z.int().min(0).max(1_000).default(engineDefaults.maxFails),
    failTimeoutSeconds: z.int().min(1).max(3_600).default(engineDefaults.failTimeoutSeconds),
    minReloadIntervalMs: z.int().min(0).max(LONGEST_DELAY_MS).default(engineDefaults.minReloadIntervalMs),
    programTimeoutMs: z.int().min(1).max(LONGEST_DELAY_MS).default(engineDefaults.programTimeoutMs),
  })
  .refine(({ reload, pidFile }) => reload !== 'signal' || pidFile !== undefined, {
    error: 'a signal needs to know the process',
    path: ['pidFile'],
  })

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` */
export function readNginxOptions(options: unknown): NginxSettings {
  const parsed = nginxSettingsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_PROXY_OPTIONS', who: 'nginx', issues: parsed.error.issues })
}
