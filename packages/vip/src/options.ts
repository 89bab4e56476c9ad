import { type Clock, LONGEST_DELAY_MS, type Logger } from '@hotspare/core'
import { z } from 'zod'
import { parseVirtualAddress, type VirtualAddress } from './address.ts'
import { vipDefaults } from './defaults.ts'
import type { VipDriver } from './driver.ts'
import { clockPart, hasMethod, loggerPart, parseOptions } from './parse-options.ts'

/** What a virtual address needs to know. */
export interface VipOptions {
  /** `10.0.0.100/32` or `fd00::100/128`; without a prefix length it is a single address. */
  readonly address: string
  /** Where it goes on this node: `eth0`. */
  readonly interface: string
  /**
   * How long the kernel may keep the address without hearing from us, in milliseconds; a claim then needs a right, and the
   * address never outlives it. Default: for ever, so that it serves on when this process is gone
   */
  readonly lifetimeMs?: number | undefined
  /** The end of the label of an IPv4 address, `eth0:hs`; begins with `hs`. Default: `hs` */
  readonly label?: string | undefined
  /** How long a claim waits for somebody to object, in milliseconds. Default: 75 */
  readonly probeWaitMs?: number | undefined
  /** How long the result of a probe is good for a claim, in milliseconds. Default: 3,000 */
  readonly probeFreshMs?: number | undefined
  /** The pace of announcements after the first 5 s, in milliseconds. Default: 30,000 */
  readonly announceEveryMs?: number | undefined
  /** How late the kernel may be, in milliseconds: the gate shuts before the right's end by as much. Default: 25 */
  readonly gateMarginMs?: number | undefined
  /** How long one call may take as a whole, in milliseconds. Default: 5,000 */
  readonly callTimeoutMs?: number | undefined
  /** How the kernel is spoken to. Default: netlink by koffi, else commands */
  readonly driver?: VipDriver | undefined
  /** Default: the system's clock; that of the right */
  readonly clock?: Clock | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
}

/** {@link VipOptions}, checked and complete. */
export interface ResolvedVipOptions {
  readonly address: VirtualAddress
  readonly interface: string
  readonly lifetimeMs: number | undefined
  readonly label: string
  readonly probeWaitMs: number
  readonly probeFreshMs: number
  readonly announceEveryMs: number
  readonly gateMarginMs: number
  readonly callTimeoutMs: number
  readonly driver: VipDriver | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** Below this, the margin and the pause of a busy machine are all there is. */
const SHORTEST_LIFETIME_MS = 250

const duration = (leastMs: number) => z.number().min(leastMs).max(LONGEST_DELAY_MS)

/** An address that can be virtual, taken apart. */
export const virtualAddressPart: z.ZodType<VirtualAddress, string> = z.string().transform((text, context) => {
  const address = parseVirtualAddress(text)
  if (address) return address
  context.addIssue({ code: 'custom', message: 'expected an address like 10.0.0.100/32 or fd00::100/128' })
  return z.NEVER
})

/** What Linux takes for a name: no slash, no blank, 15 characters. It also stands in commands and files. */
export const interfacePart: z.ZodString = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9_.@-]{1,15}$/, 'expected the name of an interface, like eth0')

const plainOptionsSchema: z.ZodType<ResolvedVipOptions, VipOptions> = z.strictObject({
  address: virtualAddressPart,
  interface: interfacePart,
  lifetimeMs: duration(SHORTEST_LIFETIME_MS)
    .optional()
    .transform((value) => value),
  label: z
    .string()
    .regex(/^hs[0-9a-z]{0,10}$/, 'expected hs, and up to 10 more of a-z and 0-9')
    .default('hs'),
  probeWaitMs: duration(0).default(vipDefaults.probeWaitMs),
  probeFreshMs: duration(0).default(vipDefaults.probeFreshMs),
  announceEveryMs: duration(1_000).default(vipDefaults.announceEveryMs),
  gateMarginMs: duration(0).default(vipDefaults.gateMarginMs),
  callTimeoutMs: duration(1).default(vipDefaults.callTimeoutMs),
  driver: z
    .custom<VipDriver>((value) => hasMethod(value, 'setAddress'), 'expected a driver, as netlinkDriver() makes one')
    .optional()
    .transform((value) => value),
  clock: clockPart,
  logger: loggerPart,
})

export const vipOptionsSchema: z.ZodType<ResolvedVipOptions, VipOptions> = plainOptionsSchema.refine(
  ({ lifetimeMs, gateMarginMs }) => lifetimeMs === undefined || gateMarginMs < lifetimeMs,
  { path: ['gateMarginMs'], message: 'leaves nothing of lifetimeMs: the gate would never open' },
)

/** @throws HotspareError `HOTSPARE_VIP_OPTIONS` */
export function resolveVipOptions(options: VipOptions): ResolvedVipOptions {
  return parseOptions('vip', vipOptionsSchema, options)
}
