import type { Clock, TargetState, Timer } from '@hotspare/core'
import { type AnswerTarget, chooseAnswers } from '@hotspare/dns'
import type { DnsServer } from '@hotspare/dns/server'
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
  readonly #timers = new Map<AnsweringRecordConfig, Timer>()

  constructor(options: ServedRecordsOptions) {
    this.#options = options
    const nowMs = options.clock.monotonicMs()
    for (const [id, state] of options.states ?? []) this.#standings.set(id, { state, sinceMs: nowMs })
  }

  /** Before anything is known, all are answered: that a name has no address is remembered by resolvers. */
  start(): void {
    for (const record of this.#options.records) {
      this.#publish(
        record,
        record.targets.map(({ address }) => address),
      )
      this.#look(record)
    }
  }

  setState(targetId: string, state: TargetState): void {
    if (this.#standings.get(targetId)?.state === state) return
    this.#standings.set(targetId, { state, sinceMs: this.#options.clock.monotonicMs() })
    for (const record of this.#options.records) if (record.targets.some(({ id }) => id === targetId)) this.#look(record)
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  #look(record: AnsweringRecordConfig): void {
    const { clock, told } = this.#options
    this.#timers.get(record)?.cancel()
    const targets = record.targets.map(({ id, address, weight, tier }): AnswerTarget => {
      const { state, sinceMs } = this.#standings.get(id) ?? { state: 'unknown', sinceMs: 0 }
      return { id, values: [address], state, sinceMs, weight, tier }
    })
    const published = this.#published.get(record) ?? []
    const atMs = clock.monotonicMs()
    const answers = chooseAnswers({ targets, published, atMs }, record.policy)
    if (answers.againAtMs !== undefined) {
      this.#timers.set(
        record,
        clock.schedule(Math.max(0, answers.againAtMs - atMs), () => this.#look(record)),
      )
    }
    if (answers.kind === 'keep' || isSame(answers.values, published)) return
    this.#publish(record, answers.values)
    const { name, type: recordType } = record
    const { values: to, because, isOpen } = answers
    told({ type: 'answers-changed', at: clock.wallMs(), name, recordType, from: published, to, because, isOpen })
  }

  #publish(record: AnsweringRecordConfig, values: readonly string[]): void {
    const { zone, name, type, ttlSeconds } = record
    const unique = [...new Set(values)].toSorted()
    this.#options.server.set(zone, [{ name, type, ttlSeconds, values: unique }])
    this.#published.set(record, unique)
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
