import { abortReason, type Clock, withDeadline } from '@hotspare/core'
import { READ_ONLY, speaksForItself, sqlState } from './fault.ts'
import type { PostgresTarget } from './options.ts'
import { PostgresSession } from './session.ts'

export interface PostgresSessionsOptions {
  readonly targets: readonly PostgresTarget[]
  readonly maxConnections: number
  readonly clock: Clock
}

/** The few connections of a register: each call borrows one, and one that failed is not used again. */
export class PostgresSessions {
  readonly #options: PostgresSessionsOptions
  readonly #live = new Set<PostgresSession>()
  readonly #idle: PostgresSession[] = []
  readonly #waiting = new Set<() => void>()
  #borrowed = 0
  /** Which of the targets is used. */
  #current = 0
  #closed = false

  constructor(options: PostgresSessionsOptions) {
    this.#options = options
  }

  /**
   * Runs `work` on a connection. Where there are several targets and nothing can have been written (no connection, or
   * a server that takes no writes), it goes on to the next; otherwise the next call does.
   */
  async use<T>(work: (session: PostgresSession) => Promise<T>, signal: AbortSignal, deadlineMs: number): Promise<T> {
    await this.#borrow(signal)
    try {
      for (let left = this.#options.targets.length; ; left--) {
        const session = this.#take()
        let asked = session.usable
        try {
          if (!asked) await this.#connect(session, signal, deadlineMs, left)
          asked = true
          const result = await work(session)
          if (session.usable) this.#idle.push(session)
          return result
        } catch (error) {
          this.#drop(session)
          if (!asked || !speaksForItself(error)) this.#moveOn(session.target)
          if (left <= 1 || signal.aborted || this.#closed || (asked && sqlState(error) !== READ_ONLY)) throw error
        }
      }
    } finally {
      this.#giveBack()
    }
  }

  /** Cuts all connections, those in use too. */
  close(): void {
    this.#closed = true
    for (const session of this.#live) this.#drop(session)
  }

  #take(): PostgresSession {
    if (this.#closed) throw new Error('it is closed')
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.usable) return idle
      this.#drop(idle)
    }
    const { targets } = this.#options
    const target = targets[this.#current % targets.length]
    if (!target) throw new Error('it has no target')
    const session = new PostgresSession(target)
    this.#live.add(session)
    return session
  }

  /** Each target that is left gets an even share of the time that is left. */
  async #connect(session: PostgresSession, signal: AbortSignal, deadlineMs: number, left: number): Promise<void> {
    const { clock, targets } = this.#options
    const { host, port } = session.target
    const shareMs = Math.max(1, Math.floor((deadlineMs - clock.monotonicMs()) / left))
    const open = async (inner: AbortSignal) => {
      await session.connect(inner)
      if (targets.length === 1) return
      const { results } = await session.run('SELECT pg_is_in_recovery()::text AS standby', inner)
      if (results[0]?.rows[0]?.standby !== 'false') throw new Error(`${host}:${port} is a standby`)
    }
    await withDeadline(`connect to ${host}:${port}`, shareMs, open, { signal, clock })
  }

  #drop(session: PostgresSession): void {
    this.#live.delete(session)
    session.destroy()
  }

  /** Leaves a target that failed, once, however many calls have failed with it; its other connections go too. */
  #moveOn(failed: PostgresTarget): void {
    const { targets } = this.#options
    if (targets[this.#current % targets.length] !== failed) return
    this.#current = (this.#current + 1) % targets.length
    for (const session of this.#idle.splice(0)) this.#drop(session)
  }

  async #borrow(signal: AbortSignal): Promise<void> {
    if (this.#borrowed < this.#options.maxConnections) {
      this.#borrowed++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        this.#waiting.delete(go)
        reject(abortReason(signal))
      }
      this.#waiting.add(go)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** Hands the place to whoever has waited longest. */
  #giveBack(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#borrowed--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
