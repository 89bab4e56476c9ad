import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'

/** A time that a timer can keep, at least one millisecond. */
export const milliseconds: z.ZodInt = z.int().min(1).max(LONGEST_DELAY_MS)

/** The same, where no time at all makes sense too. */
export const millisecondsOrNone: z.ZodInt = z.int().min(0).max(LONGEST_DELAY_MS)
