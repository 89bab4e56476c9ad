import type { Clock } from '@hotspare/core'
import { processDefaults } from './defaults.ts'
import type { KeptChild } from './kept-child.ts'
import type { CertificatesShown, ProcessFacts, WorkerNews, WorkerOrder, WorkerProcessOrder } from './messages.ts'

/** As much of a worker as is needed for its end. */
export type RetiringWorker = Pick<KeptChild<WorkerProcessOrder, WorkerNews | CertificatesShown>, 'facts' | 'tell' | 'end' | 'kill'>

interface Retiree {
  readonly child: RetiringWorker
  /** Which of the bounded places it has, from 1 on; status and metrics name it by that. */
  readonly place: number
  readonly ended: Promise<void>
  /** The targets that still are what they were for it. */
  targets: ReadonlySet<string>
  isCut: boolean
}

export interface RetireesOptions {
  readonly clock: Clock
  readonly retired: (pid: number, because: string, tookMs: number) => void
}

/**
 * Workers that drain beside the one that has followed them: at most so many, the oldest is cut first. What control says of targets
 * reaches them as well, as far as those are still the same; what they count and report is of the past, and reaches nobody.
 */
export class Retirees {
  readonly #options: RetireesOptions
  /** Oldest first. */
  readonly #all = new Set<Retiree>()

  constructor(options: RetireesOptions) {
    this.#options = options
  }

  /**
   * Has a worker drain, and end.
   *
   * @param drainMs how long it may take by its own configuration, in milliseconds
   * @param targets those that still are what they were
   */
  add(child: RetiringWorker, handedOver: readonly string[], drainMs: number, targets: ReadonlySet<string>): void {
    this.narrow(targets)
    const [oldest, ...younger] = [...this.#all].filter(({ isCut }) => !isCut)
    if (oldest && younger.length + 1 >= processDefaults.mostRetiring) this.#cut(oldest)
    const { clock, retired } = this.#options
    const { pid } = child.facts()
    const beganMs = clock.monotonicMs()
    const graceMs = drainMs + processDefaults.idleGraceMs + processDefaults.workerGraceMs
    const ended = child.end({ type: 'retire', handedOver }, graceMs).then(() => {
      this.#all.delete(retiree)
      if (pid !== undefined) retired(pid, child.facts().because ?? 'it had ended before', clock.monotonicMs() - beganMs)
    })
    const retiree: Retiree = { child, place: this.#freePlace(), ended, targets, isCut: false }
    this.#all.add(retiree)
  }

  /** What a target's id stands for has changed for all but these. */
  narrow(same: ReadonlySet<string>): void {
    for (const each of this.#all) each.targets = new Set([...each.targets].filter((id) => same.has(id)))
  }

  /** What control says, as far as it concerns targets that are still the same. */
  tell(order: WorkerOrder): void {
    for (const { child, targets } of this.#all)
      if (!('targetId' in order) || targets.has(order.targetId)) child.tell({ type: 'from-control', order })
  }

  facts(): readonly ProcessFacts[] {
    return [...this.#all].map(({ child, place }) => ({ ...child.facts(), name: `worker-retiring-${place}` }))
  }

  /** Resolves when none is left. */
  async ended(): Promise<void> {
    await Promise.all([...this.#all].map(({ ended }) => ended))
  }

  kill(): void {
    for (const { child } of this.#all) child.kill()
  }

  /** It is told that its time is over, so that its clients are told, too; and killed where it does not follow. */
  #cut(oldest: Retiree): void {
    oldest.isCut = true
    oldest.child.tell({ type: 'cut' })
    const because = `more than ${processDefaults.mostRetiring} workers were draining`
    const timer = this.#options.clock.schedule(processDefaults.workerGraceMs, () => oldest.child.kill(because))
    void oldest.ended.then(() => timer.cancel())
  }

  #freePlace(): number {
    const taken = new Set([...this.#all].map(({ place }) => place))
    let place = 1
    while (taken.has(place)) place += 1
    return place
  }
}
