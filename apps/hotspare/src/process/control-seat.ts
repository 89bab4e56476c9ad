import type { Server } from 'node:net'
import { type Clock, type Logger, type Random, withDeadline } from '@hotspare/core'
import type { ConfigSource } from './config-source.ts'
import { processDefaults } from './defaults.ts'
import { KeptChild } from './kept-child.ts'
import {
  type ControlNews,
  type ControlOrder,
  isControlNews,
  type LastWord,
  type LeftTimeline,
  type ProcessFacts,
  PROTOCOL,
} from './messages.ts'

type Send = (order: ControlOrder | { readonly type: 'socket'; readonly name: string }, socket?: Server) => void

export interface ControlSeatOptions {
  readonly program: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly version: string
  /** Gives a control what it begins with. */
  readonly begin: (send: Send) => void
  readonly hear: (news: ControlNews) => void
  readonly alive: () => void
  readonly ended: (because: string) => void
  readonly startedAgain: (pid: number, restarts: number) => void
}

/** A control that could be started, and waits for the seat. */
export interface Successor {
  readonly child: KeptChild<ControlOrder, ControlNews>
  isSeated: boolean
}

/**
 * The control that counts. Another one can follow it: it shows first that it could be started, then the last one ends, and only then
 * does it begin, with all that the last one has said. So nobody is asked or alerted by two of them, and for that moment it is as if
 * control had died: the worker serves on with what it knows.
 */
export class ControlSeat {
  readonly #options: ControlSeatOptions
  #current: Successor

  constructor(options: ControlSeatOptions) {
    this.#options = options
    this.#current = this.#make(undefined)
  }

  /** Whether anybody hears what is told. */
  get isThere(): boolean {
    return this.#current.isSeated && this.#current.child.isThere
  }

  facts(): ProcessFacts {
    return this.#current.child.facts()
  }

  /** @throws HotspareError what a first control says is wrong */
  start(): Promise<void> {
    return this.#current.child.start()
  }

  tell(order: ControlOrder): void {
    this.#current.child.tell(order)
  }

  /** Starts a process that could follow. @throws HotspareError what it says is wrong, or that it takes too long; nothing stays then */
  async rehearse(source: ConfigSource, { signal }: { readonly signal: AbortSignal }): Promise<Successor> {
    const { clock } = this.#options
    const successor = this.#make(source)
    try {
      await withDeadline('the new control', processDefaults.startTimeoutMs, () => successor.child.start(), { clock, signal })
      return successor
    } catch (error) {
      successor.child.kill('it has not shown that it can be started')
      throw error
    }
  }

  /** Ends the current one, and begins with the other. Whatever is told meanwhile is lost. */
  async follow(successor: Successor): Promise<void> {
    const last = this.#current
    this.#current = successor
    await last.child.end({ type: 'retire' }, processDefaults.controlRetireMs)
    successor.isSeated = true
    successor.child.beginAgain()
  }

  end(order: ControlOrder, graceMs: number): Promise<void> {
    return this.#current.child.end(order, graceMs)
  }

  kill(): void {
    this.#current.child.kill()
  }

  /** @param rehearsal what it has to show; undefined: it begins at once */
  #make(rehearsal: ConfigSource | undefined): Successor {
    const { program, clock, random, logger, version, begin, hear, alive, ended, startedAgain } = this.#options
    const isCurrent = () => this.#current === made && made.isSeated
    const child = new KeptChild<ControlOrder, ControlNews>({
      role: 'control',
      program,
      clock,
      random,
      logger,
      begin(send) {
        if (rehearsal && !made.isSeated) send({ type: 'rehearse', source: rehearsal, version, protocol: PROTOCOL })
        else begin(send)
      },
      isNews: isControlNews,
      // The last words of one that ends count as well: what comes next begins with them.
      hear: (news) => {
        if (isCurrent() || (made.isSeated && isLastWord(news))) hear(news)
      },
      alive: () => {
        if (isCurrent()) alive()
      },
      ended: (because) => {
        if (isCurrent()) ended(because)
      },
      startedAgain: (pid, restarts) => {
        if (isCurrent()) startedAgain(pid, restarts)
      },
    })
    const made: Successor = { child, isSeated: rehearsal === undefined }
    return made
  }
}

const LAST_WORDS: ReadonlySet<string> = new Set<(LastWord | LeftTimeline)['type']>([
  'admin-set',
  'alert-firing',
  'job-reported',
  'timeline-left',
])

function isLastWord({ type }: ControlNews): boolean {
  return LAST_WORDS.has(type)
}
