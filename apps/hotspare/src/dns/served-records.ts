import type { Clock, TargetState, Timer } from '@hotspare/core'
import { type AnswerTarget, chooseAnswers } from '@hotspare/dns'
import type { DnsServer, ServedSet } from '@hotspare/dns/server'
import type { AnsweringRecordConfig } from '../config/config-dns.ts'
import type { OwnDnsEvent } from './events.ts'

export interface ServedRecordsOptions {
  readonly records: readonly AnsweringRecordConfig[]
  readonly server: Pick<DnsServer, 'set'>
  readonly clock: Clock
  /** What was last known of each target. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
  readonly told: (event: OwnDnsEvent) => void
}

interface Standing {
  readonly state: TargetState
  readonly sinceMs: number
}

/** Names that the server of this process answers by the health of targets: a change is served with the next question. */
export class ServedRecords {
  readonly #options: ServedRecordsOptions
  readonly #standings = new Map<string, Standing>()
  readonly #published = new Map<AnsweringRecordConfig, readonly string[]>()
  /** When to decide again though nothing was reported. */
  readonly #dueMs = new Map<AnsweringRecordConfig, number>()
  #timer: Timer | undefined

  constructor(options: ServedRecordsOptions) {
    this.#options = options
    const nowMs = options.clock.monotonicMs()
    for (const [id, state] of options.states ?? []) this.#standings.set(id, { state, sinceMs: nowMs })
  }

  /** Before anything is known, all are answered: that a name has no address is remembered by resolvers. */
  start(): void {
    const { records } = this.#options
    for (const record of records) this.#published.set(record, inOrder(record.targets.map(({ address }) => address)))
    this.#look(records, records)
  }

  setState(targetId: string, state: TargetState): void {
    if (this.#standings.get(targetId)?.state === state) return
    this.#standings.set(targetId, { state, sinceMs: this.#options.clock.monotonicMs() })
    this.#look(this.#options.records.filter(({ targets }) => targets.some(({ id }) => id === targetId)))
  }

  stop(): void {
    this.#timer?.cancel()
    this.#dueMs.clear()
  }

  /** Whatever is decided at the same moment becomes one version of a zone: secondaries have to fetch each. */
  #look(records: readonly AnsweringRecordConfig[], unserved: readonly AnsweringRecordConfig[] = []): void {
    const changes = records.flatMap((record) => this.#decide(record) ?? [])
    this.#serve(new Set([...unserved, ...changes.map(({ record }) => record)]))
    for (const { event } of changes) this.#options.told(event)
    this.#lookAgain()
  }

  #decide(record: AnsweringRecordConfig): { readonly record: AnsweringRecordConfig; readonly event: OwnDnsEvent } | undefined {
    const { clock } = this.#options
    const targets = record.targets.map(({ id, address, weight, tier }): AnswerTarget => {
      const { state, sinceMs } = this.#standings.get(id) ?? { state: 'unknown', sinceMs: 0 }
      return { id, values: [address], state, sinceMs, weight, tier }
    })
    const from = this.#published.get(record) ?? []
    const answers = chooseAnswers({ targets, published: from, atMs: clock.monotonicMs() }, record.policy)
    if (answers.againAtMs === undefined) this.#dueMs.delete(record)
    else this.#dueMs.set(record, answers.againAtMs)
    if (answers.kind === 'keep' || isSame(answers.values, from)) return undefined
    const to = inOrder(answers.values)
    this.#published.set(record, to)
    const { name, type: recordType } = record
    const { because, isOpen } = answers
    return { record, event: { type: 'answers-changed', at: clock.wallMs(), name, recordType, from, to, because, isOpen } }
  }

  #lookAgain(): void {
    const { clock } = this.#options
    this.#timer?.cancel()
    const next = Math.min(...this.#dueMs.values())
    if (next === Infinity) return
    this.#timer = clock.schedule(Math.max(0, next - clock.monotonicMs()), () => {
      const nowMs = clock.monotonicMs()
      this.#look([...this.#dueMs].flatMap(([record, dueMs]) => (dueMs <= nowMs ? [record] : [])))
    })
  }

  #serve(records: Iterable<AnsweringRecordConfig>): void {
    const zones = new Map<string, ServedSet[]>()
    for (const record of records) {
      const { zone, name, type, ttlSeconds } = record
      const set = { name, type, ttlSeconds, values: this.#published.get(record) ?? [] }
      zones.set(zone, [...(zones.get(zone) ?? []), set])
    }
    for (const [zone, sets] of zones) this.#options.server.set(zone, sets)
  }
}

function inOrder(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted()
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
