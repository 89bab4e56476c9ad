import type { Algorithm, Chooser } from './algorithm.ts'

/**
 * The first target, in the order that the pool was given, for as long as it can take another request: with a `limit` on
 * each, a few targets are filled and the rest can be switched off, as with HAProxy's `first`. Without limits it is a
 * primary with its spares. Weights count for nothing.
 */
export function firstAvailable(): Algorithm {
  return { name: 'first-available', keyed: false, start: () => firstInOrder }
}

const firstInOrder: Chooser = {
  choose({ members }, { exclude }) {
    for (const candidate of members) if (!exclude?.has(candidate.id)) return candidate
    return undefined
  },
}
