import { type Clock, type Logger, withDeadline, errorText } from '@hotspare/core'
import type { WorkerOrder, WorkerReport } from './process/messages.ts'
import type { CountedMetrics } from './traffic-metrics.ts'

/** A worker answers in a millisecond; one that is drowned in work, or not there, is not waited for by people. */
const REPORT_TIMEOUT_MS = 500

export interface WorkerReportsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly tellWorker: (order: WorkerOrder) => void
  /** Whether there is a worker that could answer. */
  readonly mayAnswer: () => boolean
}

/** What the worker says of itself when it is asked, and what it said last when it does not answer. */
export class WorkerReports {
  readonly #options: WorkerReportsOptions
  readonly #waiting = new Map<number, () => void>()
  #lastId = 0
  #last: WorkerReport | undefined
  #metrics: CountedMetrics = []

  constructor(options: WorkerReportsOptions) {
    this.#options = options
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
    const { clock, logger, tellWorker, mayAnswer } = this.#options
    if (!mayAnswer()) return
    const id = (this.#lastId += 1)
    const answered = new Promise<void>((resolve) => this.#waiting.set(id, resolve))
    tellWorker({ type: 'report-wanted', id, withMetrics })
    try {
      await withDeadline('a report of the worker', REPORT_TIMEOUT_MS, () => answered, { clock })
    } catch (error) {
      logger.debug({ error: errorText(error) }, 'the worker did not report')
    } finally {
      this.#waiting.delete(id)
    }
  }

  heard(id: number, report: WorkerReport): void {
    this.#last = report
    if (report.metrics) this.#metrics = report.metrics
    this.#waiting.get(id)?.()
  }
}
