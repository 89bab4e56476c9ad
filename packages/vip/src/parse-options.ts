import { type Clock, type Logger, optionsError, silentLogger, systemClock } from '@hotspare/core'
import { z } from 'zod'

/**
 * Parses options once, in the factory.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function parseOptions<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_VIP_OPTIONS', who, issues: parsed.error.issues })
}

export const clockPart: z.ZodDefault<z.ZodType<Clock, Clock>> = z
  .custom<Clock>((value) => hasMethod(value, 'schedule'), 'expected a Clock')
  .default(systemClock)

export const loggerPart: z.ZodDefault<z.ZodType<Logger, Logger>> = z
  .custom<Logger>((value) => hasMethod(value, 'error'), 'expected a Logger')
  .default(silentLogger)

export function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}
