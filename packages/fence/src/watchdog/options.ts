import { type Clock, type Logger, silentLogger, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { watchdogDefaults } from '../defaults.ts'
import { parseOptions } from '../options.ts'
import { openWatchdog, type WatchdogDevice } from './device.ts'

/** What resets this machine when its process cannot. */
export interface WatchdogOptions {
  /** Default: `/dev/watchdog` */
  readonly path?: string | undefined
  /** From the last pet to the reset, in milliseconds; the kernel takes whole seconds. Default: 5,000 */
  readonly timeoutMs?: number | undefined
  /** From one pet to the next, in milliseconds. Default: 1,000 */
  readonly petMs?: number | undefined
  /** How late the device may be, in milliseconds. Default: 1,000 */
  readonly marginMs?: number | undefined
  /**
   * Until when this node may go on holding what it has, in milliseconds of the clock's `monotonicMs`: the end of its right,
   * or Infinity while there is nothing here that would have to be let go of.
   */
  readonly until: () => number
  /** Without a watchdog: `required` refuses (see `obstacle`), `automatic` warns. Default: `required` */
  readonly mode?: 'required' | 'automatic' | undefined
  /** Default: the system's clock; that of `until` */
  readonly clock?: Clock | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
  /** How the device is opened. Default: as the kernel has it */
  readonly open?: ((path: string, timeoutMs: number) => Promise<WatchdogDevice>) | undefined
}

/** {@link WatchdogOptions}, checked and complete. */
export interface ResolvedWatchdogOptions {
  readonly path: string
  readonly timeoutMs: number
  readonly petMs: number
  readonly marginMs: number
  readonly until: () => number
  readonly mode: 'required' | 'automatic'
  readonly clock: Clock
  readonly logger: Logger
  readonly open: (path: string, timeoutMs: number) => Promise<WatchdogDevice>
}

const duration = z.number().positive().max(3_600_000)

function part<Value>(isOne: (value: unknown) => boolean, what: string): z.ZodType<Value, Value> {
  return z.custom<Value>(isOne, `expected ${what}`)
}

const isFunction = (value: unknown) => typeof value === 'function'

const optionsSchema: z.ZodType<ResolvedWatchdogOptions, WatchdogOptions> = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^\0]+$/, 'expected an absolute path')
    .default('/dev/watchdog'),
  timeoutMs: duration.default(watchdogDefaults.timeoutMs),
  petMs: duration.default(watchdogDefaults.petMs),
  marginMs: z.number().min(0).max(3_600_000).default(watchdogDefaults.marginMs),
  until: part<() => number>(isFunction, 'a function'),
  mode: z.enum(['required', 'automatic']).default('required'),
  clock: part<Clock>((value) => isFunction(Reflect.get(Object(value), 'schedule')), 'a Clock').default(systemClock),
  logger: part<Logger>((value) => isFunction(Reflect.get(Object(value), 'warn')), 'a Logger').default(silentLogger),
  open: part<ResolvedWatchdogOptions['open']>(isFunction, 'a function').default(() => openWatchdog),
})

/** @throws HotspareError `HOTSPARE_FENCE_OPTIONS` */
export function resolveWatchdogOptions(options: WatchdogOptions): ResolvedWatchdogOptions {
  return parseOptions('watchdog', optionsSchema, options)
}
