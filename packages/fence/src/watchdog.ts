import {
  type Clock,
  Emitter,
  errorText,
  type EventBase,
  type Listener,
  HotspareError,
  type Logger,
  silentLogger,
  systemClock,
  type Timer,
} from '@hotspare/core'
import { z } from 'zod'
import { watchdogDefaults } from './defaults.ts'
import { parseOptions } from './options.ts'
import { openWatchdog, type WatchdogDevice } from './watchdog-device.ts'
import { mayPet, reserveMs } from './watchdog-timing.ts'

export { mayPet, reserveMs, watchdogProblem } from './watchdog-timing.ts'
export type { WatchdogTimes } from './watchdog-timing.ts'
export type { WatchdogDevice } from './watchdog-device.ts'
export { watchdogDefaults } from './defaults.ts'

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

interface ResolvedWatchdogOptions {
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

/** What happens to a watchdog. */
export type WatchdogEvent =
  | (EventBase & { readonly type: 'watchdog-armed'; readonly path: string; readonly timeoutMs: number })
  | (EventBase & { readonly type: 'watchdog-missing'; readonly path: string; readonly because: string })
  /** It is not petted any more: the machine is reset unless that changes in time. */
  | (EventBase & { readonly type: 'watchdog-withheld'; readonly path: string; readonly because: string })
  | (EventBase & { readonly type: 'watchdog-petted-again'; readonly path: string })
  | (EventBase & { readonly type: 'watchdog-disarmed'; readonly path: string })

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

/** A watchdog of this machine, petted only while this node may hold what it has. */
export interface Watchdog extends AsyncDisposable {
  /** Opens it, which arms it. Idempotent. Where there is none, `obstacle` and an event say so. */
  start(): Promise<void>
  /**
   * Ends it, at once. Idempotent.
   *
   * @param how `safe`: everything that had to be let go of is gone. If it is not, the watchdog is left armed, and the machine is reset
   */
  stop(how?: { readonly safe?: boolean | undefined }): Promise<void>
  /** Why this node should not become active; undefined while nothing speaks against it. */
  obstacle(): string | undefined
  /** How long before the end of its right the node has to let go by itself, or it is reset; in milliseconds. */
  reserveMs(): number
  snapshot(): {
    readonly path: string
    readonly isArmed: boolean
    readonly isReal: boolean
    readonly timeoutMs: number
    readonly because: string
  }
  subscribe(listener: Listener<WatchdogEvent>): () => void
}

/**
 * Makes the watchdog of this machine; no I/O before `start`. A process that hangs, is stopped or dies pets nobody, and the
 * machine is reset before its right could pass on.
 *
 * @throws HotspareError `HOTSPARE_FENCE_OPTIONS`
 */
export function createWatchdog(given: WatchdogOptions): Watchdog {
  const { path, timeoutMs, petMs, marginMs, until, mode, clock, logger, open } = parseOptions('watchdog', optionsSchema, given)
  const emitter = new Emitter<WatchdogEvent>({ logger })
  let device: WatchdogDevice | undefined
  let timer: Timer | undefined
  let starting: Promise<void> | undefined
  let isStopped = false
  let because = 'it was not opened yet'
  let withheld: string | undefined

  const actualMs = () => device?.timeoutMs ?? timeoutMs
  const at = () => ({ at: clock.wallMs(), path })

  async function start(): Promise<void> {
    try {
      const opened = await open(path, timeoutMs)
      if (isStopped) return opened.close({ disarm: true })
      if (opened.timeoutMs === undefined || opened.timeoutMs > timeoutMs) {
        const found = opened.timeoutMs === undefined ? 'is not known' : `is ${opened.timeoutMs} ms`
        opened.close({ disarm: true })
        throw new HotspareError({
          code: 'HOTSPARE_FENCE_WATCHDOG',
          message: `watchdog: the timeout of ${path} ${found}, and ${timeoutMs} ms are wanted: install koffi, set it where its module is loaded, or allow more`,
        })
      }
      device = opened
      because = opened.isReal ? 'it is armed' : 'something that is no watchdog of the kernel stands in for one'
      emitter.emit({ type: 'watchdog-armed', timeoutMs: actualMs(), ...at() })
      tick()
    } catch (error) {
      because = errorText(error)
      emitter.emit({ type: 'watchdog-missing', because, ...at() })
      logger.warn({ path, mode }, because)
    }
  }

  function tick(): void {
    timer = clock.schedule(petMs, tick)
    const problem = pet()
    if (problem !== undefined && withheld === undefined) emitter.emit({ type: 'watchdog-withheld', because: problem, ...at() })
    if (problem === undefined && withheld !== undefined) emitter.emit({ type: 'watchdog-petted-again', ...at() })
    withheld = problem
  }

  /** @returns why it was not */
  function pet(): string | undefined {
    try {
      const left = until() - clock.monotonicMs()
      const times = { timeoutMs: actualMs(), marginMs }
      if (!mayPet(0, left, times)) return `the right ends in ${Math.round(left)} ms, and a reset takes up to ${reserveMs(times)} ms`
      device?.pet()
      return undefined
    } catch (error) {
      return errorText(error)
    }
  }

  async function stop({ safe = true }: { readonly safe?: boolean | undefined } = {}): Promise<void> {
    if (isStopped) return
    isStopped = true
    await starting
    timer?.cancel()
    const armed = device
    device = undefined
    because = 'it was stopped'
    if (!armed) return
    try {
      armed.close({ disarm: safe })
    } catch (error) {
      logger.warn({ path, error: errorText(error) }, 'the watchdog could not be closed')
    }
    if (safe) emitter.emit({ type: 'watchdog-disarmed', ...at() })
  }

  return {
    start: () => (starting ??= isStopped ? Promise.resolve() : start()),
    stop,
    obstacle: () => (mode === 'automatic' || device ? undefined : `the watchdog is required: ${because}`),
    reserveMs: () => (device ? reserveMs({ timeoutMs: actualMs(), marginMs }) + petMs : 0),
    snapshot: () => ({
      path,
      isArmed: device !== undefined,
      isReal: device?.isReal ?? false,
      timeoutMs: actualMs(),
      because: withheld ?? because,
    }),
    subscribe: (listener) => emitter.subscribe(listener),
    [Symbol.asyncDispose]: () => stop(),
  }
}
