import { CloudError } from '@hotspare/cloud'
import type { DnsProvider, Reading, Replacement } from './provider.ts'

export interface PrimedOptions {
  /** What was read a moment ago: the first answer for each, so that nobody is asked twice for the same. */
  readonly readings: readonly Reading[]
  /** A change has failed, and may have been made all the same, or may be made later. */
  readonly onUnheard?: ((replacements: readonly Replacement[]) => void) | undefined
}

/** A provider for one run of `applyChange`. */
export function primed(provider: DnsProvider, { readings, onUnheard }: PrimedOptions): DnsProvider {
  const fresh = new Map(readings.map((reading) => [keyOf(reading), reading]))
  return {
    ...provider,
    async read(question, options) {
      const known = fresh.get(keyOf(question))
      fresh.delete(keyOf(question))
      return known ?? provider.read(question, options)
    },
    async change(replacements, options) {
      try {
        return await provider.change(replacements, options)
      } catch (error) {
        if (mayBeMade(error)) onUnheard?.(replacements)
        throw error
      }
    },
  }
}

/** Some answers come instead of a change. */
function mayBeMade(error: unknown): boolean {
  return !(error instanceof CloudError) || error.fault === 'unavailable' || error.fault === 'busy'
}

function keyOf({ name, type }: Pick<Reading, 'name' | 'type'>): string {
  return `${name} ${type}`
}
