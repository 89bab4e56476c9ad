import { type Clock, errorText, type Timer } from '@hotspare/core'
import { TAKEN_BACK } from './failure.ts'
import { problemOfAnswer } from './given-answer.ts'
import type { PickContext, Picked, PickedAnswer, PickRequest, PickTarget, TargetPick } from './types.ts'

/** What comes of asking for a target. */
export type PickAnswer =
  | { readonly pick: TargetPick }
  /** `error`: not a decision, the picker is broken. `given`: it answers itself. */
  | { readonly pick: undefined; readonly because: string; readonly error?: true; readonly given?: PickedAnswer['answer'] }

/** How one request asks for its targets: at once where the picker answers at once, and else for as long as it may wait. */
export class Picking implements PickContext {
  readonly exclude: Set<string> = new Set()
  readonly request: PickRequest
  readonly #pick: PickTarget
  readonly #clock: Clock
  #controller: AbortController | undefined
  #patience: Timer | undefined
  #ended = false

  constructor(request: PickRequest, { pick, clock }: { readonly pick: PickTarget; readonly clock: Clock }) {
    this.request = request
    this.#pick = pick
    this.#clock = clock
  }

  /** Made when it is asked for: most pickers do not wait. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#ended) this.#controller.abort(TAKEN_BACK)
    return this.#controller.signal
  }

  /**
   * Asks for the next target.
   *
   * @param answer called once; not at all where the request ends first
   */
  next(longestMs: number, answer: (answer: PickAnswer) => void): void {
    let picked: ReturnType<PickTarget>
    try {
      picked = this.#pick(this)
    } catch (error) {
      return answer(broken(error))
    }
    if (picked instanceof Promise) this.#await(picked, longestMs, answer)
    else answer(this.#read(picked))
  }

  /** The request has ended: nobody waits for a target any more. */
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
      answer({ pick: undefined, because: `no target became free within ${longestMs} ms` })
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
    this.exclude.add(picked.target.id)
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
