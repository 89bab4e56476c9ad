import type { OutlierTarget } from './state.ts'

/** As the root of the most targets that a pool may have: neither the rows nor their list is long. */
const ROW = 100

/**
 * The targets of a pool by their ids, in their order. A table never changes: `with` makes another, which shares all rows but
 * one with it. A map would be copied as a whole for each failed request, and failures come in storms.
 */
export class TargetTable {
  readonly #places: ReadonlyMap<string, number>
  readonly #rows: readonly (readonly OutlierTarget[])[]

  private constructor(places: ReadonlyMap<string, number>, rows: readonly (readonly OutlierTarget[])[]) {
    this.#places = places
    this.#rows = rows
  }

  /** @param entries each id once */
  static of(entries: readonly (readonly [id: string, target: OutlierTarget])[]): TargetTable {
    const places = new Map(entries.map(([id], place) => [id, place]))
    const targets = entries.map(([, target]) => target)
    const rows = Array.from({ length: Math.ceil(targets.length / ROW) }, (_, row) => targets.slice(row * ROW, (row + 1) * ROW))
    return new TargetTable(places, rows)
  }

  get size(): number {
    return this.#places.size
  }

  get(id: string): OutlierTarget | undefined {
    const place = this.#places.get(id)
    return place === undefined ? undefined : this.#rows[Math.floor(place / ROW)]?.[place % ROW]
  }

  ids(): Iterable<string> {
    return this.#places.keys()
  }

  values(): readonly OutlierTarget[] {
    return this.#rows.flat()
  }

  /** Another table, in which a target that is in this one is another; this table where it is not. */
  with(id: string, target: OutlierTarget): TargetTable {
    const place = this.#places.get(id)
    const row = place === undefined ? undefined : this.#rows[Math.floor(place / ROW)]
    if (place === undefined || !row) return this
    return new TargetTable(this.#places, this.#rows.with(Math.floor(place / ROW), row.with(place % ROW, target)))
  }

  /** Another table, of what `change` makes of each target. */
  map(change: (target: OutlierTarget, id: string) => OutlierTarget): TargetTable {
    return TargetTable.of([...this.#places.keys()].map((id) => [id, change(this.get(id)!, id)]))
  }

  some(fits: (target: OutlierTarget) => boolean): boolean {
    return this.#rows.some((row) => row.some((target) => fits(target)))
  }

  /** How many of the targets fit, the one of this id left out. */
  countOthers(id: string, fits: (target: OutlierTarget) => boolean): number {
    return this.#countOthers(id, fits, Number.POSITIVE_INFINITY)
  }

  /** Whether any of them fits, the one of this id left out. */
  hasOther(id: string, fits: (target: OutlierTarget) => boolean): boolean {
    return this.#countOthers(id, fits, 1) > 0
  }

  #countOthers(id: string, fits: (target: OutlierTarget) => boolean, enough: number): number {
    const own = this.#places.get(id) ?? -1
    let count = 0
    let place = 0
    for (const row of this.#rows) {
      for (const target of row) {
        if (place++ !== own && fits(target)) count++
        if (count >= enough) return count
      }
    }
    return count
  }
}
