import { type Clock, formatDuration } from '@hotspare/core'
import type { DnsRecordEventDetails } from './reconcile-events.ts'
import type { RecordSet, RecordSetName } from './record-set.ts'
import { formatSet, sameSet } from './value.ts'

export interface RecordNewsOptions {
  readonly what: RecordSetName
  /** The provider, as people know it. */
  readonly who: string
  /** Behind the record, where several providers may have it: ` at main`. Default: nothing */
  readonly where?: string | undefined
  readonly clock: Clock
  readonly tell: (event: DnsRecordEventDetails) => void
}

/** What is told of one record at one provider: once for each time that it begins, however often it is tried again. */
export class RecordNews {
  readonly #options: RecordNewsOptions
  #refusal: string | undefined
  #failingSinceMs: number | undefined

  constructor(options: RecordNewsOptions) {
    this.#options = options
  }

  /** @returns whether anybody has to look: not where the claim alone has changed, or nothing in the end */
  changed(change: {
    readonly before: RecordSet | undefined
    readonly set: RecordSet
    readonly because: string
    readonly tookMs: number
  }): boolean {
    const { where = '', tell } = this.#options
    const { before, set, because, tookMs } = change
    if (sameSet(before, set)) return false
    const from = before?.values ?? []
    const text = `${formatSet(set)}${where}, instead of ${from.length > 0 ? from.join(', ') : 'nothing'}: ${because}`
    tell({ type: 'record-changed', from, to: set.values, ttlSeconds: set.ttlSeconds, because, tookMs, text })
    return true
  }

  /** Told once for each reason. */
  refused(code: string, because: string): void {
    const { what, where = '', tell } = this.#options
    const said = `${code} ${because}`
    if (this.#refusal === said) return
    this.#refusal = said
    tell({ type: 'record-conflict', code, because, text: `${what.name} ${what.type}${where} was not changed: ${because}` })
  }

  /** @param retryInMs when it is tried again, where that is known */
  failed(because: string, retryInMs?: number): void {
    const { who, clock, tell } = this.#options
    if (this.#failingSinceMs !== undefined) return
    this.#failingSinceMs = clock.monotonicMs()
    tell({ type: 'provider-failed', because, retryInMs, text: `${who} does not work: ${because}` })
  }

  /** What had failed has worked. */
  recovered(): void {
    const { who, clock, tell } = this.#options
    if (this.#failingSinceMs === undefined) return
    const afterMs = clock.monotonicMs() - this.#failingSinceMs
    this.#failingSinceMs = undefined
    tell({ type: 'provider-recovered', afterMs, text: `${who} works again, after ${formatDuration(afterMs)}` })
  }

  /** It is as it was to be: a refusal that comes after this is a new one. */
  settled(): void {
    this.#refusal = undefined
    this.recovered()
  }
}
