import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'
import { systemDefaults } from './defaults.ts'

/** What every check of this machine has. */
interface CommonCheck {
  /** One deadline over the run, in milliseconds. Default: 2,000 (smart: 10,000) */
  readonly timeoutMs: number
  /** Where the kernel's /proc is; in a container, perhaps the host's. Default: /proc */
  readonly procRoot: string
  /** Where the kernel's /sys is. Default: /sys */
  readonly sysRoot: string
}

/** Where the measured number stops being well; a number on the line is beyond it. */
interface Levels {
  /** Degraded from here on. */
  readonly warnAt: number
  /** Failed from here on. */
  readonly failAt?: number | undefined
}

/** The share of the processors' time that was used since the run before. */
export interface CpuCheck extends CommonCheck, Levels {
  readonly what: 'cpu'
}

/** The share of the memory that is used, caches apart. */
export interface MemoryCheck extends CommonCheck, Levels {
  readonly what: 'memory'
  /** A control group (v2) instead of the machine: its path below the root, or `self`. */
  readonly cgroup?: string | undefined
}

/** The share of a file system that is used, as `df` counts. */
export interface DiskCheck extends CommonCheck, Levels {
  readonly what: 'disk' | 'inodes'
  /** A folder of the file system. Default: / */
  readonly path: string
}

/** The load average by processor. */
export interface LoadCheck extends CommonCheck, Levels {
  readonly what: 'load'
  /** Over how many minutes. Default: 5 */
  readonly minutes: 1 | 5 | 15
}

/** The share of time in which tasks had to wait: the kernel's pressure stall information. */
export interface PressureCheck extends CommonCheck, Levels {
  readonly what: 'pressure'
  /** For what. */
  readonly resource: 'cpu' | 'memory' | 'io'
  /** Whether at least one task waited, or all did. Default: some */
  readonly who: 'some' | 'full'
  /** Over how many seconds. Default: 60 */
  readonly seconds: 10 | 60 | 300
}

/** A network interface: whether it is up, and its broken packets as a share of all since the run before. */
export interface NetworkCheck extends CommonCheck, Levels {
  readonly what: 'network'
  readonly interface: string
}

/** Linux software RAID, from /proc/mdstat. */
export interface RaidCheck extends CommonCheck {
  readonly what: 'raid'
  /** Like `md0`. Default: all that there are, and at least one */
  readonly array?: string | undefined
}

/** A disk's own opinion of itself, through smartctl. */
export interface SmartCheck extends CommonCheck {
  readonly what: 'smart'
  /** Like /dev/sda. */
  readonly device: string
  /** smartctl's `-d`, where it does not find out by itself. */
  readonly deviceType?: string | undefined
  /** A path, or a name to look up. Default: smartctl */
  readonly program: string
}

/** How long this process's event loop was held up: the 99th percentile since the run before, in milliseconds. */
export interface EventLoopCheck extends CommonCheck, Levels {
  readonly what: 'event-loop'
}

/** One check of this machine, with the defaults filled in. */
export type ResolvedSystemProbeOptions =
  | CpuCheck
  | MemoryCheck
  | DiskCheck
  | LoadCheck
  | PressureCheck
  | NetworkCheck
  | RaidCheck
  | SmartCheck
  | EventLoopCheck

/** The fields that have a default. */
type Defaulted = 'timeoutMs' | 'procRoot' | 'sysRoot' | 'warnAt' | 'path' | 'minutes' | 'who' | 'seconds' | 'program'

type WithoutDefaults<Check> = Check extends unknown
  ? Omit<Check, Defaulted> & { readonly [Key in keyof Check & Defaulted]?: Check[Key] | undefined }
  : never

/** One check of this machine. */
export type SystemProbeOptions = WithoutDefaults<ResolvedSystemProbeOptions>

const path = z
  .string()
  .max(4_096)
  .regex(/^\/[^\0]*$/, { message: 'must be a path that begins with /' })

const common = {
  timeoutMs: milliseconds.default(systemDefaults.timeoutMs).describe('One deadline over the run, in milliseconds.'),
  procRoot: path.default('/proc').describe("Where the kernel's /proc is."),
  sysRoot: path.default('/sys').describe("Where the kernel's /sys is."),
}

