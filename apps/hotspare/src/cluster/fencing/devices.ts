import type { Clock } from '@hotspare/core'
import { createFenceAgent, type FenceDevice, type FenceLevels, fenceLevels } from '@hotspare/fence'
import { type FenceDeviceConfig, type FencingConfig, levelsOf } from '../../config/config-fencing.ts'

/** The choice of what a device of the file is. Nothing is run. */
function fenceDevice({ agent, options, secrets, offTimeoutMs, proof }: FenceDeviceConfig, clock?: Clock): FenceDevice {
  return createFenceAgent({ agent, options, secrets, offTimeoutMs, proof, clock })
}

/** The devices of a node; undefined where the file has none. */
export function fenceLevelsOf(fencing: FencingConfig | undefined, node: string, clock?: Clock): FenceLevels | undefined {
  const devices = fencing && Object.hasOwn(fencing.nodes, node) ? fencing.nodes[node] : undefined
  return devices && fenceLevels(levelsOf(devices).map((level) => level.map((device) => fenceDevice(device, clock))))
}

/** What people type to switch a node off and to see that it is, by its first level; secrets are variables. */
export function fenceCommands(fencing: FencingConfig | undefined, node: string): readonly string[] {
  const devices = fencing && Object.hasOwn(fencing.nodes, node) ? fencing.nodes[node] : undefined
  const [first = []] = devices ? levelsOf(devices) : []
  return first.flatMap((device) => fenceDevice(device).manual)
}
