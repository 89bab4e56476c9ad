import type { Clock, Logger } from '@hotspare/core'
import { z } from 'zod'
import type { VirtualAddress } from '../address.ts'
import type { VipDriver } from '../driver.ts'
import { interfacePart, virtualAddressPart } from '../options.ts'
import { clockPart, hasMethod, loggerPart, parseOptions } from '../parse-options.ts'
import { DEFAULT_KEEPALIVED_FOLDER, DEFAULT_KEEPALIVED_PID_FILE, keepalivedDefaults } from './defaults.ts'

/** What is to be known of the keepalived of this node. */
export interface KeepalivedOptions {
  /** A folder that belongs to this process alone, best one that a reboot empties. Default: `/run/hotspare/keepalived` */
  readonly folder?: string | undefined
  /** Of keepalived's main process. Default: `/run/keepalived.pid` */
  readonly pidFile?: string | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
}

/** {@link KeepalivedOptions}, checked and complete. */
export interface ResolvedKeepalivedOptions {
  readonly folder: string
  readonly pidFile: string
  readonly logger: Logger
}

/** What is to be known of an address that keepalived is to have. */
export interface KeepalivedResourceOptions {
  /** `10.0.0.100/32` */
  readonly address: string
  /** On this node. */
  readonly interface: string
  /** VRRP's, 1 to 255; no other address on this network has it. */
  readonly routerId: number
  /** Whole hundredths of a second, in milliseconds. Default: 100 */
  readonly advertIntervalMs?: number | undefined
  /** What the interface is called on another node. Default: the same as here */
  readonly interfaceOf?: ((node: string) => string) | undefined
  /** How the kernel is asked; it stays the caller's. Default: netlink by koffi, else commands */
  readonly driver?: VipDriver | undefined
  /** Default: the system's clock; that of the right */
  readonly clock?: Clock | undefined
}

/** {@link KeepalivedResourceOptions}, checked and complete. */
export interface ResolvedKeepalivedResourceOptions {
  readonly address: VirtualAddress
  readonly interface: string
  readonly routerId: number
  readonly advertIntervalMs: number
  readonly interfaceOf: ((node: string) => string) | undefined
  readonly driver: VipDriver | undefined
  readonly clock: Clock
}

/** A path that keepalived.conf(5) takes without quotation marks. */
const path = (given: string) =>
  z
    .string()
    .max(200)
    .regex(/^(?:\/[A-Za-z0-9_.-]+)+$/, 'expected an absolute path without blanks')
    .default(given)

export const keepalivedOptionsSchema: z.ZodType<ResolvedKeepalivedOptions, KeepalivedOptions> = z.strictObject({
  folder: path(DEFAULT_KEEPALIVED_FOLDER),
  pidFile: path(DEFAULT_KEEPALIVED_PID_FILE),
  logger: loggerPart,
})

const resourceOptionsSchema: z.ZodType<ResolvedKeepalivedResourceOptions, KeepalivedResourceOptions> = z.strictObject({
  address: virtualAddressPart,
  // Both go into a file that keepalived reads as root.
  interface: interfacePart,
  routerId: z.int('expected 1 to 255').min(1, 'expected 1 to 255').max(255, 'expected 1 to 255'),
  // Twelve bits of hundredths of a second (RFC 9568, 5.2.7).
  advertIntervalMs: z
    .number()
    .refine(
      (value) => Number.isInteger(value / 10) && value >= 10 && value <= 40_950,
      'expected whole hundredths of a second, 10 to 40,950 ms',
    )
    .default(keepalivedDefaults.advertIntervalMs),
  interfaceOf: z
    .custom<(node: string) => string>((value) => typeof value === 'function', 'expected a function')
    .optional()
    .transform((value) => value),
  driver: z
    .custom<VipDriver>((value) => hasMethod(value, 'entries'), 'expected a driver, as netlinkDriver() makes one')
    .optional()
    .transform((value) => value),
  clock: clockPart,
})

/** @throws HotspareError `HOTSPARE_VIP_OPTIONS` */
export function resolveKeepalivedOptions(options: KeepalivedOptions): ResolvedKeepalivedOptions {
  return parseOptions('keepalived', keepalivedOptionsSchema, options)
}

/** @throws HotspareError `HOTSPARE_VIP_OPTIONS` */
export function resolveKeepalivedResourceOptions(options: KeepalivedResourceOptions): ResolvedKeepalivedResourceOptions {
  return parseOptions('keepalived', resourceOptionsSchema, options)
}
