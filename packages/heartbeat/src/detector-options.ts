import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import { heartbeatDefaults, phiDefaults } from './defaults.ts'
import type { Detector } from './detector.ts'
import { initialLimitMs, phiDetector, type PhiRules } from './phi-detector.ts'
import { milliseconds } from './schema-parts.ts'
import { timeoutDetector } from './timeout-detector.ts'

/** When silence convicts. */
export type DetectorOptions =
  | {
      readonly type: 'timeout'
      /** In milliseconds, at least 3 intervals. Default: 15 intervals */
      readonly timeoutMs?: number | undefined
    }
  | {
      readonly type: 'phi'
      /** Default: 8 */
      readonly threshold?: number | undefined
      /** Gaps that are remembered. Default: 200 */
      readonly windowSize?: number | undefined
      /** The least standard deviation that is believed, in milliseconds. Default: half an interval */
      readonly minSigmaMs?: number | undefined
      /** Silence that is allowed on top of what was learnt, in milliseconds. Default: 10 intervals */
      readonly acceptablePauseMs?: number | undefined
      /** The longest silence that is ever allowed, in milliseconds. Default: 4 times that before anything was learnt, 5,522 ms */
      readonly maxLimitMs?: number | undefined
    }

/** A detector's options, complete. */
export type ResolvedDetector = { readonly type: 'timeout'; readonly timeoutMs: number } | ({ readonly type: 'phi' } & PhiRules)

export const detectorSchema: z.ZodType<DetectorOptions, DetectorOptions> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('timeout'), timeoutMs: milliseconds.optional() }),
  z.strictObject({
    type: z.literal('phi'),
    threshold: z.number().min(1).max(300).optional(),
    windowSize: z.int().min(10).max(10_000).optional(),
    minSigmaMs: milliseconds.optional(),
    acceptablePauseMs: z.int().min(0).max(LONGEST_DELAY_MS).optional(),
    maxLimitMs: milliseconds.optional(),
  }),
])

export function resolveDetector(options: DetectorOptions, intervalMs: number): ResolvedDetector {
  if (options.type === 'timeout') {
    return { type: 'timeout', timeoutMs: options.timeoutMs ?? heartbeatDefaults.timeoutBeats * intervalMs }
  }
  const rules = {
    threshold: options.threshold ?? phiDefaults.threshold,
    windowSize: options.windowSize ?? phiDefaults.windowSize,
    minSigmaMs: options.minSigmaMs ?? phiDefaults.minSigmaIntervals * intervalMs,
    acceptablePauseMs: options.acceptablePauseMs ?? phiDefaults.acceptablePauseIntervals * intervalMs,
    intervalMs,
  }
  return { type: 'phi', ...rules, maxLimitMs: options.maxLimitMs ?? Math.round(phiDefaults.maxLimitFactor * initialLimitMs(rules)) }
}

/** The detector as it is before anything was heard. */
export function initialDetector(resolved: ResolvedDetector): Detector {
  return resolved.type === 'timeout' ? timeoutDetector(resolved) : phiDetector(resolved)
}
