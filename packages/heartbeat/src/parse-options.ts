import { optionsError } from '@hotspare/core'
import type { z } from 'zod'

/**
 * Parses options once, in the factory.
 *
 * @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS`
 */
export function parseOptions<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_HEARTBEAT_OPTIONS', who, issues: parsed.error.issues })
}
