import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measurement } from '../takeover/scenario.ts'

/** What one round came to: a measurement, or the reason why there is none. */
export type Round = { readonly at: string } & ({ readonly measured: Measurement } | { readonly failed: string })

/** All rounds of one system under one fault. */
export interface Cell {
  readonly system: string
  readonly fault: string
  /** Of the system's settings: what was measured with others does not count. */
  readonly settings: string
  readonly rounds: readonly Round[]
}

/** Names settings by their content. */
export function settingsId(files: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
}

/** A folder of cells, one file for each, so that a long comparison can be taken in pieces. */
export class Results {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  all(): readonly Cell[] {
    const files = readdirSync(this.#folder).filter((file) => file.endsWith('.json'))
    return files.map((file) => JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as Cell)
  }

  /** Replaces the cell of that system and fault. A run that is killed meanwhile leaves the one before. */
  write(cell: Cell): void {
    const file = join(this.#folder, `${cell.system}.${cell.fault}.json`)
    writeFileSync(`${file}.new`, `${JSON.stringify(cell, undefined, 1)}\n`)
    renameSync(`${file}.new`, file)
  }
}
