import { z } from 'zod'
import { milliseconds, millisecondsOrNone } from '../milliseconds.ts'
import { minSamplesDefaults, thresholdDefaults, windowDefaultsMs } from './defaults.ts'
import type { ThresholdRules, ThresholdStatistic } from './rules.ts'

/** A limit on something that probes measure. */
export interface ThresholdOptions {
  /** What is measured: a name of the probe's `measures` (`lag-seconds`), `duration-ms`, or a phase (`connect-ms`, `first-byte-ms`). */
  readonly measure: string
  /** What is made of the samples. Default: value */
  readonly of?: ThresholdStatistic | undefined
  /** For `percentile`. Default: 95 */
  readonly percentile?: number | undefined
  /** The time over which it is taken, in milliseconds; for `deviation`, how long the usual is remembered. Default: 60,000; for `deviation` 600,000 */
  readonly windowMs?: number | undefined
  /** Which side of `enter` is the bad one. Default: above */
  readonly direction?: 'above' | 'below' | undefined
  /** Beyond this the target is degraded. In the unit of the measure; a second for `rate`; in standard deviations for `deviation`, negative where `below`. */
  readonly enter: number
  /** Back at this it is no longer. Default: `enter` */
  readonly leave?: number | undefined
  /** For how long it must be beyond `enter`, in milliseconds. Default: 0 */
  readonly enterForMs?: number | undefined
  /** For how long it must be back at `leave`, in milliseconds. Default: `enterForMs` */
  readonly leaveForMs?: number | undefined
  /** Samples that it takes before anything is said. Default: value 1, percentile 20, mean 3, rate 2, deviation 30 */
  readonly minSamples?: number | undefined
  /** Samples kept of the window. Default: 300 */
  readonly maxSamples?: number | undefined
  /** A gap without samples that begins `enterForMs` and `leaveForMs` anew, in milliseconds: more than the interval of the probe. Default: 300,000 */
  readonly maxGapMs?: number | undefined
  /** For `deviation`: what is at least taken for one standard deviation, in the unit of the measure; a twentieth of the mean is the other floor. Default: 0 */
  readonly minDeviation?: number | undefined
}

const number = z.number().min(-1e150).max(1e150)
const samples = z.int().min(1).max(10_000)

export const thresholdOptionsSchema: z.ZodType<ThresholdRules, ThresholdOptions> = z
  .strictObject({
    measure: z.string().min(1).max(200).describe("What is measured: a name of the probe's measures, duration-ms, or a phase (connect-ms)."),
    of: z.enum(['value', 'percentile', 'mean', 'rate', 'deviation']).default('value').describe('What is made of the samples.'),
    percentile: z.number().gt(0).max(100).default(thresholdDefaults.percentile).describe('Which percentile.'),
    windowMs: milliseconds
      .optional()
      .describe('The time over which it is taken, in milliseconds; unless set a minute, and ten for a deviation.'),
    direction: z.enum(['above', 'below']).default('above').describe('Which side of enter is the bad one.'),
    enter: number.describe('Beyond this the target is degraded.'),
    leave: number.optional().describe('Back at this it is no longer; enter unless set.'),
    enterForMs: millisecondsOrNone.default(0).describe('For how long it must be beyond enter, in milliseconds.'),
    leaveForMs: millisecondsOrNone.optional().describe('For how long it must be back at leave, in milliseconds; enterForMs unless set.'),
    minSamples: samples
      .optional()
      .describe(
        'Samples that it takes before anything is said; unless set 1 of a value, 20 of a percentile, 3 of a mean, 2 of a rate, 30 of a deviation.',
      ),
    maxSamples: samples.default(thresholdDefaults.maxSamples).describe('Samples kept of the window.'),
    maxGapMs: milliseconds
      .default(thresholdDefaults.maxGapMs)
      .describe('A gap without samples that begins the times anew, in milliseconds.'),
    minDeviation: z.number().min(0).max(1e150).default(0).describe('What is at least taken for one standard deviation.'),
  })
  .transform(({ windowMs, leave, leaveForMs, minSamples, ...rest }) => ({
    ...rest,
    windowMs: windowMs ?? windowDefaultsMs[rest.of],
    leave: leave ?? rest.enter,
    leaveForMs: leaveForMs ?? rest.enterForMs,
    minSamples: minSamples ?? minSamplesDefaults[rest.of],
  }))
  .refine(({ direction, enter, leave }) => (direction === 'above' ? leave <= enter : leave >= enter), {
    path: ['leave'],
    message: 'must not lie on the bad side of enter',
  })
  .refine(({ of, minSamples, maxSamples }) => of === 'deviation' || minSamples <= maxSamples, {
    path: ['minSamples'],
    message: 'is more than maxSamples: there would never be enough',
  })
  .refine(({ of, direction, enter }) => of !== 'deviation' || (direction === 'above' ? enter > 0 : enter < 0), {
    path: ['enter'],
    message: 'must be above 0 for a deviation above the usual, and below 0 for one below it',
  })
