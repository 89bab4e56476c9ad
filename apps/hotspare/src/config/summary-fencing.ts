import { formatDuration } from '@hotspare/core'
import type { Config } from './config.ts'
import { levelsOf } from './config-fencing.ts'

/** What `hotspare check` tells about fencing and the watchdog. Holds no secret. */
export interface FencingSummary {
  /** By node, level by level: the agents. */
  readonly nodes: readonly { readonly node: string; readonly levels: readonly (readonly string[])[] }[]
  readonly services: readonly { readonly name: string; readonly mode: 'required' | 'automatic' }[]
  readonly watchdog: { readonly path: string; readonly timeoutMs: number; readonly mode: 'required' | 'automatic' } | undefined
}

/** @returns undefined where the file has nothing of the kind */
export function summarizeFencing({ fencing, watchdog, services }: Config): FencingSummary | undefined {
  if (!fencing && !watchdog) return undefined
  return {
    nodes: Object.entries(fencing?.nodes ?? {}).map(([node, devices]) => {
      return { node, levels: levelsOf(devices).map((level) => level.map(({ agent }) => agent)) }
    }),
    services: services.flatMap(({ name, fencing: mode }) => (mode === undefined ? [] : [{ name, mode }])),
    watchdog,
  }
}

export function formatFencing({ nodes, services, watchdog }: FencingSummary): string[] {
  const asked = nodes.length === 0 ? [] : ['  `hotspare fence status` asks each of them, and switches nothing']
  return [
    ...nodes.map(({ node, levels }) => `fencing of ${node}: ${levels.map((agents) => agents.join(' and ')).join(', then ')}`),
    ...asked,
    ...services.map(({ name, mode }) => `  ${name}: ${MEANING[mode]}`),
    ...(watchdog ? [`watchdog ${watchdog.path} (${watchdog.mode}): resets this machine after ${formatDuration(watchdog.timeoutMs)}`] : []),
  ]
}

const MEANING = {
  required: 'whoever may still hold something is off before it is taken over',
  automatic: 'whoever may still hold something is switched off if that goes, and it is taken over in any case',
} as const
