/** Things that go on for some looks before they take effect. */
export class Operations {
  readonly #all = new Map<string, { left: number; readonly apply: () => void; readonly failed: boolean }>()
  #failNext = false

  /** The next one ends badly. */
  failNext(): void {
    this.#failNext = true
  }

  /** @returns its number */
  begin(apply: () => void, looks = 2): string {
    const id = String(1_000 + this.#all.size)
    this.#all.set(id, { left: looks, apply, failed: this.#failNext })
    this.#failNext = false
    return id
  }

  /** @returns undefined where there is none of this number */
  look(id: string): 'running' | 'done' | 'failed' | undefined {
    const operation = this.#all.get(id)
    if (!operation) return undefined
    operation.left -= 1
    if (operation.left > 0) return 'running'
    if (operation.failed) return 'failed'
    if (operation.left === 0) operation.apply()
    return 'done'
  }
}
