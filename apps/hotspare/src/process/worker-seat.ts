import type { Server } from 'node:net'
import { type Clock, type Logger, type Random, withDeadline } from '@hotspare/core'
import type { ServerCertificate } from '@hotspare/proxy'
import type { Config } from '../config/config.ts'
import type { BoundSocket } from './bound-socket.ts'
import { processDefaults } from './defaults.ts'
import { KeptChild } from './kept-child.ts'
import {
  type CertificatesShown,
  isCertificatesShown,
  isWorkerNews,
  type ProcessFacts,
  type WorkerNews,
  type WorkerOrder,
  type WorkerProcessOrder,
} from './messages.ts'
import { Retirees } from './retirees.ts'

type Send = (order: WorkerProcessOrder | { readonly type: 'socket'; readonly name: string }, socket?: Server) => void

/** What a worker works by. */
export interface WorkerTerms {
  readonly config: Config
  readonly sockets: ReadonlyMap<string, BoundSocket>
  /** The targets that were the same before: what is known of them holds for this worker, too. Undefined: all */
  readonly sameTargets?: ReadonlySet<string> | undefined
}

/** What one worker has shown so far, by proxy: its next life begins with it where the files have become useless. */
export type ShownCertificates = ReadonlyMap<string, readonly ServerCertificate[]>

export interface WorkerSeatOptions {
  readonly program: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Gives a worker what it begins with. @param knows whether what is held of a target holds for this worker */
  readonly begin: (send: Send, terms: WorkerTerms, knows: (targetId: string) => boolean, shown: ShownCertificates) => void
  /** @param serves whether it is the worker that serves who says it */
  readonly hear: (news: WorkerNews, serves: boolean) => void
  readonly ended: (because: string) => void
  readonly startedAgain: (pid: number, restarts: number) => void
  readonly retired: (pid: number, because: string, tookMs: number) => void
}

interface Seated {
  readonly child: KeptChild<WorkerProcessOrder, WorkerNews | CertificatesShown>
  readonly terms: WorkerTerms
}

/**
 * The worker that serves, if there is anything to serve. Another one follows it once it listens beside it, on the same sockets; from
 * then on the last one drains.
 */
export class WorkerSeat {
  readonly #options: WorkerSeatOptions
  readonly #retirees: Retirees
  #current: Seated | undefined
  #candidate: Seated | undefined

  constructor(options: WorkerSeatOptions) {
    this.#options = options
    this.#retirees = new Retirees(options)
  }

  /** The one that serves, and those that drain. */
  facts(): readonly ProcessFacts[] {
    return [...(this.#current ? [this.#current.child.facts()] : []), ...this.#retirees.facts()]
  }

  /** The first one. @throws HotspareError what it says is wrong */
  async start(terms: WorkerTerms): Promise<void> {
    this.#current = this.#make(terms)
    await this.#current?.child.start()
  }

  /** Starts another one beside. @throws HotspareError what it says is wrong, or that it takes too long; nothing stays then */
  async prepare(terms: WorkerTerms, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const candidate = this.#make(terms)
    this.#candidate = candidate
    try {
      const { clock } = this.#options
      await withDeadline('the new worker', processDefaults.startTimeoutMs, async () => candidate?.child.start(), { clock, signal })
      signal.throwIfAborted()
    } catch (error) {
      candidate?.child.kill('it has not shown that it can serve')
      this.#candidate = undefined
      throw error
    }
  }

  /** What was prepared serves from now on, and the last one drains. @param handedOver its proxies whose port goes on */
  follow(handedOver: readonly string[], sameTargets: ReadonlySet<string>): void {
    const last = this.#current
    this.#current = this.#candidate
    this.#candidate = undefined
    if (last) this.#retirees.add(last.child, handedOver, longestDrainMs(last.terms.config), sameTargets)
  }

  /** What concerns targets reaches all of them, and questions the one that serves. */
  tell(order: WorkerOrder): void {
    this.#current?.child.tell({ type: 'from-control', order })
    if ('id' in order) return
    // One that is being started began with what was known then.
    if (!('targetId' in order)) this.#candidate?.child.tell({ type: 'from-control', order })
    else if (this.#candidate && knows(this.#candidate.terms, order.targetId)) this.#candidate.child.tell({ type: 'from-control', order })
    this.#retirees.tell(order)
  }

  /** Drains, and ends what drains already in its time. */
  async end(because: string): Promise<void> {
    const graceMs = this.#current ? longestDrainMs(this.#current.terms.config) + processDefaults.workerGraceMs : 0
    await Promise.all([this.#current?.child.end({ type: 'stop', because }, graceMs), this.#retirees.ended()])
  }

  kill(): void {
    this.#candidate?.child.kill()
    this.#retirees.kill()
    this.#current?.child.kill()
  }

  /** @returns nothing where there is nothing to serve */
  #make(terms: WorkerTerms): Seated | undefined {
    const { program, clock, random, logger, begin, hear, ended, startedAgain } = this.#options
    if (!needsWorker(terms.config)) return undefined
    const serves = () => this.#current === made
    const shown = new Map<string, readonly ServerCertificate[]>()
    const child = new KeptChild<WorkerProcessOrder, WorkerNews | CertificatesShown>({
      role: 'worker',
      program,
      clock,
      random,
      logger,
      // What is held when it serves is of its own targets.
      begin: (send) => begin(send, terms, (targetId) => serves() || knows(terms, targetId), shown),
      isNews: isWorkerNews,
      hear(news) {
        if (isCertificatesShown(news)) shown.set(news.proxy, news.certificates)
        else hear(news, serves())
      },
      alive: () => {},
      ended,
      startedAgain,
    })
    const made: Seated = { child, terms }
    return made
  }
}

/** Whether there is anything to serve: requests, or names. */
export function needsWorker({ proxies, dns }: Pick<Config, 'proxies' | 'dns'>): boolean {
  return proxies.length > 0 || dns?.server !== undefined
}

function knows({ sameTargets }: WorkerTerms, targetId: string): boolean {
  return sameTargets?.has(targetId) ?? true
}

function longestDrainMs({ proxies }: Config): number {
  return Math.max(0, ...proxies.map(({ timeouts }) => timeouts.drainMs))
}
