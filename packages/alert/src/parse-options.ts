import { optionsError } from '@hotspare/core'
import type { z } from 'zod'

/**
 * Checks options once, in the factory.
 *
 * @throws HotspareError `HOTSPARE_ALERT_OPTIONS` that names the fields and never their values, which may be secrets
 */
export function parseOptions<Resolved, Options>(who: string, schema: z.ZodType<Resolved, Options>, options: Options): Resolved {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_ALERT_OPTIONS', who, issues: parsed.error.issues })
}
