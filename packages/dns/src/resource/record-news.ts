import { type Clock, formatDuration } from '@hotspare/core'
import type { DnsRecordEventDetails } from '../reconcile-events.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { formatSet, sameSet } from '../value.ts'

export interface RecordNewsOptions {
  readonly what: RecordSetName
  /** Of the provider. */
  readonly id: string
  readonly clock: Clock
  readonly tell: (event: DnsRecordEventDetails) => void
}

/** What is told of a record that moves: once for each time that it begins, however often it is tried again. */
export class RecordNews {
  readonly #options: RecordNewsOptions
  #refusal: string | undefined
  #failingSinceMs: number | undefined

  constructor(options: RecordNewsOptions) {
    this.#options = options
  }

  /** @returns whether anybody has to look: not where the claim alone has changed */
  changed(change: {
    readonly before: RecordSet | undefined
    readonly set: RecordSet
    readonly because: string
    readonly tookMs: number
  }): boolean {
    const { before, set, because, tookMs } = change
    if (sameSet(before, set)) return false
    const from = before?.values ?? []
    const text = `${formatSet(set)}, instead of ${from.length > 0 ? from.join(', ') : 'nothing'}: ${because}`
    this.#options.tell({ type: 'record-changed', from, to: set.values, ttlSeconds: set.ttlSeconds, because, tookMs, text })
    return true
  }

  refused(code: string, because: string): void {
    const { what, tell } = this.#options
    const said = `${code} ${because}`
    if (this.#refusal === said) return
    this.#refusal = said
    tell({ type: 'record-conflict', code, because, text: `${what.name} ${what.type} was not changed: ${because}` })
  }

  failed(because: string): void {
    const { id, clock, tell } = this.#options
    if (this.#failingSinceMs !== undefined) return
    this.#failingSinceMs = clock.monotonicMs()
    tell({ type: 'provider-failed', because, retryInMs: undefined, text: `${id} does not work: ${because}` })
  }

  /** It is as it was to be. */
  worked(): void {
    const { id, clock, tell } = this.#options
    this.#refusal = undefined
    if (this.#failingSinceMs === undefined) return
    const afterMs = clock.monotonicMs() - this.#failingSinceMs
    this.#failingSinceMs = undefined
    tell({ type: 'provider-recovered', afterMs, text: `${id} works again, after ${formatDuration(afterMs)}` })
  }
}
