import { type Clock, type Logger, type Random, silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { z } from 'zod'
import { alertDefaults } from './defaults.ts'
import { clockPart, count, hasMethod, milliseconds } from './schema-parts.ts'
import type { Channel } from './types.ts'

export interface AlerterOptions {
  /** Where alerts go. Names are unique. */
  readonly channels: readonly Channel[]
  /** Alerts that wait for one channel, besides the one in work; when one more comes, the oldest is dropped. Default: 1,000 */
  readonly queueSize?: number | undefined
  /** Attempts for one alert on one channel. Default: 250, so that `retryForMs` decides */
  readonly attempts?: number | undefined
  /** How long an alert is retried before it is given up, in milliseconds. Default: 3,600,000 */
  readonly retryForMs?: number | undefined
  /** Upper bound of the first wait before a retry, in milliseconds; it doubles from there. Default: 1,000 */
  readonly backoffBaseMs?: number | undefined
  /** Upper bound of every wait, in milliseconds. Default: 60,000 */
  readonly backoffCapMs?: number | undefined
  /** Longest wait that a receiver can ask for, in milliseconds. Default: 900,000 */
  readonly retryAfterCapMs?: number | undefined
  /** Longest time for one attempt, in milliseconds. Default: 10,000 */
  readonly sendTimeoutMs?: number | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Default: the system's own generator. */
  readonly random?: Random | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
}

export interface ResolvedAlerterOptions {
  readonly channels: readonly Channel[]
  readonly queueSize: number
  readonly attempts: number
  readonly retryForMs: number
  readonly backoffBaseMs: number
  readonly backoffCapMs: number
  readonly retryAfterCapMs: number
  readonly sendTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

const channelPart = z.custom<Channel>(
  (value) => hasMethod(value, 'send') && typeof Reflect.get(Object(value), 'name') === 'string',
  'expected a channel: an object with a name and a send()',
)

export const alerterOptionsSchema: z.ZodType<ResolvedAlerterOptions, AlerterOptions> = z.strictObject({
  channels: z.array(channelPart).superRefine((channels, context) => {
    const repeated = channels.map(({ name }) => name).find((name, index, names) => names.indexOf(name) !== index)
    if (repeated !== undefined) context.addIssue({ code: 'custom', message: `two channels are called "${repeated}"` })
  }),
  queueSize: count.default(alertDefaults.queueSize),
  attempts: count.default(alertDefaults.attempts),
  retryForMs: milliseconds.default(alertDefaults.retryForMs),
  backoffBaseMs: milliseconds.default(alertDefaults.backoffBaseMs),
  backoffCapMs: milliseconds.default(alertDefaults.backoffCapMs),
  retryAfterCapMs: milliseconds.default(alertDefaults.retryAfterCapMs),
  sendTimeoutMs: milliseconds.default(alertDefaults.sendTimeoutMs),
  clock: clockPart.default(systemClock),
  random: z.custom<Random>((value) => hasMethod(value, 'next'), 'expected a Random').default(systemRandom),
  logger: z.custom<Logger>((value) => hasMethod(value, 'warn'), 'expected a Logger').default(silentLogger),
})
