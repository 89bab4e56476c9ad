import { z } from 'zod'
import type { AccessLogConfig } from './config.ts'
import { defaults } from './defaults.ts'
import { readable } from './schema-scalars.ts'

export interface AccessLogInput {
  readonly file: string
  readonly format?: AccessLogConfig['format'] | undefined
}

/** Linux's PATH_MAX, less what a rotation puts behind it. */
const LONGEST_PATH = 4_000

const logFileSchema: z.ZodType<string, string> = readable(
  (text) =>
    text === '-' || (/^\/[^\0\r\n]*[^\0\r\n/]$/.test(text) && text.length <= LONGEST_PATH)
      ? { ok: true, value: text }
      : { ok: false, hint: 'an absolute path of a file, or "-" for the standard output' },
  { title: 'log file', examples: ['/var/log/hotspare/access.log', '-'] },
)

export const accessLogSchema: z.ZodType<AccessLogConfig, AccessLogInput> = z.strictObject({
  file: logFileSchema.describe('Where the lines go; `-` is the standard output. A folder that is missing is made.'),
  format: z
    .enum(['combined', 'combined+', 'json'])
    .prefault(defaults.proxy.accessLogFormat)
    .describe(
      '`combined` is that of Apache and nginx; `combined+` adds seconds, seconds to the first byte, target, attempts, outcome and reason; `json` has the names of the Elastic Common Schema.',
    ),
})
