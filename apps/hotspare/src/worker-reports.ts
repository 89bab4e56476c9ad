import type { WorkerOrder, WorkerReport } from './process/messages.ts'
import type { CountedMetrics } from './traffic-metrics.ts'
import { WorkerQuestions, type WorkerQuestionsOptions } from './worker-questions.ts'

export interface WorkerReportsOptions extends WorkerQuestionsOptions {
  readonly tellWorker: (order: WorkerOrder) => void
}

/** What the worker says of itself when it is asked, and what it said last when it does not answer. */
export class WorkerReports {
  readonly #tellWorker: WorkerReportsOptions['tellWorker']
  readonly #questions: WorkerQuestions<WorkerReport>
  #last: WorkerReport | undefined
  #metrics: CountedMetrics = []

  constructor(options: WorkerReportsOptions) {
    this.#tellWorker = options.tellWorker
    this.#questions = new WorkerQuestions(options)
  }

  /** Undefined until a worker has answered. */
  get last(): WorkerReport | undefined {
    return this.#last
  }

  /** As they came with the last report that had them. */
  get metrics(): CountedMetrics {
    return this.#metrics
  }

  /** Asks, and resolves when `last` is the answer, or there is none. Never rejects. */
  async ask({ withMetrics }: { readonly withMetrics: boolean }): Promise<void> {
    await this.#questions.ask('a report of the worker', (id) => this.#tellWorker({ type: 'report-wanted', id, withMetrics }))
  }

  heard(id: number, report: WorkerReport): void {
    this.#last = report
    if (report.metrics) this.#metrics = report.metrics
    this.#questions.heard(id, report)
  }
}
