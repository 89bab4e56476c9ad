import { z } from 'zod'
import type { Probe } from './probe.ts'

/** What must hold of any probe, which may come from JavaScript: it can be run, and all that is timed for it follows from its deadline. */
export const probeSchema: z.ZodType<Pick<Probe, 'timeoutMs' | 'run'>> = z.object({
  timeoutMs: z.number().gt(0),
  run: z.custom<Probe['run']>((value) => typeof value === 'function', { message: 'must be a function' }),
})
