import type { Clock } from '@hotspare/core'
import type { DnsRecordEventDetails, DriftPolicy } from '../reconcile-events.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { sameSet } from '../value.ts'
import { answeringDefaults } from './defaults.ts'

export interface ProviderComparisonOptions {
  readonly workers: readonly { readonly label: string; readonly seen: { readonly set: RecordSet | undefined } | undefined }[]
  readonly what: RecordSetName
  readonly drift: DriftPolicy
  readonly clock: Clock
  readonly tell: (provider: string, event: DnsRecordEventDetails) => void
}

/** Several providers answer for one name: whether they say the same. That they differ for a moment, while one follows, is not told. */
export class ProviderComparison {
  readonly #options: ProviderComparisonOptions
  readonly #differing = new Map<string, { readonly sinceMs: number; isTold: boolean }>()

  constructor(options: ProviderComparisonOptions) {
    this.#options = options
  }

  /** By the last looks; undefined with one, or before all were looked at. */
  get isSame(): boolean | undefined {
    const [first, ...others] = this.#options.workers.map(({ seen }) => seen)
    if (!first || others.length === 0 || others.includes(undefined)) return undefined
    return others.every((other) => sameSet(other?.set, first.set))
  }

  /** After a look at any of them. */
  look(): void {
    const [first, ...others] = this.#options.workers
    if (!first?.seen) return
    for (const { label, seen } of others) {
      if (seen) this.#compare({ label: first.label, set: first.seen.set }, { label, set: seen.set })
    }
  }

  #compare(first: Seen, other: Seen): void {
    const { clock, tell, what, drift: policy } = this.#options
    const differing = this.#differing.get(other.label)
    if (sameSet(first.set, other.set)) {
      this.#differing.delete(other.label)
      if (!differing?.isTold) return
      const text = `${what.name} ${what.type} is the same at ${first.label} and ${other.label} again`
      return tell(other.label, { type: 'drift-ended', other: first.label, text })
    }
    const since = differing ?? { sinceMs: clock.monotonicMs(), isTold: false }
    this.#differing.set(other.label, since)
    if (since.isTold || clock.monotonicMs() - since.sinceMs < answeringDefaults.differMs) return
    since.isTold = true
    const [found, expected] = [other.set?.values ?? [], first.set?.values ?? []]
    const text = `${what.name} ${what.type} is not the same: ${shown(expected)} at ${first.label}, ${shown(found)} at ${other.label}`
    tell(other.label, { type: 'drift-found', found, expected, policy, other: first.label, text })
  }
}

interface Seen {
  readonly label: string
  readonly set: RecordSet | undefined
}

function shown(values: readonly string[]): string {
  return values.length === 0 ? 'nothing' : values.join(', ')
}
