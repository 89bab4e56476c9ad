import { abortReason } from '@hotspare/core'

/**
 * What run after run waits for, and what may never come: a call into a disk that hangs. Whoever gives up leaves nothing behind,
 * where a promise would keep all of them for as long as it is open.
 */
export class SharedWait<Value> {
  readonly #work: Promise<Value>
  readonly #waiting = new Set<() => void>()
  #isOver = false

  constructor(work: Promise<Value>) {
    this.#work = work
    const end = () => {
      this.#isOver = true
      for (const go of this.#waiting) go()
      this.#waiting.clear()
    }
    work.then(end, end)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** @throws what the work throws; the reason of `signal` when it aborts first */
  wait(signal: AbortSignal): Promise<Value> {
    if (this.#isOver) return this.#work
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortReason(signal))
      const leave = () => {
        this.#waiting.delete(go)
        reject(abortReason(signal))
      }
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve(this.#work)
      }
      this.#waiting.add(go)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
