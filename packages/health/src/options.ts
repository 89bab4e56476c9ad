import { HotspareError } from '@hotspare/core'
import type { z } from 'zod'

/**
 * Parses options once, with one message that names every wrong key.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function parseOptions<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': '))
  throw new HotspareError({ code: 'HOTSPARE_HEALTH_OPTIONS', message: `${who}: the options are not valid: ${problems.join('; ')}` })
}
