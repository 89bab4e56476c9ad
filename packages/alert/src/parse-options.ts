import { HotspareError } from '@hotspare/core'
import type { z } from 'zod'

/** What a message about bad options shows at most. */
const SHOWN_ISSUES = 5

/**
 * Checks options once, in the factory.
 *
 * @throws HotspareError `HOTSPARE_ALERT_OPTIONS` that names the fields and never their values, which may be secrets
 */
export function parseOptions<Resolved, Options>(who: string, schema: z.ZodType<Resolved, Options>, options: Options): Resolved {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues
    .slice(0, SHOWN_ISSUES)
    .map((issue) => (issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message))
  throw new HotspareError({ code: 'HOTSPARE_ALERT_OPTIONS', message: `${who}: ${issues.join('; ')}` })
}
