import { HotspareError } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import type { FenceCallOptions, FenceDevice, PowerReading } from './fence-device.ts'

/** A node's ways of being switched off, in the order in which they are tried. */
export interface FenceLevels {
  /** How long `off` may take as a whole, in milliseconds. */
  readonly allowedMs: number
  /**
   * Switches the node off by the first level that can. All devices of a level have to succeed: with two power supplies,
   * one that is off proves nothing.
   */
  off(options?: FenceCallOptions): Promise<Outcome>
  /** Each device: whether it could be used now, and what it says of the power. */
  probe(options?: FenceCallOptions): Promise<readonly DeviceProbe[]>
}

/** What a device says when it is asked without being used. */
export interface DeviceProbe {
  /** From 1. */
  readonly level: number
  readonly device: string
  readonly monitor: Outcome
  readonly power: PowerReading
}

/**
 * Joins devices of one node to levels, as Pacemaker's fencing topology does.
 *
 * @throws HotspareError `HOTSPARE_FENCE_OPTIONS` for no level, or an empty one
 */
export function fenceLevels(levels: readonly (readonly FenceDevice[])[]): FenceLevels {
  if (levels.length === 0 || levels.some((devices) => devices.length === 0)) {
    throw new HotspareError({ code: 'HOTSPARE_FENCE_OPTIONS', message: 'fence: a node needs a level, and each level a device' })
  }

  return {
    allowedMs: levels.flat().reduce((sum, { allowedMs }) => sum + allowedMs, 0),
    async off(call = {}) {
      const problems: string[] = []
      for (const devices of levels) {
        const outcome = await offBy(devices, call)
        if (outcome.ok) return outcome
        problems.push(outcome.because)
        if (call.signal?.aborted) break
      }
      return { ok: false, because: problems.join('; then '), retryable: true }
    },
    async probe(call = {}) {
      const asked = levels.flatMap((devices, index) => devices.map((device) => ({ level: index + 1, device })))
      const probes: DeviceProbe[] = []
      for (const { level, device } of asked) {
        const monitor = await device.monitor(call)
        probes.push({ level, device: device.name, monitor, power: await device.status(call) })
      }
      return probes
    },
  }
}

/** One after the other: two plugs of one strip share its session. */
async function offBy(devices: readonly FenceDevice[], call: FenceCallOptions): Promise<Outcome> {
  const details: string[] = []
  for (const device of devices) {
    const outcome = await device.off(call)
    if (!outcome.ok) return { ...outcome, because: `${device.name}: ${outcome.because}` }
    details.push(`${device.name}: ${outcome.detail}`)
  }
  return { ok: true, detail: details.join('; ') }
}
