import { Slots } from '../slots.ts'
import type { TargetContext } from './context.ts'
import { type ConnectionOwner, TargetConnection, type TargetUser } from './target-connection.ts'
import type { TargetAddress } from './target-socket.ts'

/** An attempt that waits at a target and can be asked to go elsewhere. */
export interface WaitingAttempt {
  abandonIfRepeatable(because: string): void
}

/** The connections to one target, and the attempts that are under way there. */
export class TargetPool implements ConnectionOwner {
  readonly url: string
  readonly attempts: Slots<WaitingAttempt> = new Slots()
  readonly #context: TargetContext
  readonly #address: TargetAddress
  readonly #open = new Set<TargetConnection>()
  /** The one that was used last is used next, so that those that are not needed time out. */
  readonly #idle: TargetConnection[] = []
  /** For a free connection, in order. */
  readonly #waiting = new Set<TargetUser>()
  #retired = false

  constructor(context: TargetContext, url: string, address: TargetAddress) {
    this.#context = context
    this.url = url
    this.#address = address
  }

  /**
   * Finds a connection, at once or later; the user hears of it.
   *
   * @param fresh not one that has been used before
   * @returns false where too many wait already
   */
  connect(user: TargetUser, fresh: boolean): boolean {
    const idle = fresh ? undefined : this.#takeIdle()
    const { maxConnectionsPerTarget, maxWaitingPerTarget } = this.#context.settings
    if (!idle && this.#open.size >= maxConnectionsPerTarget) this.#idle[0]?.destroy()
    if (idle) idle.use(user)
    else if (this.#open.size < maxConnectionsPerTarget) this.#connect(user)
    else if (this.#waiting.size < maxWaitingPerTarget) this.#waiting.add(user)
    else return false
    return true
  }

  /** How many requests wait for a connection. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether a connection that has been used before is at hand. */
  get hasIdle(): boolean {
    return this.#idle.length > 0
  }

  /** Does not wait for a connection any more. */
  leave(user: TargetUser): void {
    this.#waiting.delete(user)
  }

  freed(connection: TargetConnection): void {
    const next = this.#nextWaiting()
    if (next) connection.use(next)
    else if (this.#retired) connection.destroy()
    else this.#idle.push(connection)
  }

  gone(connection: TargetConnection): void {
    this.#open.delete(connection)
    const place = this.#idle.indexOf(connection)
    if (place >= 0) this.#idle.splice(place, 1)
    const next = this.#nextWaiting()
    if (next) this.#connect(next)
  }

  /** What is under way may finish; nothing is kept. */
  retire(): void {
    this.#retired = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  close(): void {
    this.#retired = true
    this.#waiting.clear()
    for (const connection of this.#open) connection.destroy()
  }

  get empty(): boolean {
    return this.#open.size === 0
  }

  #takeIdle(): TargetConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop()
      if (!connection || connection.usable) return connection
      connection.destroy()
    }
  }

  #nextWaiting(): TargetUser | undefined {
    for (const user of this.#waiting) {
      this.#waiting.delete(user)
      return user
    }
    return undefined
  }

  #connect(user: TargetUser): void {
    this.#open.add(new TargetConnection(this.#context, this.#address, this, user))
  }
}
