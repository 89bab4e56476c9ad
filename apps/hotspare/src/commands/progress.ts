/** Shows that something goes on: a line that moves on a terminal, a line for each step elsewhere. */
export interface Progress {
  step(title: string): void
  /** From now on, `read` says how far it is. */
  show(read: () => string): void
  end(): void
}

const REDRAW_MS = 200
const CLEAR_LINE = '\r\u001B[2K'

export function createProgress(output: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined }): Progress {
  const moving = output.isTTY === true
  const startedMs = performance.now()
  let title = 'undisturbed load'
  let read: (() => string) | undefined
  const line = () => `${String(Math.round((performance.now() - startedMs) / 1_000)).padStart(3)} s  ${title}: ${read?.() ?? ''}`
  const timer = moving ? setInterval(() => output.write(`${CLEAR_LINE}${line()}`), REDRAW_MS) : undefined
  return {
    step(next) {
      // The line of the step that has ended stays.
      output.write(moving ? `${CLEAR_LINE}${line()}\n` : `${line()}\n`)
      title = next
    },
    show(next) {
      read = next
    },
    end() {
      clearInterval(timer)
      output.write(moving ? `${CLEAR_LINE}${line()}\n` : `${line()}\n`)
    },
  }
}
