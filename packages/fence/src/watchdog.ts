import { Emitter, errorText, type EventBase, HotspareError, type Listener, type Timer } from '@hotspare/core'
import type { WatchdogDevice } from './watchdog/device.ts'
import { resolveWatchdogOptions, type WatchdogOptions } from './watchdog/options.ts'
import { mayPet, reserveMs } from './watchdog/timing.ts'

export { mayPet, reserveMs, watchdogProblem } from './watchdog/timing.ts'
export type { WatchdogTimes } from './watchdog/timing.ts'
export type { WatchdogDevice } from './watchdog/device.ts'
export type { WatchdogOptions } from './watchdog/options.ts'
export { watchdogDefaults } from './defaults.ts'

/** What happens to a watchdog. */
export type WatchdogEvent =
  | (EventBase & { readonly type: 'watchdog-armed'; readonly path: string; readonly timeoutMs: number })
  | (EventBase & { readonly type: 'watchdog-missing'; readonly path: string; readonly because: string })
  /** It is not petted any more: the machine is reset unless that changes in time. */
  | (EventBase & { readonly type: 'watchdog-withheld'; readonly path: string; readonly because: string })
  | (EventBase & { readonly type: 'watchdog-petted-again'; readonly path: string })
  | (EventBase & { readonly type: 'watchdog-disarmed'; readonly path: string })

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
  const { path, timeoutMs, petMs, marginMs, until, mode, clock, logger, open } = resolveWatchdogOptions(given)
  const emitter = new Emitter<WatchdogEvent>({ logger })
  let device: WatchdogDevice | undefined
  let timer: Timer | undefined
  let starting: Promise<void> | undefined
  let isStopped = false
  let because = 'it was not opened yet'
  let withheld: string | undefined
  /** Why the device could not be written to when that was tried last: it may be gone, and would reset nothing. */
  let broken: string | undefined

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
    } catch (error) {
      return errorText(error)
    }
    try {
      device?.pet()
      broken = undefined
    } catch (error) {
      broken = errorText(error)
    }
    return broken
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
    obstacle() {
      const problem = device ? broken : because
      return mode === 'automatic' || problem === undefined ? undefined : `the watchdog is required: ${problem}`
    },
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
