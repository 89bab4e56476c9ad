import { randomUUID } from 'node:crypto'
import type { ReloadResult } from '@hotspare/api'
import { type Clock, withDeadline } from '@hotspare/core'
import type { ReloadAnswer, ReloadQuestion } from './messages.ts'

/** Longer than both processes may take for their start, and ports for being given up. */
const ANSWER_MS = 120_000

/** Control's end of the wire to whoever reads the file: asks, and waits for the answer. */
export class ReloadLink {
  readonly #clock: Clock
  readonly #tell: (question: ReloadQuestion) => void
  readonly #waiting = new Map<string, (result: ReloadResult) => void>()

  constructor(options: { readonly clock: Clock; readonly tell: (question: ReloadQuestion) => void }) {
    this.#clock = options.clock
    this.#tell = options.tell
  }

  /** @throws HotspareError `HOTSPARE_CORE_TIMEOUT` where the guard says nothing */
  async ask({ restart }: { readonly restart: boolean }): Promise<ReloadResult> {
    const id = randomUUID()
    const asked = () =>
      new Promise<ReloadResult>((resolve) => {
        this.#waiting.set(id, resolve)
        this.#tell({ type: 'reload', id, restart })
      })
    try {
      return await withDeadline("the guard's answer to a reload", ANSWER_MS, asked, { clock: this.#clock })
    } finally {
      this.#waiting.delete(id)
    }
  }

  heard({ id, result }: ReloadAnswer): void {
    this.#waiting.get(id)?.(result)
  }
}
