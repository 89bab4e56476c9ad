import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { systemClock } from '@hotspare/core'

const FLUSH_MS = 20

/** Writes values as lines of JSON to a file, several at a time. What a process recorded last before it is killed may be lost. */
export function createRecorder(file: string): (value: object) => void {
  const descriptor = openSync(file, 'a')
  let lines = ''
  const flush = () => {
    writeSync(descriptor, lines)
    lines = ''
  }
  return (value) => {
    if (lines === '') systemClock.schedule(FLUSH_MS, flush)
    lines += `${JSON.stringify(value)}\n`
  }
}

/** Reads what recorders have written to a file so far. */
export class Recording<T> {
  readonly #file: string
  readonly #values: T[] = []
  #offset = 0
  #rest = ''

  constructor(file: string) {
    this.#file = file
  }

  /** All values up to now. */
  values(): readonly T[] {
    const descriptor = openSync(this.#file, 'a+')
    try {
      const chunk = Buffer.alloc(65_536)
      for (let length = 1; length > 0; this.#offset += length) {
        length = readSync(descriptor, chunk, 0, chunk.length, this.#offset)
        // Nothing but ASCII is ever recorded.
        const lines = (this.#rest + chunk.toString('latin1', 0, length)).split('\n')
        this.#rest = lines.pop() ?? ''
        for (const line of lines) {
          const value: T = JSON.parse(line)
          this.#values.push(value)
        }
      }
    } finally {
      closeSync(descriptor)
    }
    return this.#values
  }
}
