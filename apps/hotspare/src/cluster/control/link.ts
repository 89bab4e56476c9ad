import { randomUUID } from 'node:crypto'
import { assertNever, type Clock, HotspareError, withDeadline } from '@hotspare/core'
import type { Command, CommandResult } from '@hotspare/failover'
import type { ClusterEvent } from '../events.ts'
import type { ClusterAnswer, ClusterNews, ClusterOrder, ClusterQuestion, ClusterView, QuestionId } from '../messages.ts'
import type { PeopleWord } from '../people-files.ts'
import type { SiteWordResult } from '../sites/desk.ts'

export interface ControlLinkOptions {
  readonly clock: Clock
  readonly tell: (order: ClusterOrder) => void
  readonly record: (event: ClusterEvent) => void
}

/** A command may wait for another one, and then for a lease that runs out. */
const ANSWER_MS = 120_000
/** Far more than people ask at once; what a script that has gone wild asks beyond it is refused. */
const MOST_QUESTIONS = 100

/** Control's end of the wire to the guard's cluster part: keeps the last view, and asks what people ask. */
export class ControlLink {
  readonly #options: ControlLinkOptions
  readonly #questions = new Map<QuestionId, (answer: ClusterAnswer) => void>()
  #view: ClusterView | undefined

  constructor(options: ControlLinkOptions) {
    this.#options = options
  }

  /** As the guard told it last; undefined before that. */
  get view(): ClusterView | undefined {
    return this.#view
  }

  hear(news: Exclude<ClusterNews, { readonly type: 'votes' }>): void {
    switch (news.type) {
      case 'view':
        this.#view = news.view
        return
      case 'event':
        return this.#options.record(news.event)
      case 'answer': {
        const settle = this.#questions.get(news.id)
        this.#questions.delete(news.id)
        return settle?.(news.answer)
      }
      default:
        return assertNever(news)
    }
  }

  /** @throws HotspareError what the guard throws; `HOTSPARE_CORE_TIMEOUT`; `HOTSPARE_APP_CLUSTER` while too much is asked */
  async command(
    service: string,
    command: Command,
    { force = false }: { readonly force?: boolean | undefined } = {},
  ): Promise<CommandResult> {
    const answer = await this.#ask({ type: 'command', service, command, force })
    return answer.type === 'command' ? answer.result : misunderstood(answer)
  }

  /** @throws as `command` */
  async plan(service: string, command: Command): Promise<Extract<ClusterAnswer, { readonly type: 'plan' }>> {
    const answer = await this.#ask({ type: 'plan', service, command })
    return answer.type === 'plan' ? answer : misunderstood(answer)
  }

  /** @returns whether the word stood before @throws as `command` */
  async setWord(
    word: PeopleWord,
    because: string | undefined,
    { force = false }: { readonly force?: boolean | undefined } = {},
  ): Promise<boolean> {
    const answer = await this.#ask({ type: 'people', word, because, force })
    return answer.type === 'people' ? answer.was : misunderstood(answer)
  }

  /** @returns also a refusal @throws as `command` */
  async setSite(site: string, because: string | undefined, options: { readonly force: boolean }): Promise<SiteWordResult> {
    const answer = await this.#ask({ type: 'site', site, because, force: options.force })
    return answer.type === 'site' ? answer.result : misunderstood(answer)
  }

  async #ask(question: ClusterQuestion): Promise<ClusterAnswer> {
    if (this.#questions.size >= MOST_QUESTIONS) {
      const message = `control: ${MOST_QUESTIONS} questions wait for an answer of the guard: ask again when they are answered`
      throw new HotspareError({ code: 'HOTSPARE_APP_CLUSTER', message, retryable: true })
    }
    const id = randomUUID()
    const asked = () =>
      new Promise<ClusterAnswer>((resolve) => {
        this.#questions.set(id, resolve)
        this.#options.tell({ type: 'question', id, question })
      })
    try {
      return await withDeadline(`the guard's answer to a question (${question.type})`, ANSWER_MS, asked, { clock: this.#options.clock })
    } finally {
      this.#questions.delete(id)
    }
  }
}

function misunderstood(answer: ClusterAnswer): never {
  if (answer.type === 'failed') {
    const { code, message, retryable } = answer
    throw new HotspareError({ code, message, retryable })
  }
  throw new HotspareError({ code: 'HOTSPARE_APP_CLUSTER', message: `the guard answered something else than it was asked: ${answer.type}` })
}
