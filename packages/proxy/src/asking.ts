import { type Clock, errorText, type Timer } from '@hotspare/core'
import { TAKEN_BACK } from './failure.ts'
import { problemOfAnswer } from './given-answer.ts'
import type { Picked, PickedAnswer, TargetPick } from './types.ts'

/** What comes of asking for a target. */
export type PickAnswer =
  | { readonly pick: TargetPick }
  /** `error`: not a decision, the picker is broken. `given`: it answers itself. */
  | { readonly pick: undefined; readonly because: string; readonly error?: true; readonly given?: PickedAnswer['answer'] }

/** How somebody asks for targets: at once where the picker answers at once, and else for as long as may be waited. */
export abstract class Asking {
  readonly #clock: Clock
  #controller: AbortController | undefined
  #patience: Timer | undefined
  #ended = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls the picker; what that throws is the picker's fault. */
  protected abstract ask(): Picked | Promise<Picked>
  /** This target is about to be tried. */
  protected abstract found(targetId: string): void
  /** What is said where the picker has not answered within that time. */
  protected abstract lateness(longestMs: number): string

  /** Made when it is asked for: most pickers do not wait. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#ended) this.#controller.abort(TAKEN_BACK)
    return this.#controller.signal
  }

  /**
   * Asks for the next target.
   *
   * @param answer called once; not at all where `end` comes first
   */
  next(longestMs: number, answer: (answer: PickAnswer) => void): void {
    let picked: Picked | Promise<Picked>
    try {
      picked = this.ask()
    } catch (error) {
      return answer(broken(error))
    }
    if (picked instanceof Promise) this.#await(picked, longestMs, answer)
    else answer(this.#read(picked))
  }

  /** Nobody waits for a target any more. */
  end(): void {
    this.#ended = true
    this.#patience?.cancel()
    this.#controller?.abort(TAKEN_BACK)
  }

  #await(promise: Promise<Picked>, longestMs: number, answer: (answer: PickAnswer) => void): void {
    const settle = (tell: () => PickAnswer): void => {
      if (this.#ended) return
      this.#patience?.cancel()
      answer(tell())
    }
    this.#patience = this.#clock.schedule(longestMs, () => {
      this.end()
      answer({ pick: undefined, because: this.lateness(longestMs) })
    })
    promise.then(
      (picked) => {
        // Nobody is there any more to use it.
        if (this.#ended && picked && 'target' in picked) picked.done()
        settle(() => this.#read(picked))
      },
      (error: unknown) => settle(() => broken(error)),
    )
  }

  #read(picked: Picked): PickAnswer {
    if (!picked) return { pick: undefined, because: 'no target may be used' }
    if ('refused' in picked) return { pick: undefined, because: picked.refused }
    if ('answer' in picked) return readAnswer(picked)
    this.found(picked.target.id)
    return { pick: picked }
  }
}

/** One that would break the head, or contradict the body, is not written: the picker is at fault. */
function readAnswer({ answer }: PickedAnswer): PickAnswer {
  const problem = problemOfAnswer(answer)
  if (problem !== undefined) return broken(`its answer cannot be written: ${problem}`)
  return { pick: undefined, because: answer.reason, given: answer }
}

function broken(error: unknown): PickAnswer {
  return { pick: undefined, because: `the picker failed: ${errorText(error)}`, error: true }
}
