import type { Clock } from '@hotspare/core'
import { assertNever, errorCode, errorText, systemClock } from '@hotspare/core'
import { inconclusive } from './failure.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'
import { diskLook } from './system/disk.ts'
import { eventLoopLook } from './system/event-loop.ts'
import type { Look } from './system/look.ts'
import { memoryLook } from './system/memory.ts'
import { networkLook } from './system/network.ts'
import { type ResolvedSystemProbeOptions, type SystemProbeOptions, systemProbeOptionsSchema } from './system/options.ts'
import { cpuLook, loadLook, pressureLook } from './system/processor.ts'
import { raidLook } from './system/raid.ts'
import { smartLook } from './system/smart.ts'

export { systemProbeOptionsSchema } from './system/options.ts'
export type {
  CpuCheck,
  DiskCheck,
  EventLoopCheck,
  LoadCheck,
  MemoryCheck,
  NetworkCheck,
  PressureCheck,
  RaidCheck,
  ResolvedSystemProbeOptions,
  SmartCheck,
  SystemProbeOptions,
} from './system/options.ts'

/**
 * Looks at the machine that it runs on (Linux). What the machine does not tell is inconclusive; a number beyond `warnAt` is
 * degraded, one beyond `failAt` fails with the reason `limit`. Every number that was measured is in `measures`.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function systemProbe(options: SystemProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const check = parseOptions('systemProbe', systemProbeOptionsSchema, rest)
  const look = lookOf(check, clock)
  const { timeoutMs } = check
  const address = addressOf(check)
  return {
    type: 'system',
    address,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `system probe of ${address}`, timeoutMs, clock, signal }, async (run: ProbeRun) => {
        try {
          return await look(run)
        } catch (error) {
          // Only what Node reports has a code; anything else is a mistake of ours, and to be seen.
          if (errorCode(error) === undefined || run.signal.aborted) throw error
          return inconclusive(`this machine does not tell: ${errorText(error)}`)
        }
      }),
  }
}

function lookOf(check: ResolvedSystemProbeOptions, clock: Clock): Look {
  switch (check.what) {
    case 'cpu':
      return cpuLook(check, clock)
    case 'memory':
      return memoryLook(check)
    case 'disk':
    case 'inodes':
      return diskLook(check)
    case 'load':
      return loadLook(check)
    case 'pressure':
      return pressureLook(check)
    case 'network':
      return networkLook(check, clock)
    case 'raid':
      return raidLook(check)
    case 'smart':
      return smartLook(check, clock)
    case 'event-loop':
      return eventLoopLook(check, clock)
    default:
      return assertNever(check)
  }
}

function addressOf(check: ResolvedSystemProbeOptions): string {
  switch (check.what) {
    case 'disk':
    case 'inodes':
      return `${check.what} of ${check.path}`
    case 'pressure':
      return `pressure of ${check.resource}`
    case 'network':
      return `interface ${check.interface}`
    case 'smart':
      return `smart of ${check.device}`
    case 'memory':
      return check.cgroup === undefined ? 'memory' : `memory of ${check.cgroup}`
    case 'raid':
      return check.array === undefined ? 'raid' : `raid ${check.array}`
    case 'cpu':
    case 'load':
    case 'event-loop':
      return check.what
    default:
      return assertNever(check)
  }
}
