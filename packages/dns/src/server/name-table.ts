import { hashName, LOWER } from './wire-name.ts'

const EMPTY = -1

/** A name on the wire, in lower case, without the root; and what belongs to it. */
export type NameEntry<Value> = readonly [name: Uint8Array, value: Value]

/**
 * What belongs to each of some names, found from the bytes of a message without making anything: no string, no view. It never
 * changes; a new one takes its place.
 */
export class NameTable<Value> {
  readonly #index: NameIndex
  readonly #values: readonly (Value | undefined)[]

  /** @param entries each name once; with `base`, names that are there, which get other values */
  constructor(entries: readonly NameEntry<Value>[], base?: NameTable<Value>) {
    this.#index = base ? base.#index : new NameIndex(entries.map(([name]) => name))
    const values = base ? [...base.#values] : Array.from({ length: this.#index.slots }, (): Value | undefined => undefined)
    for (const [name, value] of entries) {
      const slot = this.#index.slotOf(name, 0, name.length, hashName(name))
      if (slot !== EMPTY) values[slot] = value
    }
    this.#values = values
  }

  /** @param hash of the name in lower case, which stands at `start` in any letter case and ends before its root at `end` */
  find(message: Uint8Array, start: number, end: number, hash: number): Value | undefined {
    const slot = this.#index.slotOf(message, start, end, hash)
    return slot === EMPTY ? undefined : this.#values[slot]
  }

  /** The same names, some of which have other values: much quicker than all of them anew. */
  replaced(entries: readonly NameEntry<Value>[]): NameTable<Value> {
    return new NameTable(entries, this)
  }
}

/** Where the value of each name is kept. */
class NameIndex {
  readonly slots: number
  readonly #mask: number
  readonly #hashes: Int32Array
  /** Where in `#keys` the name of a slot begins, and how long it is. */
  readonly #starts: Int32Array
  readonly #lengths: Uint8Array
  readonly #keys: Uint8Array

  constructor(names: readonly Uint8Array[]) {
    // At most half full: a name that is not there is mostly known from the first slot.
    this.slots = 2 ** Math.ceil(Math.log2(Math.max(4, names.length * 2)))
    this.#mask = this.slots - 1
    this.#hashes = new Int32Array(this.slots)
    this.#starts = new Int32Array(this.slots).fill(EMPTY)
    this.#lengths = new Uint8Array(this.slots)
    this.#keys = new Uint8Array(names.reduce((sum, { length }) => sum + length, 0))
    let start = 0
    for (const name of names) {
      const hash = hashName(name)
      let slot = firstSlot(hash) & this.#mask
      while (this.#starts[slot] !== EMPTY) slot = (slot + 1) & this.#mask
      this.#hashes[slot] = hash
      this.#starts[slot] = start
      this.#lengths[slot] = name.length
      this.#keys.set(name, start)
      start += name.length
    }
  }

  /** @returns `EMPTY` for a name that is not there */
  slotOf(message: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start
    for (let slot = firstSlot(hash) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const key = this.#starts[slot]!
      if (key === EMPTY) return EMPTY
      if (this.#hashes[slot] === hash && this.#lengths[slot] === length && this.#isAt(message, start, key, length)) return slot
    }
  }

  #isAt(message: Uint8Array, start: number, key: number, length: number): boolean {
    const keys = this.#keys
    for (let index = 0; index < length; index++) {
      if (LOWER[message[start + index]!] !== keys[key + index]) return false
    }
    return true
  }
}

/** The upper bits of a hash are the better ones. */
function firstSlot(hash: number): number {
  return hash ^ (hash >>> 15)
}
