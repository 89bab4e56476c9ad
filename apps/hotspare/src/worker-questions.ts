import { type Clock, errorText, type Logger, withDeadline } from '@hotspare/core'

/** A worker answers in a millisecond; one that is drowned in work, or not there, is not waited for by people. */
const ANSWER_TIMEOUT_MS = 500

export interface WorkerQuestionsOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Whether there is a worker that could answer. */
  readonly mayAnswer: () => boolean
}

/** What the worker is asked, until it has answered or nobody waits any more. */
export class WorkerQuestions<Answer> {
  readonly #options: WorkerQuestionsOptions
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0

  constructor(options: WorkerQuestionsOptions) {
    this.#options = options
  }

  /**
   * Asks. Never rejects.
   *
   * @param what for the log: `a report of the worker`
   * @param send tells the worker, with the id that it answers to
   * @returns undefined where nobody has answered in time
   */
  async ask(what: string, send: (id: number) => void): Promise<{ readonly answer: Answer } | undefined> {
    const { clock, logger, mayAnswer } = this.#options
    if (!mayAnswer()) return undefined
    const id = (this.#lastId += 1)
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    send(id)
    try {
      return { answer: await withDeadline(what, ANSWER_TIMEOUT_MS, () => answered, { clock }) }
    } catch (error) {
      logger.debug({ error: errorText(error) }, 'the worker did not answer')
      return undefined
    } finally {
      this.#waiting.delete(id)
    }
  }

  heard(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer)
  }
}
