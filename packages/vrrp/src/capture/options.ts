import { type Clock, LONGEST_DELAY_MS, type Logger, optionsError, silentLogger, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { addressBytes } from '../address.ts'
import { captureDefaults } from '../defaults.ts'
import type { Heard } from '../frame.ts'

/** What a capture listens to. */
export interface CaptureOptions {
  /** Such as `eth0`. */
  readonly interface: string
  /** Whose claims are heard. Default: those of all addresses */
  readonly addresses?: readonly string[] | undefined
  /** Called for each frame that says something. */
  readonly onHeard: (heard: CapturedNews) => void
  /** Called after each look: everything up to that time of the monotonic clock was read, so that a silence up to then is one. */
  readonly onRead?: ((untilMs: number) => void) | undefined
  /** How often the socket is read, in milliseconds; the times of frames are the kernel's and do not depend on it. Default: 20 */
  readonly lookEveryMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** Is told of an `onHeard` or `onRead` that throws. Default: silent */
  readonly logger?: Logger | undefined
}

export interface CapturedNews {
  readonly heard: Heard
  /** When it came, by the monotonic clock. */
  readonly atMs: number
}

/** {@link CaptureOptions}, checked and complete. */
export interface ResolvedCaptureOptions {
  readonly interface: string
  /** 4 or 16 bytes each; empty for all addresses. */
  readonly addresses: readonly Uint8Array[]
  readonly onHeard: (heard: CapturedNews) => void
  readonly onRead: (untilMs: number) => void
  readonly lookEveryMs: number
  readonly clock: Clock
  readonly logger: Logger
}

function part<Value>(isOne: (value: unknown) => boolean, what: string): z.ZodType<Value, Value> {
  return z.custom<Value>(isOne, `expected ${what}`)
}

const isFunction = (value: unknown) => typeof value === 'function'
const hasMethod = (method: string) => (value: unknown) => isFunction(Reflect.get(Object(value), method))

const captureOptionsSchema: z.ZodType<ResolvedCaptureOptions, CaptureOptions> = z.strictObject({
  // Whether there is one of this name is known at the start.
  interface: z.string(),
  // One that is left out silently would be no filter at all.
  addresses: z
    .array(
      z.string().transform((text, context) => {
        const bytes = addressBytes(text)
        if (bytes) return bytes
        context.addIssue({ code: 'custom', message: 'expected an IP address, like 10.0.0.100 or fd00::100' })
        return z.NEVER
      }),
    )
    .default([]),
  onHeard: part<(heard: CapturedNews) => void>(isFunction, 'a function'),
  onRead: part<(untilMs: number) => void>(isFunction, 'a function').default(() => () => {}),
  lookEveryMs: z.number().min(1).max(LONGEST_DELAY_MS).default(captureDefaults.lookEveryMs),
  clock: part<Clock>(hasMethod('schedule'), 'a Clock').default(systemClock),
  logger: part<Logger>(hasMethod('error'), 'a Logger').default(silentLogger),
})

/** @throws HotspareError `HOTSPARE_VRRP_OPTIONS` */
export function resolveCaptureOptions(options: CaptureOptions): ResolvedCaptureOptions {
  const parsed = captureOptionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_VRRP_OPTIONS', who: 'capture', issues: parsed.error.issues })
}