const ratio = z.number().gt(0).max(1)
const amount = z.number().gt(0).max(1_000_000)

function levels(of: z.ZodNumber, unit: string, { warnAt, failAt }: { readonly warnAt: number; readonly failAt?: number }) {
  const fail = failAt === undefined ? of.optional() : of.default(failAt)
  return {
    warnAt: of.default(warnAt).describe(`Degraded from here on, ${unit}.`),
    failAt: fail.describe(`Failed from here on, ${unit}.`),
  }
}

const schema = z.discriminatedUnion('what', [
  z.strictObject({
    what: z.literal('cpu').describe("The share of the processors' time that was used."),
    ...common,
    ...levels(ratio, 'as a share of 1', systemDefaults.cpu),
  }),
  z.strictObject({
    what: z.literal('memory').describe('The share of the memory that is used, caches apart.'),
    ...common,
    ...levels(ratio, 'as a share of 1', systemDefaults.memory),
    cgroup: z
      .union([path.refine((text) => !text.split('/').includes('..'), { message: 'must not hold ..' }), z.literal('self')])
      .optional()
      .describe('A control group (v2) instead of the machine: its path below the root, or self.'),
  }),
  z.strictObject({
    what: z.enum(['disk', 'inodes']).describe('The share of a file system that is used.'),
    ...common,
    ...levels(ratio, 'as a share of 1', systemDefaults.disk),
    path: path.default('/').describe('A folder of the file system.'),
  }),
  z.strictObject({
    what: z.literal('load').describe('The load average by processor.'),
    ...common,
    ...levels(amount, 'by processor', systemDefaults.load),
    minutes: z.literal([1, 5, 15]).default(5).describe('Over how many minutes.'),
  }),
  z.strictObject({
    what: z.literal('pressure').describe('The share of time in which tasks had to wait.'),
    ...common,
    ...levels(ratio, 'as a share of 1', systemDefaults.pressure),
    resource: z.enum(['cpu', 'memory', 'io']).describe('For what they had to wait.'),
    who: z.enum(['some', 'full']).default('some').describe('Whether at least one task waited, or all did.'),
    seconds: z.literal([10, 60, 300]).default(60).describe('Over how many seconds.'),
  }),
  z.strictObject({
    what: z.literal('network').describe('A network interface: its state, and the share of broken packets.'),
    ...common,
    ...levels(ratio, 'as a share of 1', systemDefaults.network),
    interface: z
      .string()
      .regex(/^(?!\.\.?$)[^\s/\0]{1,15}$/, { message: 'must be the name of an interface' })
      .describe('The name of the interface.'),
  }),
  z.strictObject({
    what: z.literal('raid').describe('Linux software RAID.'),
    ...common,
    array: z
      .string()
      .regex(/^md[\w-]{1,60}$/, { message: 'must be a name like md0' })
      .optional()
      .describe('One array; all that there are unless set.'),
  }),
  z.strictObject({
    what: z.literal('smart').describe("A disk's own opinion of itself, through smartctl."),
    ...common,
    timeoutMs: milliseconds.default(systemDefaults.smartTimeoutMs).describe('One deadline over the run, in milliseconds.'),
    device: path.describe('The disk, like /dev/sda.'),
    deviceType: z
      .string()
      .regex(/^[a-z0-9][a-z0-9,+/_-]{0,63}$/)
      .optional()
      .describe('The `-d` of smartctl.'),
    program: z.string().min(1).max(4_096).default('smartctl').describe('The path or name of smartctl.'),
  }),
  z.strictObject({
    what: z.literal('event-loop').describe("How long this process's event loop was held up."),
    ...common,
    ...levels(amount, 'in milliseconds', systemDefaults.eventLoop),
  }),
])

export const systemProbeOptionsSchema: z.ZodType<ResolvedSystemProbeOptions, SystemProbeOptions> = schema.refine(
  (check) => !('warnAt' in check) || check.failAt === undefined || check.warnAt <= check.failAt,
  { path: ['warnAt'], message: 'must not be beyond failAt' },
)
