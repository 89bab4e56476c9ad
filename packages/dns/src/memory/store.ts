import type { ChangeOutcome, CompareAndSwap, Reading, Replacement } from '../provider.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { sameSet } from '../value.ts'

/** The sets of a zone, each with the number of the change that has made it. */
export class MemoryStore {
  readonly #compareAndSwap: CompareAndSwap
  readonly #kept = new Map<string, { readonly set: RecordSet; readonly version: string }>()
  #serial = 1

  constructor(compareAndSwap: CompareAndSwap) {
    this.#compareAndSwap = compareAndSwap
  }

  get serial(): number {
    return this.#serial
  }

  sets(): readonly RecordSet[] {
    return [...this.#kept.values()].map(({ set }) => set)
  }

  read({ name, type }: RecordSetName): Reading {
    const kept = this.#kept.get(keyOf({ name, type }))
    return { name, type, set: kept?.set, ...(this.#compareAndSwap === 'etag' ? { version: kept?.version } : {}) }
  }

  /** All of them or none. */
  change(replacements: readonly Replacement[]): ChangeOutcome {
    if (replacements.some(({ expected }) => !this.#isAsExpected(expected))) {
      return { kind: 'conflict', current: replacements.map(({ expected }) => this.read(expected)) }
    }
    this.#serial += 1
    for (const { expected, next } of replacements) this.#write(expected, next)
    return { kind: 'applied', serial: this.#serial }
  }

  put(set: RecordSet): void {
    this.#serial += 1
    this.#write(set, set)
  }

  remove(name: RecordSetName): void {
    this.#serial += 1
    this.#write(name, undefined)
  }

  #write(name: RecordSetName, set: RecordSet | undefined): void {
    if (set) this.#kept.set(keyOf(name), { set, version: String(this.#serial) })
    else this.#kept.delete(keyOf(name))
  }

  #isAsExpected(expected: Reading): boolean {
    const current = this.read(expected)
    if (this.#compareAndSwap === 'none') return true
    return this.#compareAndSwap === 'etag' ? current.version === expected.version : sameSet(current.set, expected.set)
  }
}

function keyOf({ name, type }: RecordSetName): string {
  return `${name} ${type}`
}
