/** Where the progress goes: a terminal or a log. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Says what is done now: a line that is written over on a terminal, one plain line for each step elsewhere. */
export class Progress {
  readonly #screen: Screen

  constructor(screen: Screen) {
    this.#screen = screen
  }

  step(line: string): void {
    if (this.#screen.isTTY) this.#screen.write(`\r\u001B[2K${line.slice(0, (this.#screen.columns ?? 80) - 1)}`)
    else this.#screen.write(`${line}\n`)
  }

  end(): void {
    if (this.#screen.isTTY) this.#screen.write('\r\u001B[2K')
  }
}
