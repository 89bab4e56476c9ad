/** How nodes are switched off by others that take over from them. */
export interface FencingConfig {
  /** By the node that a device switches off; the order of the file. */
  readonly nodes: Readonly<Record<string, readonly FenceDeviceConfig[]>>
  /** A node that was never heard since our own start may be booting: it is not fenced before this. */
  readonly startDelayMs: number
}

/** As `@hotspare/fence` takes an agent. */
export interface FenceDeviceConfig {
  readonly agent: string
  readonly options: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** All devices of a level have to succeed; the next level is tried when one has not. From 1. */
  readonly level: number
  readonly offTimeoutMs: number
  readonly proof: 'status' | 'word'
}

/** What a service wants of it; undefined: nothing. */
export type FencingMode = 'required' | 'automatic'

/** What resets this machine when Hotspare cannot. */
export interface WatchdogConfig {
  readonly path: string
  readonly timeoutMs: number
  readonly mode: 'required' | 'automatic'
}

/** The devices of a node, level by level. */
export function levelsOf(devices: readonly FenceDeviceConfig[]): readonly (readonly FenceDeviceConfig[])[] {
  const levels = [...new Set(devices.map(({ level }) => level))].toSorted((one, other) => one - other)
  return levels.map((level) => devices.filter((device) => device.level === level))
}
